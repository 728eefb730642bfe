"""The worker of the outbox: one task for each server that something is due for, and one hand that records.

Sources: SECURITY 3.3 ("Isolation", "Ordering", "Shutdown"), WIRE "Inbox and outbox". A server's queue is worked through
in one go, since a new TLS connection costs as much as several deliveries; at most four at a time, and in order where
two are on one topic. Nothing in memory counts: what is not recorded when the process dies is sent again.
"""

import asyncio
from collections import deque
from collections.abc import Sequence

import structlog

from fedishare.federation.outbox import store
from fedishare.federation.outbox.delivery import Post
from fedishare.federation.outbox.lanes import Lanes
from fedishare.federation.outbox.recording import record
from fedishare.federation.outbox.refusing import drop_unwelcome
from fedishare.federation.outbox.schedule import Tried
from fedishare.federation.outbox.store import Due
from fedishare.foundation.db.database import Database
from fedishare.foundation.jobs.loop import work_until
from fedishare.foundation.net.client import Net
from fedishare.foundation.values.clock import DAY, HOUR, SECOND, Clock, Instant, later
from fedishare.foundation.values.errors import Busy
from fedishare.foundation.values.here import Here
from fedishare.foundation.values.secrets import Secret

log = structlog.get_logger()

HOSTS = 256
EACH = 40
"""Deliveries of one host that are leased at once."""
AT_A_TIME = 4
LEASE = 60 * SECOND
LEAST_LEFT = 15 * SECOND
"""An exchange takes ten seconds at most; with less left of a lease, none is begun under it."""
IDLE_S = 1.0
STOP_S = 20
GATHER_S = 0.02
KEPT_FOR = 30 * DAY
PART = 1_000
STRIKES = 5
"""As often one that fails by our own fault is begun again, when its lease has run out (SECURITY 3.3 "Poison")."""
FORGET_HOSTS_AFTER = 7 * DAY
FAILING_HOSTS = 10_000
"""As many are remembered at most; anybody can advertise more (A282)."""


async def run(stop: asyncio.Event, *, db: Database, net: Net, secret: Secret, here: Here, clock: Clock) -> None:
    """Until `stop` is set; then what is under way is finished, for 20 seconds at most, and recorded."""
    if not here.open:
        await stop.wait()
        return
    wake = asyncio.Event()
    db.on_wake("deliveries", wake.set)
    await db.work(drop_unwelcome, here=here, now=clock.now())
    post = Post(db=db, net=net, secret=secret, here=here, clock=clock)
    recorder = Recorder(db)
    async with asyncio.TaskGroup() as group:
        recording = group.create_task(recorder.run())
        # One process has the SQLite file: whatever is leased at its start was leased by one that is gone.
        inherits = db.engine == "sqlite"
        worker = Worker(db=db, post=post, recorder=recorder, clock=clock, group=group, wake=wake, inherits=inherits)
        await work_until(stop, worker.drain, wake, IDLE_S)
        await worker.finish()
        recorder.end()
        await recording


