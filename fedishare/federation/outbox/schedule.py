"""When a delivery is tried again, and when it is given up.

Source: SECURITY 3.3 "Schedule". Pure: no clock, no database, and the jitter comes from the delivery's own number, so
that a thousand deliveries to one host spread and a test can still count seconds.
"""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from msgspec import Struct

from fedishare.foundation.values.clock import DAY, HOUR, MINUTE, SECOND, Instant, from_datetime, later

WAITS = (15 * SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR)
"""After the first attempt, the second, ...; then once a day."""
GIVEN_UP_AFTER = 7 * DAY
REFUSED_GIVEN_UP_AFTER = 6 * HOUR
"""A 401 may be their failure to fetch our key; it does not take a week to pass."""
RETRY_AFTER = range(60, 24 * 3600 + 1)
RETRIES = 14
"""As many fit into seven days: the last one is at their end."""
STRIKES = 5
"""As often one that breaks us, by a mistake of ours, is begun (SECURITY 3.3 "Poison")."""
JITTER = 200
"""Thousandths that a wait may be shorter or longer."""

_ASK_AGAIN = frozenset({401, 408, 425, 429})


class Tried(Struct, frozen=True, kw_only=True):
    """What came of an attempt. `status` is None when there was no answer; `text` is for the admin. `unwanted` when it
    was us who would not send it; `strikes`, how often in a row it broke us, this time included when `broken`."""

    delivery_id: int
    host: str
    inbox: str
    attempts: int
    created_at: Instant
    at: Instant
    status: int | None
    text: str = ""
    retry_after_s: int | None = None
    unwanted: bool = False
    broken: bool = False
    strikes: int = 0

    @property
    def arrived(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def of_the_host(self) -> bool:
        """Whether the host was asked at all."""
        return not (self.unwanted or self.broken)

    @property
    def host_failed(self) -> bool:
        """Whether it says something about the host, and not about this one activity or inbox."""
        if not self.of_the_host:
            return False
        return self.status is None or self.status >= 500 or self.status in (408, 425, 429)


def next_attempt(tried: Tried) -> Instant | None:
    """When to try again; None when it was the last time. Only asked about what did not arrive."""
    if (
        tried.unwanted
        or tried.strikes >= STRIKES
        or (tried.status is not None and tried.status < 500 and tried.status not in _ASK_AGAIN)
    ):
        return None
    end = later(tried.created_at, REFUSED_GIVEN_UP_AFTER if tried.status == 401 else GIVEN_UP_AFTER)
    if tried.at >= end:
        return None
    wait = spread(_wait(tried.attempts), tried.delivery_id + tried.attempts)
    if tried.retry_after_s is not None:
        wait = min(max(tried.retry_after_s, RETRY_AFTER[0]), RETRY_AFTER[-1]) * SECOND
    # However the waits were spread: a last time at the end, and not before it.
    return end if tried.attempts >= RETRIES else min(later(tried.at, wait), end)


def retry_after(headers: Mapping[str, str], now: Instant) -> int | None:
    """Seconds of a `Retry-After`, which may be a date (RFC 9110 10.2.3); None for what cannot be read."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return int(text[:9])
    try:
        return max(0, (from_datetime(parsedate_to_datetime(text)) - now) // SECOND)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def spread(wait: int, number: int) -> int:
    """`wait` shortened or lengthened by up to a fifth, the same for the same number."""
    # Knuth's multiplier: neighbouring numbers come far from each other.
    share = (number * 2_654_435_761 >> 7) % (2 * JITTER + 1) - JITTER
    return wait + wait * share // 1000


def _wait(attempts: int) -> int:
    return WAITS[attempts - 1] if attempts <= len(WAITS) else DAY
