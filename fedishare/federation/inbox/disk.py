"""Whether there is still room for what comes in (SECURITY 3.3 "Disk").

A full disk loses what was promised and takes the whole site with it; who is answered 503 comes again. Asked at most
every few seconds: it is a call of the system, and a disk does not fill in between.
"""

from collections.abc import Callable

from fedishare.foundation.values.clock import Clock
from fedishare.foundation.values.errors import Busy

LEAST_FREE = 200_000_000
ASKED_EVERY_S = 5.0

Free = Callable[[], int]
"""The bytes that are free where the database is."""


class Disk:
    """One for a process."""

    def __init__(self, clock: Clock, free: Free) -> None:
        self._clock = clock
        self._free = free
        self._asked_at = float("-inf")
        self._room = True

    def check(self) -> None:
        """Raises Busy."""
        now = self._clock.monotonic()
        if now - self._asked_at > ASKED_EVERY_S:
            self._asked_at = now
            self._room = self._free() >= LEAST_FREE
        if not self._room:
            raise Busy("little room on the disk")
