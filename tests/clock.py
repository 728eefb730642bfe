"""A clock that stands still until a test moves it."""

from fedishare.foundation.values.clock import Instant, parse_rfc3339

NOON = parse_rfc3339("2026-11-23T12:00:00Z")


class StoppedClock:
    """Both of its hands move together, and only by `advance`."""

    def __init__(self, now: Instant = NOON) -> None:
        self._now = now
        self._monotonic = 1_000.0

    def now(self) -> Instant:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, milliseconds: int) -> None:
        self._now = Instant(self._now + milliseconds)
        self._monotonic += milliseconds / 1000

    def jump(self, milliseconds: int) -> None:
        """Somebody sets the clock on the wall; no time has passed."""
        self._now = Instant(self._now + milliseconds)
