"""What came of a batch of attempts, in one transaction: done, later, or given up, and what it says of the hosts."""

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog

from fedishare.federation.outbox import hosts, store, turns
from fedishare.federation.outbox.schedule import Tried, next_attempt
from fedishare.federation.outbox.turns import Over
from fedishare.foundation.db.access import Tx
from fedishare.foundation.db.database import Database
from fedishare.foundation.values.errors import Busy

log = structlog.get_logger()

_GONE = 410
GATHER_S = 0.02
PATIENCE_S = 1.0
"""Between two attempts to write to a database that has no time."""


async def record(tx: Tx, batch: Sequence[Tried], over: Sequence[Over] = ()) -> None:
    """Each attempt of `batch`, in the order in which they ended; then the turns that are `over`."""
    await _record_deliveries(tx, batch)
    for tried in batch:
        if tried.status == _GONE:
            await store.inbox_is_gone(tx, inbox=tried.inbox, host=tried.host, now=tried.at)
    # After the deliveries: a host that is back has all its queue due at once, those that failed just now included.
    attempts: dict[str, list[Tried]] = {}
    for tried in batch:
        if tried.of_the_host:
            attempts.setdefault(tried.host, []).append(tried)
    ended = {one.host: one for one in over}
    # Each server once and in one order everywhere: two workers that write at once never wait for each other.
    for host in sorted({*attempts, *ended}):
        if host in attempts:
            await hosts.learn(tx, host, attempts[host])
        if host in ended:
            await turns.over(tx, ended[host])


async def _record_deliveries(tx: Tx, batch: Sequence[Tried]) -> None:
    done: list[dict[str, Any]] = []
    later: list[dict[str, Any]] = []
    given_up: list[dict[str, Any]] = []
    for tried in batch:
        if tried.arrived:
            done.append({"id": tried.delivery_id, "status": tried.status})
            continue
        row = {"id": tried.delivery_id, "status": tried.status, "outcome": tried.text}
        due_at = next_attempt(tried)
        if due_at is None:
            given_up.append(row)
        else:
            later.append({**row, "due_at": due_at, "strikes": tried.strikes})
        _tell(tried, due_at)
    await store.delivered(tx, done)
    await store.deliver_later(tx, later)
    await store.give_up(tx, given_up)


def _tell(tried: Tried, due_at: int | None) -> None:
    fields = {"host": tried.host, "status": tried.status, "attempt": tried.attempts, "why": tried.text[-200:]}
    if due_at is None:
        log.warning("delivery_given_up", **fields)
    else:
        log.info("delivery_failed", **fields, next_in_s=(due_at - tried.at) // 1000)


class Recorder:
    """Takes what came of attempts, and the turns that are over, and writes it down in batches. One for a process."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._tried: list[Tried] = []
        self._over: list[Over] = []
        self._something = asyncio.Event()
        self._ended = False
        self._writing = asyncio.Lock()

    def add(self, tried: Tried) -> None:
        self._tried.append(tried)
        self._something.set()

    def over(self, turn: Over) -> None:
        """After all that came of it."""
        self._over.append(turn)
        self._something.set()

    def end(self) -> None:
        """Nothing more comes: `run` returns when everything is written."""
        self._ended = True
        self._something.set()

    async def run(self) -> None:
        while not self._ended or self._tried or self._over:
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
            over, self._over = self._over, []
            if batch or over:
                await self._write(batch, over)

    async def _write(self, batch: list[Tried], over: list[Over]) -> None:
        try:
            await self._db.work(record, batch, over)
        except Busy as busy:
            log.warning("deliveries_not_recorded", count=len(batch), why=str(busy))
            if self._ended:
                return  # their leases run out, and they are sent again
            self._tried = [*batch, *self._tried]
            self._over = [*over, *self._over]
            self._something.set()
            await asyncio.sleep(PATIENCE_S)
