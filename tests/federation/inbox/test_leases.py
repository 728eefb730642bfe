"""What a worker has leased and does not come to: handed back, uncounted, whether the database or the process stops."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from fedishare.federation.inbox import loop, store
from fedishare.federation.inbox.loop import Worker
from fedishare.foundation.db.database import Database
from fedishare.foundation.db.errors import DatabaseAway
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.errors import Busy
from tests.engines import on_each_engine
from tests.federation.inbox.looking import rows, states
from tests.house import BASE_URL, House
from tests.remote import Person, Reply


class GoesAway:
    """A database that leases and then, while it is `away`, keeps nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.engine = database.engine
        self.away = True

    async def read(self, function: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
        return await self._database.read(function, *args, **kwargs)

    async def work(self, operation: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
        if self.away and operation.__name__ == "apply_group":
            raise DatabaseAway("terminating connection due to administrator command")
        return await self._database.work(operation, *args, **kwargs)

    write = work

    def on_wake(self, whom: str, callback: Callable[[], None]) -> None:
        self._database.on_wake(whom, callback)


def worker(remise: House, db: Any, chains: asyncio.TaskGroup) -> Worker:
    return Worker(
        db=db,
        fetcher=remise.fetcher,
        here=remise.here,
        clock=remise.clock,
        handlers=remise.handlers,
        chains=chains,
        wake=asyncio.Event(),
    )


@on_each_engine
async def test_trouble_of_the_database_is_no_strike_and_no_wait(remise: House, amel: Person) -> None:
    remise.listens_to(("Like", "*"))
    for number in range(3):
        await amel.post(remise.inbox, amel.activity("Like", f"{BASE_URL}/{number}"), now=remise.clock.now())
    db = GoesAway(remise.db)

    async with asyncio.TaskGroup() as chains:
        at_it = worker(remise, db, chains)
        for _ in range(loop.STRIKES + 2):
            with pytest.raises(Busy):
                await at_it.drain()
        db.away = False
        assert await at_it.drain() == 3

    assert await states(remise) == [("Like", "applied")] * 3
    assert [row.attempts for row in await rows(remise)] == [1, 1, 1]


@on_each_engine
async def test_what_is_under_way_at_the_end_is_for_another_process_at_once(remise: House, amel: Person) -> None:
    remise.listens_to(("Create", "Note"))
    note = amel.server.note("/notes/1", amel)
    await amel.post(remise.inbox, amel.activity("Create", note["id"]), now=remise.clock.now())
    # The object has to be asked for, and its server takes its time.
    amel.server.at_the_door = lambda asked: Reply(200, after_s=30.0)

    async with asyncio.TaskGroup() as chains:
        at_it = worker(remise, remise.db, chains)
        assert await at_it.drain() == 1
        await at_it.finish(within_s=0.1)

    now = remise.clock.now()
    (again,) = await remise.db.work(store.lease_fresh, now=now, until=Instant(now + loop.LEASE), size=10)
    assert again.attempts == 1, "as if it had never been taken"


@on_each_engine
async def test_what_somebody_else_has_leased_since_is_not_handed_back(remise: House, amel: Person) -> None:
    remise.listens_to(("Like", "*"))
    await amel.post(remise.inbox, amel.activity("Like", f"{BASE_URL}/1"), now=remise.clock.now())
    begun = remise.clock.now()
    (row,) = await remise.db.work(store.lease_fresh, now=begun, until=Instant(begun + loop.LEASE), size=10)
    remise.clock.advance(loop.LEASE + 1)
    now = remise.clock.now()
    assert await remise.db.work(store.lease_again, now=now, until=Instant(now + loop.LEASE))

    await remise.db.work(store.give_back, [row.id], until=Instant(begun + loop.LEASE))

    assert not await remise.db.work(store.lease_again, now=now, until=Instant(now + loop.LEASE))
    assert [one.attempts for one in await rows(remise)] == [2]
