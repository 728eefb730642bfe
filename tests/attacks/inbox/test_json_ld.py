"""JSON-LD, with which one document says two things: here it is plain JSON, and no signature inside it counts."""

from typing import Any

import pytest

from tests.attacks.inbox.saying import greeting, naming_alice
from tests.attacks.lines import attack
from tests.attacks.world import World
from tests.remote import CONTEXT, PUBLIC, Json, Reply

AS = "https://www.w3.org/ns/activitystreams#"


def genuine_looking(world: World) -> Json:
    """An RsaSignature2017 of carol's, as Mastodon writes them."""
    return {
        "type": "RsaSignature2017",
        "creator": world.carol.key.id,
        "created": "2026-11-23T11:59:00Z",
        "signatureValue": "rNdm1JWjBJmCu0m6gFCHtcNqTsDUZHKRyGDZ9EPKZRWZzXQJHBGHT0fVZ1nUTVvmyhBtvYKJhDzCGJ1EGhPBZQ==",
    }


async def carols_note(world: World) -> Json:
    """One that is kept here."""
    note = naming_alice(world, world.carol.server.note("/n/1", world.carol))
    await world.takes(world.carol, world.carol.activity("Create", note))
    assert [uri for uri, _ in await world.posts()] == [note["id"]]
    return note


@attack("A042")
@pytest.mark.parametrize(("there", "left"), [(200, 1), (404, 0), (410, 0)])
async def test_deletion_counts_by_what_its_origin_says_not_by_the_signature_inside(
    world: World, there: int, left: int
) -> None:
    note = await carols_note(world)
    await world.meets(world.mallory)
    if there != 200:
        world.carol.server.serve("/n/1", Reply(there))
    world.forget_requests()
    deletion = {**world.carol.activity("Delete", note["id"]), "signature": genuine_looking(world)}

    await world.takes(world.mallory, deletion)

    assert len(await world.posts()) == left
    assert world.outbound == ["GET https://good.test/n/1"]


@attack("A043")
async def test_graph_around_a_signed_announce_is_not_read(world: World) -> None:
    await world.meets(world.carol, world.mallory)
    announce = world.carol.activity("Announce", world.offer.uri)
    wrapped = {
        "@context": CONTEXT,
        "@graph": [{key: value for key, value in announce.items() if key != "@context"}],
        "signature": genuine_looking(world),
        "id": announce["id"],
        "type": "Announce",
        "actor": world.carol.uri,
        "object": world.offer.uri,
    }

    async with world.unchanged():
        answers = [
            await world.sends(world.mallory, wrapped),
            await world.sends(world.mallory, {name: wrapped[name] for name in ("@context", "@graph", "signature")}),
        ]

    assert [answer.status_code for answer in answers] == [400, 400]


@attack("A044")
@pytest.mark.parametrize("keyword", ["@reverse", "@included"])
async def test_keywords_that_turn_a_document_round_are_not_read(world: World, keyword: str) -> None:
    await world.meets(world.mallory)
    deep: Any = {keyword: {"as:object": {"id": world.mallory.uri}}}
    for name in ("a", "b", "c", "d"):
        deep = {name: deep}
    activity = greeting(world, world.mallory)
    activity["object"]["e"] = deep

    async with world.unchanged():
        answer = await world.sends(world.mallory, activity)

    assert answer.status_code == 400


@attack("A045")
@pytest.mark.parametrize("by_address", [False, True])
async def test_context_is_neither_fetched_nor_believed(world: World, by_address: bool) -> None:
    await world.meets(world.mallory)
    world.mallory.server.serve("/context", Reply(200, b" " * 50_000_000, {"content-type": "application/ld+json"}))
    hostile = {"Note": "as:Delete", "content": {"@id": "as:object"}, "Create": f"{AS}Delete", "to": f"{AS}actor"}
    context = "https://evil.test/context" if by_address else ["https://www.w3.org/ns/activitystreams", hostile]
    activity = greeting(world, world.mallory, content="<p>as it stands</p>")
    activity["@context"] = activity["object"]["@context"] = context
    world.forget_requests()

    await world.takes(world.mallory, activity)

    assert await world.ask("select uri, content from post") == [(activity["object"]["id"], "<p>as it stands</p>")]
    assert activity["object"]["to"] == [PUBLIC]
    assert world.outbound == world.dialled == []
