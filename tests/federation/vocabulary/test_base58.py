"""Keys and proofs in base58, both ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedishare.federation.vocabulary import base58
from fedishare.foundation.values.errors import Malformed


@given(st.binary(max_size=70))
def test_bytes_come_back_as_they_were(raw):
    assert base58.decode(base58.encode(raw)) == raw


@pytest.mark.parametrize(
    ("raw", "text"),
    [  # draft-msporny-base58-03, 5
        (b"Hello World!", "2NEpo7TZRRrLZSi2U"),
        (
            b"The quick brown fox jumps over the lazy dog.",
            "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z",
        ),
        (bytes.fromhex("0000287fb4cd"), "11233QC4"),
        (b"", ""),
    ],
)
def test_the_draft_writes_the_same(raw, text):
    assert base58.encode(raw) == text
    assert base58.decode(text) == raw


@given(st.text(max_size=150))
def test_no_text_makes_the_reader_stumble(text):
    try:
        raw = base58.decode(text)
    except Malformed:
        return
    assert base58.encode(raw) == text


@pytest.mark.parametrize("text", ["0", "O", "I", "l", "a b", "é"])
def test_other_letters_are_refused(text):
    with pytest.raises(Malformed, match="not base58"):
        base58.decode(text)


def test_a_megabyte_is_not_even_looked_at():
    with pytest.raises(Malformed, match="too long"):
        base58.decode("2" * 1_000_000)
