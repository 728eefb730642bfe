"""Whether our clock differs from that of most others: the `Date` of their answers to what we deliver.

Whoever signs with a wrong clock is refused everywhere, and nobody says why (INTEROP B.1, SECURITY 3.2 "Clock", R19).
A server's date is its own word: one, or a few, say nothing of our clock. Nothing here is kept beyond the process.
"""

from collections.abc import Sequence
from statistics import median_high, median_low

import structlog
from msgspec import Struct

from fedishare.foundation.values.clock import MINUTE, Clock, parse_http_date

log = structlog.get_logger()

OFF = MINUTE
ENOUGH = 3
"""With fewer servers, theirs may be the wrong clocks. Judged as soon as there are so many: few instances hear more."""
REMEMBERED = 64
FRESH_S = 600.0
AGAIN_S = 60.0
"""A server that answers a hundred times a second is asked for the time once a minute."""
TOLD_EACH_S = 3600.0


class _Heard(Struct, frozen=True, kw_only=True):
    ahead: int
    at: float


class PeerClocks:
    """What time others had it, lately; warns at most once an hour. One for a process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heard: dict[str, _Heard] = {}
        self._told_at = float("-inf")

    def answered(self, host: str, date: str) -> None:
        """`date` is the header's text, '' when there was none; what cannot be read counts for nothing."""
        at = self._clock.monotonic()
        known = self._heard.get(host)
        if at - self._told_at < TOLD_EACH_S or (known is not None and at - known.at < AGAIN_S):
            return
        try:
            ahead = parse_http_date(date) - self._clock.now()
        except ValueError:
            return
        self._heard.pop(host, None)
        self._heard[host] = _Heard(ahead=ahead, at=at)
        if len(self._heard) > REMEMBERED:
            del self._heard[next(iter(self._heard))]
        self._judge(at)

    def _judge(self, at: float) -> None:
        fresh = [heard.ahead for heard in self._heard.values() if at - heard.at < FRESH_S]
        if len(fresh) >= ENOUGH and abs(middle(fresh)) > OFF:
            log.warning("clock_differs_from_most", others_ahead_s=middle(fresh) // 1000, servers=len(fresh))
            self._told_at = at
            self._heard.clear()


def middle(ahead: Sequence[int]) -> int:
    """By how much most of them are ahead, at least, in milliseconds; of two in the middle, the one that accuses less.

    Clocks that are wrong in either direction do not add up: then it is theirs. Raises StatisticsError for none at all.
    """
    return min(median_low(ahead), median_high(ahead), key=abs)