class Recorder:
    """Takes what came of attempts and writes it down in batches."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._tried: list[Tried] = []
        self._something = asyncio.Event()
        self._ended = False
        self._writing = asyncio.Lock()

    def add(self, tried: Tried) -> None:
        self._tried.append(tried)
        self._something.set()

    def end(self) -> None:
        """Nothing more comes: `run` returns when everything is written."""
        self._ended = True
        self._something.set()

    async def run(self) -> None:
        while not self._ended or self._tried:
            await self._something.wait()
            self._something.clear()
            if not self._ended:
                await asyncio.sleep(GATHER_S)
            try:
                await self.flush()
            except Exception:  # the worker survives; these are sent again when their lease has run out
                log.exception("deliveries_not_recorded")

    async def flush(self) -> None:
        """Write down what there is: when this returns, it is on disk."""
        async with self._writing:
            batch, self._tried = self._tried, []
            if batch:
                await self._write(batch)

    async def _write(self, batch: list[Tried]) -> None:
        try:
            await self._db.work(record, batch)
        except Busy as busy:
            log.warning("deliveries_not_recorded", count=len(batch), why=str(busy))
            if self._ended:
                return  # their leases run out, and they are sent again
            self._tried = [*batch, *self._tried]
            self._something.set()
            await asyncio.sleep(IDLE_S)


class Worker:
    """What one process does about its deliveries."""

    def __init__(
        self,
        *,
        db: Database,
        post: Post,
        recorder: Recorder,
        clock: Clock,
        group: asyncio.TaskGroup,
        wake: asyncio.Event,
        lanes: Lanes | None = None,
        inherits: bool = False,
    ) -> None:
        self._db = db
        self._post = post
        self._recorder = recorder
        self._clock = clock
        self._group = group
        self._wake = wake
        self._lanes = lanes or Lanes()
        self._running: set[asyncio.Task[None]] = set()
        self._tidied_at = Instant(0)
        self._inherits = inherits

    async def drain(self) -> int:
        """Begin with every server that something is due for; how many deliveries were taken."""
        now = self._clock.now()
        if self._inherits:
            await self._db.work(store.free_leases)
            self._inherits = False
        await self._tidy(now)
        room = HOSTS - len(self._running)
        if room <= 0 or not await self._db.read(store.due_hosts, now=now, size=1):
            return 0
        until = later(now, LEASE)
        leased = await self._db.work(store.lease, now=now, until=until, hosts=room, each=EACH)
        rows = [row for queue in leased.values() for row in queue]
        await self._post.prepare(row.activity_id for row in rows)
        for queue in leased.values():
            self._begin(queue, until)
        return len(rows)

    async def finish(self) -> None:
        """Wait for what is under way; what is left then is sent again when its lease has run out."""
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=STOP_S)
            for task in late:
                task.cancel()

    def _begin(self, queue: Sequence[Due], until: Instant) -> None:
        task = self._group.create_task(self._host(queue, until))
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._wake.set()

    async def _host(self, queue: Sequence[Due], until: Instant) -> None:
        """One server's turn: stops at its first failure, and gives back what was not begun.

        It begins with one hand: servers that say nothing must not take four of the fast slots each, when a tenth of
        all servers would do to keep those that answer waiting for a second.
        """
        turn = Turn(queue)
        try:
            await self._chain(turn, until)
            async with asyncio.TaskGroup() as hands:
                for _ in range(0 if turn.failed else min(AT_A_TIME, len(turn.chains))):
                    hands.create_task(self._work_through(turn, until))
            if turn.left():
                await self._db.work(store.give_back, turn.left())
        except Busy as busy:
            log.warning("deliveries_wait_for_database", host=queue[0].host, why=str(busy))
        except Exception:  # the worker survives; these are sent again when their lease has run out
            log.exception("turn_failed", host=queue[0].host)

    async def _work_through(self, turn: "Turn", until: Instant) -> None:
        while turn.chains and not turn.failed:
            await self._chain(turn, until)

    async def _chain(self, turn: "Turn", until: Instant) -> None:
        for due in turn.chains.popleft():
            if turn.failed or self._clock.now() > until - LEAST_LEFT:
                return
            turn.begun.add(due.id)
            async with self._lanes.exchange():
                tried = await self._attempt(due)
            self._recorder.add(tried)
            turn.failed = turn.failed or tried.host_failed
            if not tried.arrived:
                return  # what follows on this topic waits for it

    async def _attempt(self, due: Due) -> Tried:
        """What breaks us again and again is given up, or it would hold up all that its server waits for."""
        try:
            return await self._post.deliver(due)
        except Busy:
            raise
        except Exception as trouble:  # the worker survives whatever a letter holds
            if due.attempts < STRIKES:
                raise
            log.exception("delivery_broken", id=due.id, host=due.host)
            return self._post.given_up(due, trouble)

    async def _tidy(self, now: Instant) -> None:
        if now - self._tidied_at < HOUR:
            return
        self._tidied_at = now
        for state in ("done", "dead"):
            while await self._db.work(store.forget_old, state=state, before=later(now, -KEPT_FOR), size=PART) == PART:
                pass
        await self._db.work(store.forget_hosts, before=later(now, -FORGET_HOSTS_AFTER), kept=FAILING_HOSTS)


class Turn:
    """One server's share of a lease: chains on one topic to one inbox, each in order."""

    def __init__(self, queue: Sequence[Due]) -> None:
        chains: dict[tuple[str, str], list[Due]] = {}
        for due in queue:
            chains.setdefault((due.inbox, due.topic), []).append(due)
        self.chains = deque(chains.values())
        self.queue = queue
        self.begun: set[int] = set()
        self.failed = False

    def left(self) -> list[int]:
        return [due.id for due in self.queue if due.id not in self.begun]
