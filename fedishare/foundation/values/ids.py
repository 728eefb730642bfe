"""Ids of everything we make: 47 bits of milliseconds and 16 bits that differ within one (WIRE "Actors and URLs")."""

import secrets
from threading import Lock

from fedishare.foundation.values.clock import Instant

_TAIL_BITS = 16
_TAIL = 1 << _TAIL_BITS


class IdSource:
    """Gives growing 63-bit ids; the start within a millisecond is random, then one more each time.

    Two processes can meet in one millisecond: the primary key refuses, and the caller asks again.
    `floor` keeps a restored database from giving an id a second time.
    """

    def __init__(self, floor: int = 0) -> None:
        self._last = floor
        self._lock = Lock()

    def new(self, now: Instant) -> int:
        fresh = (int(now) << _TAIL_BITS) | secrets.randbelow(_TAIL // 2)
        with self._lock:
            self._last = fresh if fresh > self._last else self._last + 1
            return self._last


def first_id_at(instant: Instant) -> int:
    """The least id that can have been made at `instant`: where a page by date begins."""
    return int(instant) << _TAIL_BITS


def made_at(made: int) -> Instant:
    """When an id was made."""
    return Instant(made >> _TAIL_BITS)
