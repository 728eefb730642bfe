"""Why something has not arrived: what waits or was given up, with its last trouble and its server's (`wording.py`)."""

from msgspec import Struct

from fedishare.federation.outbox.listing import FailingHost
from fedishare.foundation.db.access import Read
from fedishare.foundation.db.queries import load
from fedishare.foundation.values.clock import MINUTE, Instant, later
from fedishare.foundation.values.ids import first_id_at

sql = load(__file__, "late.sql")

LATE = 10 * MINUTE
"""Whoever answers has it within seconds."""


class Late(Struct, frozen=True, kw_only=True):
    """A delivery that waits or was given up; `open_until` is until when its server is left in peace, if it fails."""

    id: int
    activity: str
    type: str
    host: str
    inbox: str
    state: str
    attempts: int
    due_at: Instant
    lease_until: Instant
    status: int | None
    outcome: str
    created_at: Instant
    open_until: Instant


async def about(read: Read, uri: str, *, size: int) -> list[Late]:
    """Of the activity that has this id, and of those about what has it."""
    return await _late(read, size=size, about=uri)


async def at_host(read: Read, host: str, *, size: int) -> list[Late]:
    return await _late(read, size=size, host=host)


async def oldest(read: Read, *, size: int) -> list[Late]:
    """Of those that wait."""
    return await _late(read, size=size, oldest=size)


async def arrived_count(read: Read, uri: str) -> int:
    """Of the activity that has this id, and of those about what has it, in the last month."""
    return int(await read.value(sql.arrived_count, about=uri))


async def late_count(read: Read, *, now: Instant) -> int:
    """How many wait for ten minutes."""
    return int(await read.value(sql.late_count, before=first_id_at(later(now, -LATE))))


async def failing_host(read: Read, host: str) -> FailingHost | None:
    """None when it answers, or was never told anything."""
    return await read.one(FailingHost, sql.failing_host, host=host)


async def _late(
    read: Read, *, size: int, about: str | None = None, host: str | None = None, oldest: int | None = None
) -> list[Late]:
    query = sql.late.filtered(about=about, host=host, oldest=oldest)
    return await read.all(Late, query, size=size, about=about, host=host, oldest=oldest)
