"""The context of everything we send: what is not defined there is lost on servers that process JSON-LD."""

from fedishare.federation.vocabulary.context import CONTEXT, with_context

TERMS = CONTEXT[2]


def test_the_plain_activity_streams_context_comes_first():
    """Mastodon looks for exactly this text, and some peers compare only what comes first."""
    assert CONTEXT[0] == "https://www.w3.org/ns/activitystreams"
    assert CONTEXT[1] == "https://w3id.org/security/v1"
    assert isinstance(TERMS, dict)
    assert len(CONTEXT) == 3


def test_every_prefix_that_terms_use_is_defined():
    used = [term if isinstance(term, str) else term["@id"] for term in TERMS.values()]
    prefixes = {iri.partition(":")[0] for iri in used if not iri.startswith(("http://", "https://"))}

    assert prefixes <= {*TERMS, "as"}


def test_a_document_keeps_its_own_properties():
    assert with_context({"id": "https://a.test/1"}) == {"@context": CONTEXT, "id": "https://a.test/1"}
