"""The worker of the outbox: one task for each server that something is due for, and one hand that records.

Sources: SECURITY 3.3 ("Isolation", "Ordering", "Shutdown"), WIRE "Inbox and outbox". A server's queue is worked through
in one go, since a new TLS connection costs as much as several deliveries; at most four at a time, and in order where
two are on one topic. Nothing in memory counts: what is not recorded when the process dies is sent again.
"""

import asyncio
from collections import deque

import structlog

from fedishare.federation.outbox import store, turns
from fedishare.federation.outbox.delivery import Post
from fedishare.federation.outbox.lanes import Lanes
from fedishare.federation.outbox.recording import Recorder
from fedishare.federation.outbox.refusing import drop_unwelcome
from fedishare.federation.outbox.schedule import Tried
from fedishare.federation.outbox.store import Due
from fedishare.federation.outbox.turns import Over, Turn
from fedishare.foundation.db.database import Database
from fedishare.foundation.jobs.loop import work_until
from fedishare.foundation.net.client import Net
from fedishare.foundation.values.clock import DAY, HOUR, SECOND, Clock, Instant, later
from fedishare.foundation.values.errors import Busy
from fedishare.foundation.values.here import Here
from fedishare.foundation.values.secrets import Secret

log = structlog.get_logger()

HOSTS = 256
DOUBTFUL = 192
"""Of these, how many may be such that fail or were never told anything: those that answer always find room."""
EACH = 40
"""Deliveries of one host that are leased at once."""
AT_A_TIME = 4
LEASE = 60 * SECOND
LEAST_LEFT = 15 * SECOND
"""An exchange takes ten seconds at most; with less left of a lease, none is begun under it."""
IDLE_S = 1.0
STOP_S = 20
KEPT_FOR = 30 * DAY
PART = 1_000
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
        self._running: dict[asyncio.Task[None], bool] = {}
        """Each turn that is under way, and whether its server is a doubtful one."""
        self._tidied_at = Instant(0)
        self._inherits = inherits

    async def drain(self) -> int:
        """Begin with every server that something is due for; how many turns were begun."""
        now = self._clock.now()
        if self._inherits:
            await self._db.work(turns.inherit, now=now)
            self._inherits = False
        await self._tidy(now)
        room = HOSTS - len(self._running)
        if room <= 0 or not await self._db.read(turns.any_due, now=now):
            return 0
        doubtful = max(0, DOUBTFUL - sum(self._running.values()))
        until = later(now, LEASE)
        begun = await self._db.work(turns.lease, now=now, until=until, hosts=room, doubtful=doubtful)
        await self._post.prepare(due.activity_id for turn in begun for due in turn.queue)
        for turn in begun:
            self._begin(turn)
        return len(begun)

    async def finish(self) -> None:
        """Wait for what is under way; what is left then is sent again when its lease has run out."""
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=STOP_S)
            for task in late:
                task.cancel()

    def _begin(self, turn: Turn) -> None:
        task = self._group.create_task(self._host(turn))
        self._running[task] = turn.doubtful
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        self._wake.set()

    async def _host(self, turn: Turn) -> None:
        """One server's turn: stops at its first failure, and gives back what was not begun.

        It begins with one knock: servers that say nothing must not take four slots each, nor forty deliveries.
        """
        work = Work(turn)
        try:
            await self._one(work, work.waiting.popleft(), knock=True)
            if work.waiting and not work.failed:
                await self._go_on(work)
            self._recorder.over(Over(host=turn.host, until=turn.until, left=[due.id for due in work.waiting]))
        except Busy as busy:
            log.warning("deliveries_wait_for_database", host=turn.host, why=str(busy))
        except Exception:  # the worker survives; these are sent again when their lease has run out
            log.exception("turn_failed", host=turn.host)

    async def _go_on(self, work: "Work") -> None:
        """It answers: whatever else waits for it, four at a time."""
        turn, now = work.turn, self._clock.now()
        more = await self._db.work(turns.more, turn.host, now=now, until=turn.until, size=EACH - 2)
        await self._post.prepare(due.activity_id for due in more)
        work.waiting.extend(more)
        async with asyncio.TaskGroup() as hands:
            for _ in range(min(AT_A_TIME, len(work.waiting))):
                hands.create_task(self._work_through(work))

    async def _work_through(self, work: "Work") -> None:
        while not work.failed and self._clock.now() <= work.turn.until - LEAST_LEFT:
            due = work.next()
            if due is None:
                return
            await self._one(work, due)

    async def _one(self, work: "Work", due: Due, *, knock: bool = False) -> None:
        topic = (due.inbox, due.topic)
        work.held.add(topic)
        async with self._lanes.exchange(knock=knock, doubtful=work.turn.doubtful):
            tried = await self._attempt(due)
        self._recorder.add(tried)
        work.failed = work.failed or tried.host_failed
        if tried.arrived:
            work.held.discard(topic)  # else what follows on this topic waits for it

    async def _attempt(self, due: Due) -> Tried:
        """What breaks us waits like any other, and is given up after five times: it holds up nothing else."""
        try:
            return await self._post.deliver(due)
        except Busy:
            raise
        except Exception as trouble:  # the worker survives whatever a letter holds
            log.exception("delivery_broken", id=due.id, host=due.host)
            return self._post.broken(due, trouble)

    async def _tidy(self, now: Instant) -> None:
        if now - self._tidied_at < HOUR:
            return
        self._tidied_at = now
        for state in ("done", "dead"):
            while await self._db.work(store.forget_old, state=state, before=later(now, -KEPT_FOR), size=PART) == PART:
                pass
        await self._db.work(turns.call_forgotten, now=now)
        await self._db.work(store.forget_hosts, before=later(now, -FORGET_HOSTS_AFTER), kept=FAILING_HOSTS)


class Work:
    """What is still to be done of a turn. A `held` topic waits: another hand is at it, or something did not arrive."""

    def __init__(self, turn: Turn) -> None:
        self.turn = turn
        self.waiting = deque(turn.queue)
        self.held: set[tuple[str, str]] = set()
        self.failed = False

    def next(self) -> Due | None:
        """The oldest whose topic is free."""
        for due in self.waiting:
            if (due.inbox, due.topic) not in self.held:
                self.waiting.remove(due)
                return due
        return None
