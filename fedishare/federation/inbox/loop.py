"""The worker of the inbox: takes a batch, asks whom it must, applies it, and survives whatever is in it.

Sources: SECURITY 3.3 ("Inbox", "Poison", "Shutdown"), WIRE. Order holds within an origin: what needs other servers is
worked through origin by origin beside the rest, and no worker takes more from an origin that is still under way.
A dead worker's leases run out; whatever it was at is then taken again, by itself, and counts five times at most.
"""

import asyncio
import traceback
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

import structlog

from fedishare.federation.fetching.fetcher import Fetcher
from fedishare.federation.inbox import store
from fedishare.federation.inbox.apply import DROPPED, apply_group
from fedishare.federation.inbox.foreseeing import Foresee
from fedishare.federation.inbox.store import Leased
from fedishare.federation.inbox.vouching import Handlers, NobodysWord, Vouched, Voucher
from fedishare.foundation.db.database import Database
from fedishare.foundation.db.errors import UniqueBroken
from fedishare.foundation.jobs.loop import work_until
from fedishare.foundation.values.clock import DAY, HOUR, MINUTE, SECOND, Clock, Instant, later
from fedishare.foundation.values.errors import Busy, Malformed, Refusal, RemoteTrouble
from fedishare.foundation.values.here import Here

log = structlog.get_logger()

BATCH = 200
GROUP = 100
STRIKES = 5
LEASE = 60 * SECOND
LEAST_LEFT = 20 * SECOND
"""One item never takes longer; with less left of a lease, nothing new is begun under it."""
CHAINS = 32
"""At once: each may wait for a server that does not answer."""
PUT_OFF = 2 * SECOND
"""What needs somebody waits so long while there are as many already; what needs nobody goes on."""
WAITS = (15 * SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE)
IDLE_S = 1.0
ITEM_DEADLINE_S = 15
STOP_S = 20
KEPT_FOR = 30 * DAY
PART = 1_000
TROUBLE_LENGTH = 2_000


async def run(
    stop: asyncio.Event,
    *,
    db: Database,
    fetcher: Fetcher,
    here: Here,
    clock: Clock,
    handlers: Handlers,
    features: Sequence[Foresee] = (),
) -> None:
    """Until `stop` is set; then what was begun is finished, for 20 seconds at most."""
    if not here.open:
        # What came before this instance was closed waits until it is open again.
        await stop.wait()
        return
    wake = asyncio.Event()
    db.on_wake("inbox", wake.set)
    async with asyncio.TaskGroup() as chains:
        worker = Worker(
            db=db,
            fetcher=fetcher,
            here=here,
            clock=clock,
            handlers=handlers,
            features=features,
            chains=chains,
            wake=wake,
            # One process has the SQLite file: whatever is leased at its start was leased by one that is gone.
            inherits=db.engine == "sqlite",
        )
        await work_until(stop, worker.drain, wake, IDLE_S)
        await worker.finish()


