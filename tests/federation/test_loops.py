"""Both loops as an instance runs them: woken by what comes, and ended without leaving anything half done."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from fedishare.federation.inbox import loop as inbox_loop
from fedishare.federation.inbox import store as inbox
from fedishare.federation.inbox.handling import Handler, Outcome, Received
from fedishare.federation.outbox import listing
from fedishare.federation.outbox import loop as outbox_loop
from fedishare.federation.outbox.send import send
from fedishare.foundation.db.access import Tx
from fedishare.foundation.db.database import Database
from fedishare.foundation.values.clock import SystemClock
from fedishare.foundation.values.here import Here
from tests.clock import StoppedClock
from tests.engines import on_each_engine
from tests.house import BASE_URL, SECRET, House, house
from tests.remote import Reply, until


@pytest.fixture
async def remise(database: Database) -> AsyncIterator[House]:
    async with house(database, clock=MovingClock()) as made:
        yield made


class MovingClock(StoppedClock):
    """The loops wait in real time."""

    now = SystemClock.now
    monotonic = SystemClock.monotonic


@asynccontextmanager
async def working(remise: House) -> AsyncIterator[asyncio.Event]:
    """Both loops, until the end of the block; `stop` may be set before."""
    stop = asyncio.Event()
    shared = {"db": remise.db, "here": remise.here, "clock": remise.clock}
    async with asyncio.timeout(30), asyncio.TaskGroup() as loops:
        loops.create_task(inbox_loop.run(stop, fetcher=remise.fetcher, handlers=remise.handlers, **shared))
        loops.create_task(outbox_loop.run(stop, net=remise.net, secret=SECRET, **shared))
        yield stop
        stop.set()


@on_each_engine
async def test_what_comes_is_applied_and_answered_without_waiting(remise: House) -> None:
    amel = remise.network.server("mastodon.example").person("amel")
    remise.handlers["Follow", "*"] = _answer(remise)

    async with working(remise):
        await asyncio.sleep(0.05)
        await amel.post(remise.inbox, amel.activity("Follow", f"{BASE_URL}/users/remise"), now=remise.clock.now())
        await until(lambda: bool(amel.server.letters), seconds=10)

    assert [letter["type"] for letter in amel.server.letters] == ["Accept"]
    assert await remise.db.read(inbox.waiting_count) == 0
    assert await remise.db.read(listing.waiting_count) == 0


def _answer(remise: House) -> Handler:
    async def handler(tx: Tx, received: Received, here: Here) -> Outcome:
        accept = {
            "type": "Accept",
            "actor": remise.remise.uri,
            "object": received.activity.id,
            "to": [received.actor.uri],
        }
        await send(tx, accept, by=remise.remise, here=here, now=received.received_at)
        return Outcome.APPLIED

    return handler


async def test_exchange_under_way_is_finished_and_written_down_at_the_end(remise: House) -> None:
    amel = remise.network.server("mastodon.example").person("amel")
    await remise.fetcher.actor(amel.uri)
    amel.server.inbox_reply = lambda asked: Reply(202, after_s=1.0)
    like = {"type": "Like", "actor": remise.remise.uri, "object": f"{amel.uri}/1", "to": [amel.uri]}
    await remise.db.write(send, like, by=remise.remise, here=remise.here, now=remise.clock.now())

    async with working(remise) as stop:
        await until(lambda: bool(amel.server.letters), seconds=10)
        stop.set()

    (row,) = await remise.db.read(listing.listing, state=None, host=None, size=10)
    assert (row.state, row.status) == ("done", 202)


async def test_what_the_process_before_had_leased_is_taken_at_once(remise: House) -> None:
    amel = remise.network.server("mastodon.example").person("amel")
    remise.listens_to(("Like", "*"))
    await amel.post(remise.inbox, amel.activity("Like", f"{BASE_URL}/1"), now=remise.clock.now())
    now = remise.clock.now()
    await remise.db.work(inbox.lease_fresh, now=now, until=type(now)(now + inbox_loop.LEASE), size=10)

    async with working(remise):
        await until(lambda: bool(remise.told), seconds=10)

    assert [received.activity.type for received in remise.told] == ["Like"]
