"""When a host is left in peace: a dead server costs one attempt now and then, not a worker.

Source: SECURITY 3.3 "Breaker per host", 3.2 ("a host that fails on 7 distinct days is set aside and probed daily").
Pure. The state is a row of `host` (`hosts.py`).
"""

from msgspec import Struct

from fedishare.foundation.values.clock import DAY, HOUR, MINUTE, SECOND, Instant, later

AFTER_ONE = 30 * SECOND
AFTER_FIVE = 2 * MINUTE
FAILURES = 5
LONGEST = HOUR
SET_ASIDE_DAYS = 7


class Breaker(Struct, frozen=True, kw_only=True):
    """`failures` in a row, since `failing_since`, on `failed_days` distinct days, the last one at `failed_at`.

    Nothing is tried before `open_until`.
    """

    failures: int = 0
    open_until: Instant = Instant(0)
    failing_since: Instant | None = None
    failed_days: int = 0
    failed_at: Instant | None = None


def after_failure(breaker: Breaker, now: Instant, *, connected: bool, asked_to_wait: int = 0) -> Breaker:
    """`connected` when there was an answer, if a bad one; `asked_to_wait`: milliseconds that a 429 or 503 asked for."""
    failures = breaker.failures + 1
    since = now if breaker.failing_since is None else breaker.failing_since
    another_day = breaker.failed_at is None or now // DAY != breaker.failed_at // DAY
    days = breaker.failed_days + another_day
    wait = DAY if days >= SET_ASIDE_DAYS else _wait(failures, connected=connected)
    open_until = later(now, max(wait, min(asked_to_wait, LONGEST)))
    return Breaker(
        failures=failures,
        open_until=max(open_until, breaker.open_until),
        failing_since=since,
        failed_days=days,
        failed_at=now,
    )


def _wait(failures: int, *, connected: bool) -> int:
    if failures >= FAILURES:
        return min(AFTER_FIVE << min(failures - FAILURES, 10), LONGEST)
    return 0 if connected else AFTER_ONE
