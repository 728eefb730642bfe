"""Packed bodies: the ones we asked for, whole, and never more than their bound (A133)."""

import gzip
import tracemalloc
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedishare.foundation.net.decoding import decoded
from fedishare.foundation.values.errors import Malformed


def bare(data: bytes) -> bytes:
    packing = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packing.compress(data) + packing.flush()


@given(st.binary(max_size=3_000))
def test_what_was_packed_comes_out_again(data):
    for encoding, packed in (
        ("gzip", gzip.compress(data)),
        ("x-gzip", gzip.compress(data)),
        ("GZIP ", gzip.compress(data)),
        ("deflate", zlib.compress(data)),
        ("deflate", bare(data)),
        ("identity", data),
        ("", data),
    ):
        assert decoded(packed, encoding, cap=len(data)) == data


def test_a_gzip_file_may_have_several_members():
    assert decoded(gzip.compress(b"one ") + gzip.compress(b"two"), "gzip", cap=7) == b"one two"


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_one_byte_over_the_bound_is_too_much(encoding):
    packed = {"gzip": gzip.compress, "deflate": zlib.compress}[encoding](b"x" * 1_001)

    with pytest.raises(Malformed, match="more than 1000"):
        decoded(packed, encoding, cap=1_000)


def test_members_are_bounded_together():
    with pytest.raises(Malformed, match="more than"):
        decoded(gzip.compress(b"x" * 600) * 2, "gzip", cap=1_000)


def test_a_bomb_takes_no_room():
    bomb = gzip.compress(b"\0" * 100_000_000)
    tracemalloc.start()

    with pytest.raises(Malformed):
        decoded(bomb, "gzip", cap=1_000_000)

    assert tracemalloc.get_traced_memory()[1] < 8_000_000
    tracemalloc.stop()


def test_thousands_of_empty_members_are_not_unpacked():
    with pytest.raises(Malformed, match="too many members"):
        decoded(gzip.compress(b"") * 50_000, "gzip", cap=1_000_000)


@pytest.mark.parametrize("encoding", ["br", "zstd", "compress", "gzip, gzip", "deflate, gzip", "é"])
def test_what_was_not_asked_for_is_not_unpacked(encoding):
    with pytest.raises(Malformed, match="not asked for"):
        decoded(b"x", encoding, cap=10)


@pytest.mark.parametrize(
    ("packed", "encoding"),
    [
        (gzip.compress(b"text", mtime=0)[:-1], "gzip"),
        (gzip.compress(b"text", mtime=0)[:5], "gzip"),
        (b"", "gzip"),
        (b"", "deflate"),
        (b"x", "deflate"),
        (zlib.compress(b"text")[:-2], "deflate"),
    ],
)
def test_half_a_body_is_none(packed, encoding):
    with pytest.raises(Malformed, match=r"cut short|damaged"):
        decoded(packed, encoding, cap=100)


@pytest.mark.parametrize(
    ("packed", "encoding"), [(b"plain text", "gzip"), (gzip.compress(b"x", mtime=0) + b"more", "gzip")]
)
def test_damage_is_noticed(packed, encoding):
    with pytest.raises(Malformed, match="damaged"):
        decoded(packed, encoding, cap=100)


def test_bytes_behind_a_body_are_noticed():
    with pytest.raises(Malformed, match="behind"):
        decoded(zlib.compress(b"text") + b"more", "deflate", cap=100)


@given(st.binary(max_size=200), st.sampled_from(["gzip", "deflate"]))
def test_no_bytes_make_the_unpacking_stumble(data, encoding):
    with suppress(Malformed):
        assert len(decoded(data, encoding, cap=50)) <= 50
