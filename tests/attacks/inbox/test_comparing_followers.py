"""Lists of followers that are made to make us speak: in the name of the gone, or without end (FEP-8fcf)."""

import json

from fedishare.federation.following.own_changes import leave
from fedishare.federation.vocabulary.synchronization import HEADER, Claim, digest, header
from tests.attacks.lines import attack
from tests.attacks.world import World
from tests.remote import Json


def listing(world: World, *uris: str) -> None:
    """Who of ours follows mallory, by mallory's word."""
    shown = {"id": f"{world.mallory.uri}/sync", "type": "OrderedCollection", "orderedItems": list(uris)}
    world.mallory.server.serve("/users/mallory/sync", shown)


async def claims(world: World, marks: str) -> None:
    claim = Claim(collection=f"{world.mallory.uri}/followers", url=f"{world.mallory.uri}/sync", digest=marks)
    body = json.dumps(world.mallory.activity("Hello", world.remise.uri)).encode()
    answer = await world.post(body, {**world.signed(world.mallory, body), HEADER: header(claim)})
    assert answer.status_code == 202
    await world.work()


def undone(world: World) -> list[Json]:
    return [letter for letter in world.letters(world.mallory) if letter["type"] == "Undo"]


@attack("F109")
async def test_who_has_left_says_nothing_any_more(world: World) -> None:
    await world.meets(world.mallory)
    await world.db.write(leave, world.bob, here=world.here, now=world.clock.now())
    await world.work()
    world.forget_requests()
    listing(world, world.bob.uri)

    await claims(world, digest([world.bob.uri]))

    assert undone(world) == []
    assert [request for request in world.outbound if request.startswith("POST")] == []


@attack("F110")
async def test_claims_without_end_are_looked_at_once(world: World) -> None:
    listing(world, world.alice.uri, world.remise.uri)
    true = digest([world.alice.uri, world.remise.uri])
    world.forget_requests()

    for number in range(20):
        await claims(world, true if number % 2 else f"{number:064x}")

    asked = [request for request in world.outbound if request.endswith("/sync")]
    assert len(asked) == 1
    assert len(undone(world)) <= 2
