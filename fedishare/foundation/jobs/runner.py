"""Does the jobs of the queue: a few at a time, each with a deadline, again and again until five strikes.

Jobs run outside of any transaction and may be run twice: a job makes sure itself that twice is as good as once.
"""

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol, TypeVar

import msgspec
import structlog
from msgspec import Struct

from fedishare.foundation.db.database import Database
from fedishare.foundation.jobs import queue
from fedishare.foundation.jobs.loop import work_until
from fedishare.foundation.values.clock import HOUR, MINUTE, SECOND, Clock, later

STRIKES = 5
LANES = 4
IDLE_S = 5.0
DEADLINE_S = 120
LEASE = 5 * MINUTE
WAITS = (15 * SECOND, MINUTE, 10 * MINUTE, HOUR)
"""After the first, second, third, fourth failure."""
TROUBLE_LENGTH = 2_000
log = structlog.get_logger()
Tools = TypeVar("Tools", contravariant=True)


class Kind(Protocol[Tools]):
    """A sort of job (federation.plug.Job): its name, the Struct of its payload, and what to do."""

    @property
    def kind(self) -> str: ...

    @property
    def payload(self) -> type[Struct]: ...

    @property
    def run(self) -> Callable[[Tools, Any], Awaitable[None]]: ...


async def run(stop: asyncio.Event, *, db: Database, clock: Clock, kinds: Sequence[Kind[Tools]], tools: Tools) -> None:
    """Work until `stop` is set. A job that is under way then is interrupted and given back, uncounted."""
    runner = Runner(db=db, clock=clock, kinds=kinds, tools=tools, stop=stop, inherits=db.engine == "sqlite")
    async with asyncio.TaskGroup() as lanes:
        for _ in range(LANES):
            wake = asyncio.Event()
            db.on_wake(queue.WAKE, wake.set)
            lanes.create_task(work_until(stop, runner.drain, wake, IDLE_S))


class Runner:
    """What one process knows about doing jobs."""

    def __init__(
        self,
        *,
        db: Database,
        clock: Clock,
        kinds: Sequence[Kind[Tools]],
        tools: Tools,
        stop: asyncio.Event,
        inherits: bool = False,
    ) -> None:
        """Who `inherits` is alone on its database (HOUSE "Concurrency")."""
        self._db = db
        self._clock = clock
        self._kinds = {kind.kind: kind for kind in kinds}
        self._tools: Any = tools
        self._stop = stop
        self._inherits = inherits

    async def drain(self) -> int:
        """Do one job, if one is due; how many were done or tried."""
        now = self._clock.now()
        if self._inherits:
            self._inherits = False
            await self._db.work(queue.free_leases)
        due = await self._db.read(queue.next_due, now)
        if due is None or due > now:
            return 0
        leased = await self._db.work(queue.lease, now=now, lease_until=later(now, LEASE), size=1)
        for job in leased:
            await self._try(job)
        return len(leased)

    async def _try(self, job: queue.Leased) -> None:
        """Do the job and write down how it ended; give it back when the house closes meanwhile."""
        if job.attempts > STRIKES:
            # It never came to an answer: each time, its worker died under it.
            await self._failed(job, "its worker died each time")
            return
        doing = asyncio.ensure_future(self._do(job))
        closing = asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait({doing, closing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            closing.cancel()
            doing.cancel()
        await asyncio.wait({doing})
        if doing.cancelled():
            await self._db.work(queue.again, job, due_at=self._clock.now(), attempts=job.attempts - 1, outcome="")
        elif trouble := doing.result():
            await self._failed(job, trouble)
        else:
            await self._db.work(queue.done, job.id)

    async def _do(self, job: queue.Leased) -> str:
        """Gives what went wrong, or nothing."""
        kind = self._kinds.get(job.kind)
        if kind is None:
            return f"nobody here does {job.kind}"
        try:
            payload = msgspec.json.decode(job.payload, type=kind.payload)
            async with asyncio.timeout(DEADLINE_S):
                await kind.run(self._tools, payload)
        except Exception:  # noqa: BLE001 - whatever a job raises is kept with it; the worker goes on
            return traceback.format_exc()
        return ""

    async def _failed(self, job: queue.Leased, trouble: str) -> None:
        dead = job.attempts >= STRIKES
        wait = 0 if dead else WAITS[job.attempts - 1]
        now = self._clock.now()
        await self._db.work(
            queue.again,
            job,
            due_at=later(now, wait),
            attempts=job.attempts,
            outcome=trouble[-TROUBLE_LENGTH:],
            dead=dead,
        )
        if dead:
            log.error("job_given_up", kind=job.kind, id=job.id, attempts=job.attempts)
        else:
            log.warning("job_failed", kind=job.kind, id=job.id, attempts=job.attempts, next_in_s=wait // SECOND)
