"""What is said reaches every inbox that it is meant for, whatever state its host is in (SECURITY 3.2, 3.3)."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from itertools import pairwise
from typing import Any

import pytest
from msgspec.structs import replace

from fedishare.federation.actors.model import Actor
from fedishare.federation.following import store as following
from fedishare.federation.following.model import Follow, State
from fedishare.federation.outbox import hosts, listing, loop, send, store
from fedishare.federation.outbox.lanes import Lanes
from fedishare.foundation.db.access import Tx
from fedishare.foundation.db.database import Database
from fedishare.foundation.values.clock import DAY, HOUR, MINUTE, SECOND, Instant
from tests.engines import on_each_engine
from tests.house import BASE_URL, House, house
from tests.remote import PUBLIC, Asked, Person, Reply, Server, until

REMISE = f"{BASE_URL}/users/remise"
FOLLOWERS = f"{REMISE}/followers"


@pytest.fixture
async def remise(database: Database) -> AsyncIterator[House]:
    async with house(database) as made:
        yield made


async def meet(house: House, *people: Person) -> list[Actor]:
    """The house knows these people from now on."""
    return [await house.fetcher.actor(person.uri) for person in people]


def people(house: House, count: int, host: str = "host{}.example") -> list[Person]:
    return [house.network.server(host.format(number)).person("amel") for number in range(count)]


async def say(house: House, *, to: list[str], about: str = "", kind: str = "Create", **also: Any) -> str:
    """The association says something."""
    about = about or f"{BASE_URL}/proposals/{house.here.ids.new(house.clock.now())}"
    activity = {"type": kind, "actor": REMISE, "object": about, "to": to}
    return await house.db.write(send.send, activity, by=house.remise, here=house.here, now=house.clock.now(), **also)


async def queue(house: House, **filters: Any) -> list[listing.Listed]:
    found = await house.db.read(listing.listing, size=1_000, **{"state": None, "host": None, **filters})
    return list(reversed(found))


async def states(house: House) -> list[tuple[str, str]]:
    return [(row.host, row.state) for row in await queue(house)]


def answering(*statuses: int) -> Callable[[Asked], Reply]:
    """These in turn, and the last one for ever."""
    left = list(statuses)
    return lambda asked: Reply(left.pop(0) if len(left) > 1 else left[0])


@on_each_engine
async def test_what_is_said_reaches_the_inbox_signed_and_unchanged(remise: House) -> None:
    (amel,) = people(remise, 1)
    await meet(remise, amel)
    said = await say(remise, to=[PUBLIC, amel.uri])

    await remise.deliver()

    (asked,) = [asked for asked in amel.server.asked if asked.method == "POST"]
    assert asked.path == "/inbox"
    assert asked.json["id"] == said
    assert asked.headers["content-type"] == "application/activity+json"
    assert asked.headers["digest"].startswith("SHA-256=")
    assert f'keyId="{REMISE}#main-key"' in asked.headers["signature"]
    assert await states(remise) == [("host0.example", "done")]


@on_each_engine
async def test_shared_inbox_is_told_once_for_all_its_people(remise: House) -> None:
    server = remise.network.server("mastodon.example")
    everybody = [server.person(name) for name in ("amel", "bob", "chloe")]
    await meet(remise, *everybody)
    await say(remise, to=[PUBLIC, *(person.uri for person in everybody)])

    await remise.deliver()

    assert len(server.letters) == 1


async def test_few_who_are_meant_alone_are_told_in_their_own_inbox(remise: House) -> None:
    (amel,) = people(remise, 1)
    await meet(remise, amel)
    await say(remise, to=[amel.uri])

    await remise.deliver()

    assert [asked.path for asked in amel.server.asked if asked.method == "POST"] == ["/users/amel/inbox"]


@on_each_engine
async def test_followers_are_told_by_their_collection(remise: House) -> None:
    amel, bob, chloe = people(remise, 3)
    known = await meet(remise, amel, bob, chloe)
    await remise.db.write(_follow, known[0], remise.remise, "accepted", remise)
    await remise.db.write(_follow, known[1], remise.remise, "pending", remise)
    await say(remise, to=[PUBLIC], also=[FOLLOWERS])

    await remise.deliver()

    assert [len(person.server.letters) for person in (amel, bob, chloe)] == [1, 0, 0]


async def _follow(tx: Tx, follower: Actor, followed: Actor, state: str, house: House) -> None:
    """A row as `following` writes it; how it comes about is told in that room's tests."""
    now = house.clock.now()
    follow = Follow(
        id=house.here.ids.new(now),
        uri=f"{follower.uri}#follow",
        follower_id=follower.id,
        followed_id=followed.id,
        state=State(state),
        signed_at=now,
        answered_at=None,
        created_at=now,
    )
    await following.save(tx, follow)


async def test_nobody_here_is_written_to(remise: House) -> None:
    amel = await remise.lives("amel")
    await say(remise, to=[PUBLIC, amel.uri, FOLLOWERS])

    assert await queue(remise) == []


async def test_nobody_says_anything_in_anothers_name(remise: House) -> None:
    amel = await remise.lives("amel")
    activity = {"type": "Create", "actor": REMISE, "object": f"{BASE_URL}/posts/1", "to": [PUBLIC]}

    with pytest.raises(ValueError, match="cannot say"):
        await remise.db.write(send.send, activity, by=amel, here=remise.here, now=remise.clock.now())


