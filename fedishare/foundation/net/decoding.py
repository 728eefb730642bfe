"""Unpacking a body, never past its bound: a few kilobytes can hold gigabytes (A133)."""

import zlib

from fedishare.foundation.values.errors import Malformed

ACCEPTED = "gzip, deflate"
"""What we ask for; nothing else is unpacked."""

_GZIP = zlib.MAX_WBITS | 16
_MEMBERS = 16


def decoded(body: bytes, encoding: str, *, cap: int) -> bytes:
    """`body` as it was before `Content-Encoding`. Raises Malformed: an unknown encoding, damage, or more than `cap`."""
    encoding = encoding.strip().lower()
    if encoding in {"", "identity"}:
        return body
    if encoding in {"gzip", "x-gzip"}:
        return _gunzipped(body, cap)
    if encoding == "deflate":
        # zlib's header is the standard; some servers send the bare stream.
        wrapped = len(body) > 1 and body[0] & 0x0F == zlib.DEFLATED and int.from_bytes(body[:2]) % 31 == 0
        plain, rest = _inflated(body, zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS, cap)
        if rest:
            raise Malformed("bytes behind a packed body")
        return plain
    raise Malformed(f"content encoding {encoding[:40]!r} was not asked for")


def _gunzipped(body: bytes, cap: int) -> bytes:
    """A gzip file may have several members (RFC 1952 2.2); thousands of empty ones would only keep us busy."""
    plain, rest = b"", body
    for _ in range(_MEMBERS):
        more, rest = _inflated(rest, _GZIP, cap - len(plain))
        plain += more
        if not rest:
            return plain
    raise Malformed("a packed body has too many members")


def _inflated(body: bytes, window: int, cap: int) -> tuple[bytes, bytes]:
    unpacking = zlib.decompressobj(window)
    try:
        plain = unpacking.decompress(body, cap + 1)
    except zlib.error:
        raise Malformed("a packed body is damaged") from None
    if len(plain) > cap:
        raise Malformed(f"a body unpacks to more than {cap} bytes")
    if not unpacking.eof:
        raise Malformed("a packed body is cut short")
    return plain, unpacking.unused_data
