"""Whatever somebody elsewhere may send: strategies for JSON as it comes, and for documents that are nearly right.

Values that mean something to our readers (ids, the public address, dates, HTML) stand among those that mean nothing,
since chance alone never gets past the first check.
"""

from typing import Any

from hypothesis import strategies as st

from tests.remote import PUBLIC

URLS = (
    *("https://good.test/users/carol", "https://good.test/n/1", "https://good.test/inbox", "https://evil.test/x"),
    *(
        "https://fedi.test/users/alice",
        "http://good.test/",
        "https://good.test:8443/",
        "https://[::1]/",
        "https://x@y.test/",
    ),
    *("HTTPS://GOOD.test./users/carol", "https://good.test/users/carol#main-key", "//good.test", "42", "", "as:Public"),
)
WORDS = (
    *("Note", "Person", "Create", "Proposal", "Question", "Tombstone", "Mention", "Hashtag", "Image", "Link", "Intent"),
    *("<p>Bonjour</p>", "<script>", "2026-11-23T12:00:00Z", "9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00+23:59"),
    *(
        "2026-11-23",
        "x" * 400,
        "e\u0301" * 30,
        "\u202egnp",
        "1e400",
        "NaN",
        "-0",
        "1/2",
        "offer",
        "request",
        "transfer",
    ),
)
PLAIN = st.one_of(
    st.sampled_from((*URLS, *WORDS, PUBLIC)),
    st.none(),
    st.booleans(),
    st.integers(-(2**63) + 1, 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12),
)
NAMES = st.sampled_from(
    [
        *("id", "type", "actor", "object", "target", "to", "cc", "name", "content", "summary", "url", "href", "value"),
        *("attributedTo", "inReplyTo", "published", "updated", "tag", "attachment", "icon", "mediaType", "published"),
        *("publicKey", "publicKeyPem", "owner", "controller", "assertionMethod", "publicKeyMultibase", "endpoints"),
        *(
            "purpose",
            "publishes",
            "reciprocal",
            "resourceQuantity",
            "hasUnit",
            "hasNumericalValue",
            "action",
            "location",
        ),
        *("latitude", "longitude", "items", "orderedItems", "first", "next", "totalItems", "oneOf", "contentMap", "fr"),
        *("alsoKnownAs", "movedTo", "generator", "implements", "preferredUsername", "inbox", "flohmarkt:data", "quote"),
    ]
)
JSON: st.SearchStrategy[Any] = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6), max_leaves=12
)


def near(document: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """`document` with a few of its properties, or of others, put in the place of what was there; some taken away."""
    changed = st.dictionaries(st.sampled_from(sorted(document)) | NAMES, JSON, max_size=4)
    without = st.sets(st.sampled_from(sorted(document)), max_size=2)
    return st.builds(
        lambda new, gone: {name: value for name, value in {**document, **new}.items() if name not in gone},
        changed,
        without,
    )
