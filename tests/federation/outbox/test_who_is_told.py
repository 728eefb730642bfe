"""What is said reaches every inbox that it is meant for, once, and nobody else (SECURITY 3.2)."""

import pytest
from msgspec.structs import replace

from fedishare.federation.actors.model import Actor
from fedishare.federation.following import store as following
from fedishare.federation.following.model import Follow, State
from fedishare.federation.outbox import send, turns
from fedishare.federation.outbox.delivery import Post
from fedishare.foundation.db.access import Tx
from fedishare.foundation.db.database import Database
from fedishare.foundation.values.clock import MINUTE, later
from tests.engines import on_each_engine
from tests.federation.outbox.telling import FOLLOWERS, REMISE, meet, people, queue, say, states
from tests.house import BASE_URL, SECRET, House, house
from tests.remote import PUBLIC


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


async def test_letter_that_is_no_longer_at_hand_is_sent_all_the_same(remise: House) -> None:
    (amel,) = people(remise, 1)
    await meet(remise, amel)
    for _ in range(3):
        await say(remise, to=[amel.uri])
    now = remise.clock.now()
    until = later(now, MINUTE)
    (turn,) = await remise.db.work(turns.lease, now=now, until=until, hosts=1, doubtful=1)
    queue = [*turn.queue, *await remise.db.work(turns.more, turn.host, now=now, until=until, size=3)]
    post = Post(db=remise.db, net=remise.net, secret=SECRET, here=remise.here, clock=remise.clock, kept=2)
    await post.prepare([due.activity_id for due in queue])

    tried = [await post.deliver(due) for due in queue]

    assert [one.arrived for one in tried] == [True, True, True]
    assert len({letter["id"] for letter in amel.server.letters}) == 3


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
