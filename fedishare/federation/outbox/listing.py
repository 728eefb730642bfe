"""What an administrator sees of the queue of deliveries, and may do to it."""

from msgspec import Struct

from fedishare.federation.outbox import turns
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.db.queries import load
from fedishare.foundation.values.clock import Instant

sql = load(__file__, "listing.sql")


class Listed(Struct, frozen=True, kw_only=True):
    """A line of `fedishare queue list`."""

    id: int
    activity: str
    type: str
    host: str
    inbox: str
    state: str
    attempts: int
    due_at: Instant
    status: int | None
    outcome: str
    created_at: Instant


class FailingHost(Struct, frozen=True, kw_only=True):
    """A server that does not answer: on how many days, and when its next turn is, if something waits for it."""

    host: str
    failures: int
    open_until: Instant
    failing_since: Instant | None
    failed_days: int
    due_at: Instant | None
    waiting: int


async def waiting_count(read: Read) -> int:
    return int(await read.value(sql.waiting_count))


async def dead_count(read: Read) -> int:
    return int(await read.value(sql.dead_count))


async def failing_hosts(read: Read, *, size: int) -> list[FailingHost]:
    return await read.all(FailingHost, sql.failing_hosts, size=size)


async def listing(
    read: Read, *, state: str | None, host: str | None, size: int, before: int = 2**63 - 1
) -> list[Listed]:
    query = sql.listing.filtered(state=state, host=host)
    return await read.all(Listed, query, before=before, size=size, state=state, host=host)


async def retry(tx: Tx, *, now: Instant, host: str | None = None, number: int | None = None) -> int:
    """Try again at once, with a week ahead: what waits, and what was given up. How many there are."""
    found = await tx.run(sql.retry.filtered(only_host=host, only_id=number), now=now, only_host=host, only_id=number)
    at = [row[0] for row in await tx.all(tuple, sql.retried_hosts.filtered(only_host=host), now=now, only_host=host)]
    await tx.run(sql.close_breaker.filtered(only_host=host, of_id=number), only_host=host, of_id=number)
    await turns.call(tx, at, now=now)
    if found:
        tx.wake("deliveries")
    return found


async def drop(tx: Tx, *, now: Instant, host: str | None = None, number: int | None = None) -> int:
    """Forget what waits and what was given up; it will not be sent. How many there were."""
    return await tx.run(sql.drop.filtered(only_host=host, only_id=number), now=now, only_host=host, only_id=number)
