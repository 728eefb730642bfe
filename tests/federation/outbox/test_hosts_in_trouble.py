"""A server in trouble is left in peace, keeps its order, and holds up no other (SECURITY 3.3)."""

import asyncio
import time

from fedishare.federation.outbox import listing, loop, turns
from fedishare.federation.outbox.lanes import Lanes
from fedishare.foundation.values.clock import HOUR, MINUTE, SECOND, Instant
from tests.engines import on_each_engine
from tests.federation.outbox.telling import answering, meet, people, queue, say, states
from tests.house import BASE_URL, House
from tests.remote import PUBLIC, Reply, Server, until


@on_each_engine
async def test_one_failed_connection_leaves_a_host_in_peace_for_half_a_minute(remise: House) -> None:
    (amel,) = people(remise, 1)
    await meet(remise, amel)
    remise.network.cut_off("host0.example")
    for _ in range(10):
        await say(remise, to=[amel.uri])
    before = remise.network.connections
    await remise.deliver()
    tried = remise.network.connections - before
    assert tried == 1, "nobody else sets out before the first was answered"

    remise.clock.advance(29 * SECOND)
    await remise.deliver()
    assert remise.network.connections - before == tried

    remise.network.mend("host0.example")
    remise.clock.advance(120 * SECOND)
    await remise.deliver()

    assert len(amel.server.letters) == 10
    assert {row.state for row in await queue(remise)} == {"done"}


async def test_host_that_keeps_failing_is_tried_less_and_less(remise: House) -> None:
    (amel,) = people(remise, 1)
    await meet(remise, amel)
    remise.network.cut_off("host0.example")
    for _ in range(3):
        await say(remise, to=[amel.uri])
    before = remise.network.connections

    for _ in range(24 * 60):
        await remise.deliver()
        remise.clock.advance(MINUTE)

    assert remise.network.connections - before < 60
    (failing,) = await remise.db.read(listing.failing_hosts, size=10)
    assert failing.waiting == 3
    assert failing.open_until - remise.clock.now() <= HOUR


@on_each_engine
async def test_signed_request_from_a_host_brings_it_back(remise: House) -> None:
    (amel,) = people(remise, 1)
    await meet(remise, amel)
    remise.listens_to(("Like", "*"))
    remise.network.cut_off("host0.example")
    await say(remise, to=[amel.uri])
    for _ in range(100):
        await remise.deliver()
        remise.clock.advance(5 * MINUTE)
    remise.network.mend("host0.example")
    await remise.deliver()
    assert not amel.server.letters, "it is left in peace, else there is nothing to bring back"

    await amel.post(remise.inbox, amel.activity("Like", f"{BASE_URL}/1"), now=remise.clock.now())
    await remise.apply()
    await remise.deliver()

    assert len(amel.server.letters) == 1


@on_each_engine
async def test_changes_never_overtake_each_other(remise: House) -> None:
    (amel,) = people(remise, 1)
    await meet(remise, amel)
    amel.server.inbox_reply = answering(500, 202)
    offer = f"{BASE_URL}/proposals/1"
    sent = [await say(remise, to=[PUBLIC, amel.uri], about=offer, kind=kind) for kind in ("Create", "Update", "Delete")]
    other = await say(remise, to=[PUBLIC, amel.uri])

    for _ in range(5):
        await remise.deliver()
        remise.clock.advance(MINUTE)

    arrived = [letter["id"] for letter in amel.server.letters]
    assert [one for one in arrived if one != other] == [sent[0], *sent]
    assert other in arrived


@on_each_engine
async def test_lease_of_a_dead_worker_runs_out(remise: House) -> None:
    (amel,) = people(remise, 1)
    await meet(remise, amel)
    await say(remise, to=[amel.uri])
    now = remise.clock.now()
    await remise.db.work(turns.lease, now=now, until=Instant(now + loop.LEASE), hosts=10, doubtful=10)
    await remise.deliver()
    assert not amel.server.letters

    remise.clock.advance(loop.LEASE + SECOND)
    await remise.deliver()

    (row,) = await queue(remise)
    assert (row.state, row.attempts) == ("done", 2)


async def test_slow_and_dead_hosts_do_not_hold_up_good_ones(remise: House) -> None:
    everybody = people(remise, 60)
    await meet(remise, *everybody)
    good, bad = everybody[:10], everybody[10:]
    for number, person in enumerate(bad):
        _spoil(remise, person.server, number)
    for _ in range(5):
        await say(remise, to=[PUBLIC, *(person.uri for person in everybody)])
    began = time.monotonic()

    delivering = asyncio.create_task(remise.deliver())
    await until(lambda: all(len(person.server.letters) == 5 for person in good), seconds=20)

    last = max(asked.at for person in good for asked in person.server.asked)
    assert last - began < 5
    delivering.cancel()
    await asyncio.gather(delivering, return_exceptions=True)


def _spoil(house: House, server: Server, number: int) -> None:
    modes = [
        lambda asked: Reply(202, after_s=30.0),
        lambda asked: Reply(0),
        lambda asked: Reply(500),
        lambda asked: Reply(429, headers={"retry-after": "3600"}),
        lambda asked: Reply(502, b"<html>" * 100_000),
    ]
    server.inbox_reply = modes[number % len(modes)]
    if number % 7 == 0:
        house.network.cut_off(server.host)


async def test_exchange_not_answered_in_time_leaves_its_slot(remise: House) -> None:
    remise.lanes = Lanes(knocking=1, slow=1, fast_s=0.05)
    slow, quick = people(remise, 2)
    await meet(remise, slow, quick)
    slow.server.inbox_reply = lambda asked: Reply(202, after_s=1.0)
    await say(remise, to=[slow.uri])
    await say(remise, to=[quick.uri])

    await remise.deliver()

    arrived = {person: person.server.asked[-1].at for person in (slow, quick)}
    assert 0.04 < arrived[quick] - arrived[slow] < 0.8


@on_each_engine
async def test_admin_tries_again_and_drops(remise: House) -> None:
    amel, bob = people(remise, 2)
    await meet(remise, amel, bob)
    amel.server.inbox_reply = answering(404, 202)
    bob.server.inbox_reply = answering(404)
    await say(remise, to=[amel.uri, bob.uri])
    await remise.deliver()
    assert {row.state for row in await queue(remise)} == {"dead"}

    assert await remise.db.write(listing.retry, now=remise.clock.now(), host="host0.example") == 1
    assert await remise.db.write(listing.drop, now=remise.clock.now(), host="host1.example") == 1
    await remise.deliver()

    assert await states(remise) == [("host0.example", "done")]
