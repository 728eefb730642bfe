"""Bytes from elsewhere either become plain JSON that every parser reads alike, or are refused."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedishare.federation.vocabulary import limits
from fedishare.federation.vocabulary.activity import read_activity
from fedishare.federation.vocabulary.actor import read_actor
from fedishare.federation.vocabulary.note import read_note
from fedishare.federation.vocabulary.parsing import parse
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.errors import Malformed

_NAMES = """
id type actor object to cc tag attachment url href name content contentMap summary inReplyTo attributedTo inbox outbox
endpoints sharedInbox publicKey publicKeyPem owner assertionMethod publicKeyMultibase controller published updated
preferredUsername generator implements mediaType sensitive target @context @graph vf:purpose
"""
_WORDS = """
https://share.example/users/amel https://share.example/users/amel#main-key https://share.example/notes/1 as:Public
Create Note Person Mention Hashtag Key 2026-11-23T12:00:00Z 2026-99-99 amel z6Mk http:// :// 42
"""
NAMES = st.sampled_from(_NAMES.split())
WORDS = st.sampled_from(_WORDS.split())
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(max_size=5), inner, max_size=8),
    max_leaves=30,
)
DOCUMENTS = st.dictionaries(NAMES, VALUES, max_size=14)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_by_name(body: bytes):
    with suppress(Malformed):
        assert isinstance(parse(body), dict)


@given(DOCUMENTS)
def test_any_document_is_read_or_refused_by_name(document: dict[str, object]):
    body = json.dumps(document).encode()
    for read in (read_activity, lambda body: read_note(parse(body)), lambda body: read_actor(parse(body), Instant(0))):
        with suppress(Malformed):
            read(body)


@given(st.dictionaries(NAMES, st.text(st.characters(codec="utf-8", exclude_characters="\0")), max_size=5))
def test_what_is_plain_comes_through_unchanged(document: dict[str, str]):
    document.pop("@graph", None)

    assert parse(json.dumps(document).encode()) == document
    assert parse(json.dumps(document, ensure_ascii=False).encode()) == document


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"a":' * 100_000 + b"1" + b"}" * 100_000, id="A050 deeper than any parser goes"),
        pytest.param(b'{"a":' * 900 + b"1" + b"}" * 900, id="A051 deeper than we go"),
        pytest.param(b'{"a":' + b"[" * 32 + b"]" * 32 + b"}", id="one level too deep"),
        pytest.param(b'{"content":"\xff\xfe"}', id="A053 not UTF-8"),
        pytest.param(b'{"content":"\\ud800"}', id="A054 half a character"),
        pytest.param(b'{"\\ud800":1}', id="half a character in a name"),
        pytest.param(b'{"@context":{"a":["\\ud800"]}}', id="half a character where nobody looks"),
        pytest.param(b'{"content":"a\\u0000b"}', id="A055 NUL"),
        pytest.param(b'{"width":NaN}', id="A056 not a number"),
        pytest.param(b'{"width":-Infinity}', id="A056 infinity"),
        pytest.param(b'{"x":1e999}', id="A056 too large for a float"),
        pytest.param(b'{"x":' + b"1" * 5_000 + b"}", id="A056 5000 digits"),
        pytest.param(b'{"x":9223372036854775808}', id="more than a database keeps"),
        pytest.param(b'{"actor":"a","actor":"b"}', id="A057 two equal keys"),
        pytest.param(b'{"a":[{"b":1,"b":1}]}', id="two equal keys inside"),
        pytest.param(b'{"@graph":[]}', id="A043 graph"),
        pytest.param(b'{"a":{"b":[{"c":{"@reverse":{}}}]}}', id="A044 reverse, inside"),
        pytest.param(b'{"object":{"@included":[]}}', id="A044 included"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b'"text"', id="a text"),
        pytest.param(b"", id="nothing"),
        pytest.param(b'{"a":1} {"b":2}', id="two documents"),
        pytest.param(b'{"a":"' + b"x" * limits.BODY + b'"}', id="larger than a megabyte"),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(body: bytes):
    with pytest.raises(Malformed):
        parse(body)


def test_as_deep_as_allowed_is_still_read():
    body = b'{"a":' + b"[" * 31 + b"]" * 31 + b"}"

    assert "a" in parse(body)


def test_the_context_is_not_looked_at():
    """A045: whatever a context says, names mean what they always mean."""
    context = [{"@reverse": {}, "to": "as:bto", "Note": "as:Person", "@import": "http://127.0.0.1/"}]

    assert parse(json.dumps({"@context": context, "type": "Note"}).encode())["type"] == "Note"


def test_characters_beyond_the_first_plane_may_be_escaped():
    assert parse(b'{"content":"\\ud83d\\udeb2"}') == {"content": "🚲"}
