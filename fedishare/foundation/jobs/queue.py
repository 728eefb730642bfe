"""The durable queue: a job is put in the caller's transaction, and stays until it is done or has failed five times.

Runs nothing: that is `foundation.jobs.runner`.
"""

import msgspec
from msgspec import Struct

from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.db.queries import load
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.ids import made_at

WAKE = "jobs"
sql = load(__file__)


class Leased(Struct, frozen=True, kw_only=True):
    """A job that this process holds until its lease runs out."""

    id: int
    kind: str
    payload: str
    attempts: int


class StateCount(Struct, frozen=True, kw_only=True):
    """How many jobs are in a state: waiting or dead."""

    state: str
    number: int


async def enqueue(tx: Tx, kind: str, payload: Struct, *, due_at: Instant, new_id: int, once: str | None = None) -> None:
    """Have the job done at `due_at` or soon after. `new_id` is `here.ids.new(now)`.

    With `once`, a job of this kind that already waits under the same text stands for this one too, at its own time;
    one that is running does not.
    """
    await tx.run(
        sql.add,
        id=new_id,
        kind=kind,
        payload=msgspec.json.encode(payload).decode(),
        once=once,
        due_at=due_at,
        created_at=made_at(new_id),
    )
    tx.wake(WAKE)


async def next_due(read: Read, now: Instant) -> Instant | None:
    """When the next job is due that nobody holds; may be past."""
    due: Instant | None = await read.value(sql.next_due, now=now)
    return due


async def lease(tx: Tx, *, now: Instant, lease_until: Instant, size: int) -> list[Leased]:
    """Take due jobs, oldest first; each counts as tried from here on."""
    leased = await tx.all(Leased, sql.lease, now=now, lease_until=lease_until, size=size)
    # `returning` promises no order.
    return sorted(leased, key=lambda job: job.id)


async def free_leases(tx: Tx) -> int:
    """For whoever is alone: what is leased at its start was leased by one that is gone."""
    return await tx.run(sql.free_leases)


async def done(tx: Tx, job_id: int) -> None:
    """Forget the job."""
    await tx.run(sql.done, id=job_id)


async def again(tx: Tx, job: Leased, *, due_at: Instant, attempts: int, outcome: str, dead: bool = False) -> None:
    """Let go of the job: to be tried again at `due_at`, or never when it is `dead`."""
    state = "dead" if dead else "waiting"
    await tx.run(sql.again, id=job.id, state=state, due_at=due_at, attempts=attempts, outcome=outcome)


async def counts(read: Read) -> list[StateCount]:
    """How many jobs are waiting or dead."""
    return await read.all(StateCount, sql.counts)
