"""What ten thousand dead servers, a thousand readers of one inbox, or a clock gone wrong do to what must go out."""

import pytest

from fedishare.federation.actors import store as actors
from fedishare.federation.following import store as following
from fedishare.federation.following.model import Follow, State
from fedishare.federation.outbox.recording import record
from fedishare.federation.outbox.schedule import Tried
from fedishare.federation.vocabulary.actor import read_actor
from fedishare.foundation.db.access import Tx
from fedishare.foundation.values.clock import DAY, HOUR, MINUTE, Instant
from fedishare.foundation.values.errors import Untrusted
from fedishare.foundation.values.here import Here
from tests.attacks.lines import attack
from tests.attacks.world import World
from tests.clock import NOON
from tests.figures import Figure
from tests.remote import Json, Reply

FAILING = "select count(*) from host where failures > 0"
SIZES = {
    "sqlite": "select page_count * page_size from pragma_page_count(), pragma_page_size()",
    "postgres": "select pg_total_relation_size('host') + pg_total_relation_size('delivery')",
}


@attack("A282")
async def test_dead_hosts_are_forgotten(world: World, engine: str, figure: Figure) -> None:
    (before,) = (await world.ask(SIZES[engine]))[0]

    await world.db.write(fail_everywhere, 12_000, now=world.clock.now())

    (after,) = (await world.ask(SIZES[engine]))[0]
    figure("12,000 dead hosts", (after - before) / 1_000_000, "MB", at_most=10)
    world.clock.advance(HOUR)
    await world.work()
    assert await world.ask(FAILING) == [(10_000,)]
    world.clock.advance(7 * DAY)
    await world.work()
    assert await world.ask(FAILING) == [(0,)]


@attack("A282")
async def test_hosts_with_ports_are_not_even_known(world: World) -> None:
    """What mallory advertises at other ports is never called, so nothing is remembered of it."""
    many = [world.network.server(f"evil.test:{port}").person("x") for port in range(8_000, 8_008)]

    async with world.unchanged():
        for person in many:
            with pytest.raises(Untrusted):
                await world.instance.fetcher.actor(person.uri)
            answer = await world.sends(person, person.activity("Follow", world.alice.uri))
            assert answer.status_code == 401

    assert world.dialled == []


async def fail_everywhere(tx: Tx, count: int, *, now: Instant) -> None:
    """One attempt at each of so many hosts that do not answer."""
    hosts = [f"dead{number}.evil.test" for number in range(count)]
    await record(
        tx,
        [
            Tried(
                delivery_id=0,
                host=host,
                inbox=f"https://{host}/inbox",
                attempts=1,
                created_at=now,
                at=now,
                status=None,
                text="no such host",
            )
            for host in hosts
        ],
    )


@attack("A283")
async def test_five_thousand_readers_of_three_inboxes_are_told_in_three_letters(world: World) -> None:
    victim = world.network.server("victim.test")
    hosts = [f"big{number}.test" for number in range(3)]
    people = [reader(hosts[number % 3], number, bogus=number < 200) for number in range(5_000)]
    for start in range(0, len(people), 500):
        await world.db.write(
            follow_all, people[start : start + 500], world.alice.id, here=world.here, now=world.clock.now()
        )
    for host in hosts:
        world.network.server(host)

    await world.publishes("Bonjour")

    inboxes = [row[0] for row in await world.ask("select inbox from delivery order by inbox")]
    alone = [person["inbox"] for person in people[:200]]
    assert inboxes == sorted([f"https://{host}/inbox" for host in hosts] + alone)
    await world.work()
    told = [asked for host in hosts for asked in world.network.server(host).asked if asked.method == "POST"]
    assert len(told) == 203
    assert victim.asked == []
    assert {address.partition(" ")[2].strip("()") for address in world.dialled} == set(hosts)


def reader(host: str, number: int, *, bogus: bool) -> Json:
    uri = f"https://{host}/users/u{number}"
    shared = "https://victim.test/inbox" if bogus else f"https://{host}/inbox"
    return {
        "id": uri,
        "type": "Person",
        "preferredUsername": f"u{number}",
        "inbox": f"{uri}/inbox",
        "endpoints": {"sharedInbox": shared},
    }


async def follow_all(tx: Tx, people: list[Json], followed_id: int, *, here: Here, now: Instant) -> None:
    for document in people:
        follower = await actors.save_remote(tx, read_actor(document, now), here=here, now=now)
        follow = Follow(
            id=here.ids.new(now),
            uri=f"{follower.uri}#follow",
            follower_id=follower.id,
            followed_id=followed_id,
            state=State.ACCEPTED,
            signed_at=now,
            answered_at=now,
            created_at=now,
        )
        await following.save(tx, follow)


@attack("A284")
@pytest.mark.parametrize(("jump", "early"), [(DAY, 1), (-DAY, 0), (-NOON, 0)])
async def test_a_clock_gone_wrong_loses_nothing_and_says_nothing_twice(world: World, jump: int, early: int) -> None:
    await world.takes(world.carol, world.carol.activity("Follow", world.alice.uri))
    world.carol.server.inbox_reply = lambda asked: Reply(500)
    await world.publishes("Bonjour")
    await world.work()
    world.carol.server.inbox_reply = lambda asked: Reply()
    world.forget_requests()

    world.clock.jump(jump)
    await world.work()

    assert len(world.letters(world.carol)) == early
    world.clock.jump(-jump)
    world.clock.advance(MINUTE)
    await world.work()
    assert len(world.letters(world.carol)) == 1
    assert await world.ask("select count(*) from delivery where state <> 'done'") == [(0,)]


@attack("A284")
@pytest.mark.parametrize("jump", [DAY, -DAY, -NOON])
async def test_what_is_said_by_a_wrong_clock_arrives_once(world: World, jump: int) -> None:
    await world.takes(world.carol, world.carol.activity("Follow", world.alice.uri))
    world.forget_requests()

    world.clock.jump(jump)
    await world.publishes("Bonjour")
    world.clock.jump(-jump)
    for _ in range(2):
        await world.work()
        world.clock.advance(DAY + MINUTE)

    assert [letter["type"] for letter in world.letters(world.carol)] == ["Create"]
