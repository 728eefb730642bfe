"""What is held to what: one reader of remote input, the errors that it may raise, and what its input is made of."""

from collections.abc import Callable

from msgspec import Struct


class Parser(Struct, frozen=True, kw_only=True):
    """`read` takes any bytes; it raises one of `declared`, or AssertionError for what does not hold of its result.

    `harmless` makes an input of about so many bytes that somebody well-meaning could send, to compare the time with.
    """

    name: str
    read: Callable[[bytes], object]
    declared: tuple[type[Exception], ...] = ()
    seeds: tuple[bytes, ...]
    harmless: Callable[[int], bytes]
    cap: int = 20_000


def text_of(size: int) -> bytes:
    """A long text of short words."""
    return b"Une perceuse, avec ses meches, a Lille. " * (size // 40 + 1)
