"""Votes, counts and dates that others make up."""

from typing import Any

import pytest

from fedishare.features.conversations.store import count_reactions
from fedishare.foundation.values.clock import HOUR
from tests.attacks.inbox.saying import as_bytes, greeting
from tests.attacks.lines import attack
from tests.attacks.world import World
from tests.remote import Json

UNTIL = "2026-11-23T11:00:00Z"
"""An hour ago."""


def vote(world: World, poll: str, option: str, number: int) -> Json:
    """What Mastodon sends for a vote."""
    note = {
        "id": world.carol.server.url(f"/votes/{number}"),
        "type": "Note",
        "attributedTo": world.carol.uri,
        "name": option,
        "inReplyTo": poll,
        "to": [world.alice.uri],
    }
    return world.carol.activity("Create", note)


@attack("A105")
@pytest.mark.parametrize(
    ("option", "closes"),
    [("A", "2026-11-24T11:00:00Z"), ("A", UNTIL), ("nowhere", "2026-11-24T11:00:00Z")],
    ids=["twice", "after the end", "for what is no option"],
)
async def test_votes_count_nowhere(world: World, option: str, closes: str) -> None:
    """Nothing written here is a poll, and those of others are counted by their own servers: 0 votes for everybody."""
    options = [{"type": "Note", "name": name, "replies": {"totalItems": 0}} for name in "AB"]
    poll = greeting(world, world.mallory, type="Question", oneOf=options, endTime=closes)
    await world.takes(world.mallory, poll)
    post = await world.publishes("A ou B ?")
    await world.work()
    await world.meets(world.carol)

    async with world.unchanged(kept=True):
        for number, about in enumerate([poll["object"]["id"], poll["object"]["id"], post.uri, post.uri]):
            answer = await world.sends(world.carol, vote(world, about, option, number))
            assert answer.status_code == 202


@attack("A106")
@pytest.mark.parametrize(
    ("count", "status"),
    [("-5", 202), ("1e30", 202), ('"x"', 202), ('{"totalItems":{"totalItems":9}}', 202), ("1" + "0" * 30, 400)],
)
async def test_counts_are_our_own(world: World, count: str, status: int) -> None:
    """Ten to the thirtieth, written out, is no number that anybody keeps: what holds it is refused whole."""
    collections = {name: {"type": "Collection", "totalItems": "@@"} for name in ("likes", "shares", "replies")}
    activity = greeting(world, world.carol, **collections)
    body = as_bytes(activity).replace(b'"@@"', count.encode())

    answer = await world.sends(world.carol, body)
    await world.work()

    assert answer.status_code == status
    assert len(await world.posts()) == (1 if status == 202 else 0)
    assert await world.db.read(count_reactions, activity["object"]["id"]) == {}
    reader = world.reader()
    await reader.signs_in("alice")
    assert (await reader.go("/notifications")).status_code == 200


@attack("A107")
@pytest.mark.parametrize(
    "published", ["9999-12-31T23:59:59Z", "2027-01-01T00:00:00Z", "0000-00-00", "zzz", "1000000000-01-01T00:00:00Z"]
)
@pytest.mark.parametrize("an_offer", [False, True])
async def test_nothing_is_of_tomorrow(world: World, published: Any, an_offer: bool) -> None:
    await world.hears(world.carol)
    note = world.carol.server.note("/n/1", world.carol, published=published, content="<p>Demain</p>")
    if an_offer:
        intent = {"type": "Intent", "id": f"{note['id']}#primary", "action": "transfer"}
        note |= {"name": "Demain", "purpose": "offer", "publishes": intent, "updated": published}
    now = world.clock.now()

    await world.takes(world.carol, world.carol.activity("Create", note))

    table = "proposal" if an_offer else "post"
    assert await world.ask(f"select published_at, updated_at from {table} where uri = :uri", uri=note["id"]) == [
        (now, now)
    ]
    if an_offer:
        await newer_is_above(world)


async def newer_is_above(world: World) -> None:
    world.clock.advance(HOUR)
    await world.offers("Aujourd’hui")
    page = (await world.reader().go("/search")).text
    assert 0 < page.index("Aujourd’hui") < page.index("Demain")