class Worker:
    """What one process does about its inbox."""

    def __init__(
        self,
        *,
        db: Database,
        fetcher: Fetcher,
        here: Here,
        clock: Clock,
        handlers: Handlers,
        chains: asyncio.TaskGroup,
        wake: asyncio.Event,
        inherits: bool = False,
        features: Sequence[Foresee] = (),
    ) -> None:
        """`features` foresee what their handlers ask for a whole group."""
        self._db = db
        self._here = here
        self._clock = clock
        self._handlers = handlers
        self._features = features
        self._voucher = Voucher(db=db, fetcher=fetcher, here=here)
        self._chains = chains
        self._wake = wake
        self._running: set[asyncio.Task[None]] = set()
        self._tidied_at = Instant(0)
        self._inherits = inherits
        self._owed: deque[tuple[list[int], Instant]] = deque()

    async def drain(self) -> int:
        """Take what is due; how many there were. Raises Busy when the database takes nothing now."""
        now = self._clock.now()
        if self._inherits:
            await self._db.work(store.free_leases)
            self._inherits = False
        await self._hand_back()
        await self._tidy(now)
        if not await self._db.read(store.anything_waiting, now=now):
            return 0
        until = later(now, LEASE)
        again = await self._db.work(store.lease_again, now=now, until=until) if self._has_room() else []
        if again:
            await self._take_again(again, until)
            return len(again)
        batch = await self._db.work(store.lease_fresh, now=now, until=until, size=BATCH)
        await self._take(batch, until)
        return len(batch)

    async def finish(self, *, within_s: float = STOP_S) -> None:
        """Wait for the chains under way; what is left then is handed back, so that no other process waits for it."""
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=within_s)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)
        with suppress(Busy):  # then it is taken again when its lease has run out
            await self._hand_back()

    async def _hand_back(self) -> None:
        """What was leased and not come to. Raises Busy: then it stays owed."""
        while self._owed:
            numbers, until = self._owed[0]
            await self._db.work(store.give_back, numbers, until=until)
            self._owed.popleft()

    async def _take(self, batch: Sequence[Leased], until: Instant) -> None:
        """What needs nobody goes in groups; an origin from its first item on that needs somebody, in a chain.

        Raises Busy; what was not come to is owed then: trouble of the database is no fault of what came in.
        """
        begun: set[int] = set()
        try:
            await self._sort(batch, until, begun)
        except Busy:
            self._owed.append(([row.id for row in batch if row.id not in begun], until))
            raise

    async def _sort(self, batch: Sequence[Leased], until: Instant, begun: set[int]) -> None:
        """`begun` are those that a chain has."""
        ready: list[Vouched] = []
        chains: dict[str, list[Leased]] = {}
        dropped: list[tuple[int, str, str]] = []
        for row in batch:
            if row.origin in chains:
                chains[row.origin].append(row)
                continue
            try:
                vouched = self._voucher.at_once(row)
            except (Malformed, NobodysWord) as reason:
                dropped.append((row.id, DROPPED, str(reason)))
                continue
            if vouched is None:
                chains[row.origin] = [row]
            else:
                ready.append(vouched)
        if dropped:
            await self._db.work(store.put_aside, dropped)
        for start in range(0, len(ready), GROUP):
            await self._apply(ready[start : start + GROUP])
        for rows in chains.values():
            if self._has_room():
                self._begin_chain(rows, until)
                begun.update(row.id for row in rows)
            else:
                due_at = later(self._clock.now(), PUT_OFF)
                await self._db.work(store.put_off, [row.id for row in rows], due_at=due_at)

    def _has_room(self) -> bool:
        return len(self._running) < CHAINS

    async def _take_again(self, rows: Sequence[Leased], until: Instant) -> None:
        """One that gave no answer the last time may have stopped the worker: nothing is done beside it."""
        if rows[0].outcome:
            self._begin_chain(rows, until)
        else:
            await self._chain(rows, until)

    def _begin_chain(self, rows: Sequence[Leased], until: Instant) -> None:
        task = self._chains.create_task(self._chain(rows, until))
        self._running.add(task)
        task.add_done_callback(self._chain_ended)

    def _chain_ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._wake.set()

    async def _chain(self, rows: Sequence[Leased], until: Instant) -> None:
        """One origin's items in order, each by itself; what it does not come to is owed."""
        left = deque(rows)
        try:
            while left and self._clock.now() <= until - LEAST_LEFT:
                await self._one(left[0])
                left.popleft()
        except Busy as busy:
            log.warning("inbox_waits_for_database", why=str(busy))
        except Exception:  # the worker survives; it was counted, since it may be its fault
            log.exception("chain_failed", origin=rows[0].origin)
            left.popleft()
        finally:
            if left:
                self._owed.append(([row.id for row in left], until))

    async def _one(self, row: Leased) -> None:
        """Ask and apply one item, whatever it does. Raises Busy alone: that is not the item's fault."""
        if row.attempts > STRIKES:
            await self._give_up(row, "it stopped the worker each time")
            return
        try:
            async with asyncio.timeout(ITEM_DEADLINE_S):
                vouched = self._voucher.at_once(row) or await self._voucher.ask(row)
                await self._db.work(
                    apply_group, [vouched], handlers=self._handlers, here=self._here, now=self._clock.now()
                )
        except Busy:
            raise
        except UniqueBroken as taken:
            log.info("activity_waits", id=row.id, type=row.type, attempt=row.attempts, why=str(taken))
            await self._strike(row, traceback.format_exc())
        except (Malformed, NobodysWord, Refusal) as reason:
            await self._db.work(store.put_aside, [(row.id, DROPPED, str(reason)[:TROUBLE_LENGTH])])
        except RemoteTrouble as trouble:
            await self._strike(row, str(trouble))
        except Exception as trouble:  # noqa: BLE001 - the worker survives whatever an activity holds
            log.warning("activity_failed", id=row.id, type=row.type, attempt=row.attempts, why=repr(trouble)[:500])
            await self._strike(row, traceback.format_exc())

    async def _apply(self, group: Sequence[Vouched]) -> None:
        """A group in one transaction; when something in it fails, each by itself and in order."""
        try:
            await self._db.work(
                apply_group,
                group,
                handlers=self._handlers,
                here=self._here,
                now=self._clock.now(),
                features=self._features,
            )
        except Busy:
            raise
        except Exception as trouble:  # noqa: BLE001 - which of them it was shows when each goes by itself
            log.info("group_undone", size=len(group), why=repr(trouble)[:500])
            for vouched in group:
                await self._one(vouched.row)

    async def _strike(self, row: Leased, trouble: str) -> None:
        if row.attempts >= STRIKES:
            await self._give_up(row, trouble)
            return
        due_at = later(self._clock.now(), WAITS[row.attempts - 1])
        await self._db.work(store.try_again, row.id, due_at=due_at, outcome=trouble[-TROUBLE_LENGTH:])

    async def _give_up(self, row: Leased, trouble: str) -> None:
        log.error("activity_given_up", id=row.id, type=row.type, origin=row.origin)
        await self._db.work(store.put_aside, [(row.id, "dead", trouble[-TROUBLE_LENGTH:])])

    async def _tidy(self, now: Instant) -> None:
        """Each hour, forget what was done with a month ago, a part at a time; dead ones stay until somebody looks."""
        if now - self._tidied_at < HOUR:
            return
        self._tidied_at = now
        for state in ("applied", "dropped"):
            while await self._db.work(store.forget_old, state=state, before=later(now, -KEPT_FOR), size=PART) == PART:
                pass
        await self._db.work(store.forget_counted, before=later(now, -KEPT_FOR))
