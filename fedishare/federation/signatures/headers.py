"""Raw header pairs, as ASGI gives them and as signatures need them."""

from collections.abc import Iterable

RawHeaders = Iterable[tuple[bytes, bytes]]

WITHOUT_BODY = frozenset({"GET", "HEAD"})
"""Methods that need no digest, as long as there is no body."""
HEADER_LENGTH = 4_096
"""Of a header that describes a signature: ours have 600 bytes."""


def joined(headers: RawHeaders) -> dict[str, list[bytes]]:
    """The values of each header in their order, by its name in small letters."""
    values: dict[str, list[bytes]] = {}
    for name, value in headers:
        values.setdefault(name.decode("latin-1").lower(), []).append(value.strip())
    return values