async def test_blind_copies_are_not_shown(remise: House) -> None:
    amel, bob = people(remise, 2)
    await meet(remise, amel, bob)
    activity = {"type": "Like", "actor": REMISE, "object": f"{amel.uri}/1", "to": [amel.uri], "bcc": [bob.uri]}
    await remise.db.write(send.send, activity, by=remise.remise, here=remise.here, now=remise.clock.now())

    await remise.deliver()

    assert "bcc" not in amel.server.letters[0]
    assert not bob.server.letters


async def test_nothing_goes_out_while_closed(database: Database) -> None:
    async with house(database) as made:
        (amel,) = people(made, 1)
        await meet(made, amel)
        made.here = replace(made.here, open=False)

        await say(made, to=[amel.uri])

        assert await queue(made) == []


@on_each_engine
async def test_attempts_follow_the_schedule(remise: House) -> None:
    (amel,) = people(remise, 1)
    await meet(remise, amel)
    amel.server.inbox_reply = answering(500)
    await say(remise, to=[amel.uri])
    began = remise.clock.now()

    attempts: list[int] = []
    for _ in range(40):
        await remise.deliver()
        if len(amel.server.letters) > len(attempts):
            attempts.append(remise.clock.now() - began)
        (row,) = await queue(remise)
        if row.state == "dead":
            break
        remise.clock.advance(max(SECOND, row.due_at - remise.clock.now()))
        await _open_breakers(remise)

    waits = [after - before for before, after in pairwise(attempts)]
    wanted = [15, 60, 300, 900, 3_600, 10_800, 21_600, 43_200, *[86_400] * 6]
    for wait, seconds in zip(waits, wanted, strict=False):
        assert 0.8 * seconds - 2 <= wait / SECOND <= 1.2 * seconds + 2
    assert row.state == "dead"
    assert row.attempts in (13, 14, 15, 16)
    assert 5.5 * DAY < attempts[-1] <= 7 * DAY


async def _open_breakers(house: House) -> None:
    """The breaker has tests of its own: here it stands aside, so that the schedule alone is seen."""
    await house.db.write(_forget_failures)


async def _forget_failures(tx: Tx) -> None:
    await tx.run(store.sql.close_breaker.filtered(only_host=None))


@pytest.mark.parametrize("status", [400, 403, 404, 405, 413, 415])
async def test_refusal_is_final(remise: House, status: int) -> None:
    (amel,) = people(remise, 1)
    await meet(remise, amel)
    amel.server.inbox_reply = answering(status)
    await say(remise, to=[amel.uri])

    await remise.deliver()

    (row,) = await queue(remise)
    assert (row.state, row.status, row.attempts) == ("dead", status, 1)


async def test_401_is_asked_again_for_six_hours(remise: House) -> None:
    (amel,) = people(remise, 1)
    await meet(remise, amel)
    amel.server.inbox_reply = answering(401)
    await say(remise, to=[amel.uri])
    began = remise.clock.now()

    while (await queue(remise))[0].state == "waiting":
        await remise.deliver()
        last = remise.clock.now() - began
        remise.clock.advance(MINUTE)

    assert HOUR < last <= 6 * HOUR


async def test_401_that_becomes_202_has_arrived(remise: House) -> None:
    (amel,) = people(remise, 1)
    await meet(remise, amel)
    amel.server.inbox_reply = answering(401, 202)
    await say(remise, to=[amel.uri])
    await remise.deliver()

    remise.clock.advance(MINUTE)
    await remise.deliver()

    assert await states(remise) == [("host0.example", "done")]


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("1", 60),
        ("3600", 3_600),
        ("99999999999", 86_400),
        ("-5", 15),
        ("soon", 15),
        ("Mon, 23 Nov 2026 13:00:00 GMT", 3_600),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_is_kept_within_bounds(remise: House, status: int, asked: str, seconds: int) -> None:
    (amel,) = people(remise, 1)
    await meet(remise, amel)
    amel.server.inbox_reply = lambda letter: Reply(status, headers={"retry-after": asked})
    await say(remise, to=[amel.uri])

    await remise.deliver()

    (row,) = await queue(remise)
    wait = (row.due_at - remise.clock.now()) / SECOND
    assert 0.8 * seconds <= wait <= 1.2 * seconds


@on_each_engine
async def test_inbox_that_is_gone_is_not_told_again_until_its_owner_speaks(remise: House) -> None:
    (amel,) = people(remise, 1)
    (known,) = await meet(remise, amel)
    amel.server.inbox_reply = answering(410)
    first, second = await say(remise, to=[amel.uri]), await say(remise, to=[amel.uri])
    await remise.deliver()
    assert [row.state for row in await queue(remise)] == ["dead", "dead"]
    assert [row.activity for row in await queue(remise)] == [first, second]
    await say(remise, to=[amel.uri])
    assert len(await queue(remise)) == 2

    await remise.db.write(hosts.inbox_is_back, known)
    await say(remise, to=[amel.uri])

    assert [row.state for row in await queue(remise)] == ["dead", "dead", "waiting"]


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
    assert 1 <= tried <= loop.AT_A_TIME, "four are on their way when the first fails"

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
    await remise.db.work(store.lease, now=now, until=Instant(now + loop.LEASE), hosts=10, each=10)
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
    remise.lanes = Lanes(fast=1, slow=1, fast_s=0.05)
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
