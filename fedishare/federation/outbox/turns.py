"""Whose turn it is: each server that something waits for has its turn, and one worker at a time has it in hand.

The turn stands in the server's row (`host.due_at`, `host.lease_until`), so that finding it costs the same whatever
waits. Who says something adds a call (`host_call`) and touches no row that another may hold; `lease` makes turns of
calls. A turn ends with `over`, or when its worker's lease has run out. Source: SECURITY 3.3 "Ordering", "Isolation".
"""

from collections.abc import Sequence

from msgspec import Struct

from fedishare.federation.outbox.store import Due
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.db.queries import load
from fedishare.foundation.values.clock import MINUTE, Instant, later

sql = load(__file__, "turns.sql")

CALLS = 10_000
"""Calls that one lease looks at; the next one comes at once while there are more."""
LOOKED_AT_AGAIN = MINUTE
"""A turn in which nothing could be taken, whatever the reason, is not the next one again."""


class DueHost(Struct, frozen=True, kw_only=True):
    """A server that something is due for; `failures` when it did not answer the last times."""

    host: str
    failures: int


class Turn(Struct, frozen=True, kw_only=True):
    """A server's turn and the first of what waits for it, oldest first. `doubtful`: it fails, or is new.

    More than one in the `queue` says that there may be `more`.
    """

    host: str
    doubtful: bool
    until: Instant
    queue: Sequence[Due]


class Over(Struct, frozen=True, kw_only=True):
    """A turn came to its end; `left` are the numbers of deliveries that were taken and not begun."""

    host: str
    until: Instant
    left: Sequence[int]


async def any_due(read: Read, *, now: Instant) -> bool:
    """Whether `lease` would find something to look at."""
    return await read.value(sql.any_call) is not None or bool(await _due(read, now=now, size=1, doubtful=1))


async def lease(tx: Tx, *, now: Instant, until: Instant, hosts: int, doubtful: int) -> list[Turn]:
    """Turns of as many `hosts`, at most `doubtful` of them of servers that fail or were never told anything.

    One delivery of each, and the second if there is one: the rest is taken when the first was answered, since most of
    what is taken for a dead server is given back. Attempts are raised by this transaction.
    """
    await tx.value(sql.one_at_a_time)
    called = {row[0] for row in await tx.all(tuple, sql.take_calls, size=CALLS)}
    await call(tx, sorted(called), now=now)
    turns = []
    for due, doubted in await _due(tx, now=now, size=hosts, doubtful=doubtful):
        queue = await more(tx, due.host, now=now, until=until, size=1 if due.failures else 2)
        if queue:
            turns.append(Turn(host=due.host, doubtful=doubted, until=until, queue=queue))
            await tx.run(sql.begin_turn, host=due.host, until=until)
        else:
            await _end(tx, due.host, until=now, soonest=later(now, LOOKED_AT_AGAIN))
    return turns


async def more(tx: Tx, host: str, *, now: Instant, until: Instant, size: int) -> list[Due]:
    """What is due for a server whose turn this is, oldest first; attempts are raised."""
    rows = await tx.all(Due, sql.lease_host, host=host, now=now, until=until, size=size)
    # `returning` promises no order.
    return sorted(rows, key=lambda row: row.id)


async def over(tx: Tx, one: Over) -> None:
    """Give back what was not begun, and see when the next turn is."""
    await tx.run_many(sql.give_back, [{"id": number} for number in one.left])
    await _end(tx, one.host, until=one.until, soonest=Instant(0))


async def inherit(tx: Tx, *, now: Instant) -> None:
    """The worker that held these is gone, and nobody else works here."""
    await tx.run(sql.free_leases)
    await tx.run(sql.free_turns, now=now)


async def call_forgotten(tx: Tx, *, now: Instant) -> None:
    """Whoever something waits for has a turn to come, whatever became of its row."""
    forgotten = [row[0] for row in await tx.all(tuple, sql.forgotten_hosts)]
    await call(tx, forgotten, now=now)


async def _due(read: Read, *, now: Instant, size: int, doubtful: int) -> list[tuple[DueHost, bool]]:
    """Each with whether it is doubtful: those that take things first, then the unknown, then those that fail."""
    found = [(host, False) for host in await read.all(DueHost, sql.due_answering, now=now, size=size)]
    for query in (sql.due_unknown, sql.due_failing):
        room = min(size - len(found), doubtful)
        if room > 0:
            more = await read.all(DueHost, query, now=now, size=room)
            doubtful -= len(more)
            found += [(host, True) for host in more]
    return found


async def call(tx: Tx, hosts: Sequence[str], *, now: Instant) -> None:
    """It is their turn now, or as soon as they are no longer left in peace."""
    await tx.run_many(sql.host_called, [{"host": host, "now": now} for host in hosts])


async def _end(tx: Tx, host: str, *, until: Instant, soonest: Instant) -> None:
    await tx.run(sql.end_turn, host=host, until=until, soonest=soonest)
