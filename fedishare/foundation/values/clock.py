"""Time as the house keeps it: whole milliseconds since 1970 in UTC.

An `Instant` goes into the database as it is, on both engines; zones exist only in templates and in words.
Nothing outside `foundation/values` reads the system's clock.
"""

import time
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import NewType, Protocol

Instant = NewType("Instant", int)

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Clock(Protocol):
    """Whoever can tell the time; tests bring their own."""

    def now(self) -> Instant: ...

    def monotonic(self) -> float: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> Instant:
        return Instant(time.time_ns() // 1_000_000)

    def monotonic(self) -> float:
        return time.monotonic()


def later(instant: Instant, milliseconds: int) -> Instant:
    """`instant` moved by so many milliseconds, which may be negative."""
    return Instant(instant + milliseconds)


def to_datetime(instant: Instant) -> datetime:
    """An aware datetime in UTC."""
    seconds, milliseconds = divmod(instant, 1000)
    # Apart: a float of both is a microsecond short of some milliseconds, which would be written as the one before.
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=milliseconds * 1000)


def from_datetime(moment: datetime) -> Instant:
    """Raises ValueError for a datetime without a zone."""
    if moment.tzinfo is None:
        raise ValueError("a time needs a zone")
    return Instant(round(moment.timestamp() * 1000))


def rfc3339(instant: Instant) -> str:
    """`2026-11-23T14:15:00Z`, with milliseconds only when there are some."""
    moment = to_datetime(instant)
    spec = "milliseconds" if instant % 1000 else "seconds"
    return moment.isoformat(timespec=spec).replace("+00:00", "Z")


def parse_rfc3339(text: str) -> Instant:
    """Raises ValueError for anything that is not a date and time with a zone (RFC 3339)."""
    try:
        return from_datetime(datetime.fromisoformat(text))
    except (OverflowError, OSError) as error:
        raise ValueError(str(error)) from None


def http_date(instant: Instant) -> str:
    """The form of the `Date` header (RFC 9110 5.6.7)."""
    return format_datetime(to_datetime(instant).replace(microsecond=0), usegmt=True)


def parse_http_date(text: str) -> Instant:
    """Raises ValueError for anything that is not an HTTP date."""
    try:
        return from_datetime(parsedate_to_datetime(text))
    except (TypeError, IndexError, OverflowError) as error:
        raise ValueError(str(error)) from None
