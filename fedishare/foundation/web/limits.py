"""How much one crowd may ask in a while: token buckets of one process, approximate on purpose (SECURITY 6.8).

A bucket is one number, the moment at which it would be full again, so that asking costs less than a microsecond. What
must be exact or outlive a restart (wrong passwords, breakers) is in the database instead. Every refusal says when to
come back, in the headers that Mastodon's clients read.
"""

from collections import OrderedDict
from collections.abc import Mapping
from math import ceil

from msgspec import Struct

from fedishare.foundation.values.clock import SECOND, Clock, later, rfc3339
from fedishare.foundation.values.errors import TooMany

MOST_KNOWN = 50_000
TICK = 1e-6
"""What adding up tenths may be off by."""


class Allowance(Struct, frozen=True, kw_only=True):
    """`burst` at once, and `per_second` from then on."""

    burst: int
    per_second: float


ANONYMOUS = Allowance(burst=300, per_second=1.0)
"""Requests of one address without a session; static files and health checks are not counted."""
ACCOUNT = Allowance(burst=1_500, per_second=5.0)
SIGNED = Allowance(burst=3_000, per_second=10.0)
"""Requests that a server has signed, wherever they come from."""


class TooFast(TooMany):
    """More than the allowance; `headers` say when there is some again."""

    def __init__(self, headers: Mapping[str, str], detail: str) -> None:
        super().__init__(detail)
        self.headers = headers


class Buckets:
    """Who has taken how much of one allowance. Knows the last 50,000 who asked; whoever is forgotten begins anew."""

    def __init__(self, clock: Clock, allowance: Allowance, *, size: int = MOST_KNOWN) -> None:
        self.allowance = allowance
        self._clock = clock
        self._size = size
        self._each = 1.0 / allowance.per_second
        self._depth = (allowance.burst - 1) * self._each
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def take(self, whom: str) -> float:
        """One for `whom`: 0.0, or the seconds until there is one again, and then nothing was taken."""
        now = self._clock.monotonic()
        full_at = self._full_at.get(whom, now)
        ahead = full_at - now if full_at > now else 0.0
        if ahead > self._depth + TICK:
            return ahead - self._depth
        self._full_at[whom] = now + ahead + self._each
        self._full_at.move_to_end(whom)
        if len(self._full_at) > self._size:
            self._full_at.popitem(last=False)
        return 0.0

    def check(self, whom: str) -> None:
        """Raises TooFast."""
        wait = self.take(whom)
        if wait:
            raise TooFast(refusal_headers(self.allowance, wait, self._clock), f"{whom} asks again in {wait:.1f} s")


def refusal_headers(allowance: Allowance, wait: float, clock: Clock) -> dict[str, str]:
    """When to come back, and what would have been allowed."""
    seconds = max(1, ceil(wait))
    return {
        "Retry-After": str(seconds),
        "X-RateLimit-Limit": str(allowance.burst),
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": rfc3339(later(clock.now(), seconds * SECOND)),
    }
