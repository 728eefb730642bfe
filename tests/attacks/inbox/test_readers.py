"""Whom words are for: addressing that is unclear, of somebody else, or after a quarrel."""

from typing import Any

import pytest

from fedishare.federation.following.blocking import block
from tests.attacks.inbox.saying import greeting, naming_alice
from tests.attacks.lines import attack
from tests.attacks.world import World
from tests.remote import PUBLIC


async def readers(world: World) -> list[tuple[Any, ...]]:
    """Who is in the circle of the one post."""
    return await world.ask(
        "select a.uri from post p join circle_member m on m.circle_id = p.circle_id "
        "join actor a on a.id = m.actor_id order by a.uri"
    )


@attack("A108")
@pytest.mark.parametrize(
    ("addressing", "circle"),
    [
        ({"to": "as:Public"}, "public"),
        ({"to": "Public"}, "public"),
        ({"to": PUBLIC}, "public"),
        ({"cc": ["as:Public"]}, "public"),
        ({"bto": PUBLIC}, "direct"),
        ({"audience": PUBLIC}, "direct"),
        ({"bcc": [PUBLIC], "audience": [PUBLIC]}, "direct"),
        ({}, "direct"),
        ({"to": "public"}, "direct"),
        ({"to": f"{PUBLIC}#"}, "direct"),
    ],
    ids=str,
)
async def test_public_is_what_says_so_in_to_or_cc(world: World, addressing: dict[str, Any], circle: str) -> None:
    note = greeting(world, world.carol, **{"to": [], "cc": [], **addressing})
    note |= {"to": [PUBLIC], "cc": []}

    await world.takes(world.carol, note)

    assert await world.posts() == [(note["object"]["id"], circle)]
    if circle == "direct":
        assert await readers(world) == [(world.alice.uri,), (world.carol.uri,)]


@attack("A110")
async def test_followers_of_somebody_else_are_not_the_authors(world: World) -> None:
    """Not even when the author is followed here, too, and all that she says to her own followers would be kept."""
    follow = await world.follows(world.bob, world.mallory)
    await world.takes(world.mallory, world.mallory.activity("Accept", follow))
    await world.hears(world.mallory)
    bob = world.reader()
    await bob.signs_in("bob")
    addressed = {"to": [f"{world.mallory.uri}/followers"], "cc": []}
    note = world.carol.server.note("/n/1", world.carol, content="<p>quoi</p>", **addressed)
    await world.hears(world.carol)

    async with world.unchanged(kept=True):
        answer = await world.sends(world.carol, world.carol.activity("Create", note))
    assert answer.status_code == 202
    await world.takes(world.carol, world.carol.activity("Create", naming_alice(world, note)))

    assert await world.posts() == [(note["id"], "direct")]
    assert await readers(world) == [(world.alice.uri,), (world.carol.uri,)]
    ((thread,),) = await world.ask("select thread_id from post")
    assert (await bob.go(f"/messages/{thread}")).status_code == 404
    assert "quoi" not in (await bob.go("/messages")).text


@attack("A112")
async def test_edit_after_a_quarrel_is_not_read(world: World) -> None:
    note = world.carol.server.note("/n/1", world.carol, content="<p>avant</p>", to=[world.bob.uri], cc=[])
    await world.takes(world.carol, world.carol.activity("Create", note))
    ((thread,),) = await world.ask("select thread_id from post")
    carol = await world.knows(world.carol)
    await world.db.write(block, world.bob, carol, here=world.here, now=world.clock.now())
    await world.work()
    edit = {**note, "content": "<p>après</p>", "updated": "2026-11-23T11:59:00Z"}

    async with world.unchanged(kept=True):
        answer = await world.sends(world.carol, world.carol.activity("Update", edit))

    assert answer.status_code == 202
    bob = world.reader()
    await bob.signs_in("bob")
    page = (await bob.go(f"/messages/{thread}")).text
    assert "après" not in page


@attack("A113")
@pytest.mark.parametrize(
    ("host", "asked"), [("evil.test", []), ("good.test", ["GET https://good.test/users/carol/sync"])]
)
async def test_followers_are_compared_with_their_own_server_alone(world: World, host: str, asked: list[str]) -> None:
    follow = await world.follows(world.alice, world.carol)
    await world.takes(world.carol, world.carol.activity("Accept", follow))
    world.network.server(host)
    body = b'{"id":"https://good.test/x/1","type":"Hello","actor":"%s"}' % world.carol.uri.encode()
    claim = f'collectionId="{world.carol.uri}/followers", url="https://{host}/users/carol/sync", digest="{"0" * 64}"'
    world.forget_requests()

    answer = await world.post(body, {**world.signed(world.carol, body), "Collection-Synchronization": claim})
    await world.work()

    assert answer.status_code == 202
    assert world.outbound == asked
    assert await world.ask("select state from follow") == [("accepted",)]
