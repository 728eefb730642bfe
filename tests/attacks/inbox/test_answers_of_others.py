"""Taking back, accepting and adding in another's name: only the side concerned may say it."""

import pytest

from tests.attacks.lines import attack
from tests.attacks.world import World
from tests.remote import Json, Person


async def follow_states(world: World) -> list[tuple[object, ...]]:
    return await world.ask(
        "select follower.uri, followed.uri, f.state from follow f join actor follower on follower.id = f.follower_id "
        "join actor followed on followed.id = f.followed_id order by f.id"
    )


@attack("A085")
@pytest.mark.parametrize("kind", ["Like", "Follow", "Announce"])
@pytest.mark.parametrize("how", ["embedded", "by id", "renamed"])
async def test_nobody_takes_back_what_another_did(world: World, kind: str, how: str) -> None:
    await world.meets(world.carol, world.mallory)
    done = world.carol.activity(kind, world.alice.uri if kind == "Follow" else world.offer.uri)
    await world.takes(world.carol, done)
    inner: Json | str = {"embedded": done, "by id": done["id"], "renamed": {**done, "actor": world.mallory.uri}}[how]

    async with world.unchanged(kept=True):
        answer = await world.sends(world.mallory, world.mallory.activity("Undo", inner))

    assert answer.status_code == 202


@attack("A086")
async def test_undo_of_a_like_that_calls_itself_a_follow_leaves_the_follow(world: World) -> None:
    follow = world.carol.activity("Follow", world.alice.uri)
    like = world.carol.activity("Like", world.offer.uri)
    await world.takes(world.carol, follow)
    await world.takes(world.carol, like)
    lie = {"id": like["id"], "type": "Follow", "actor": world.carol.uri, "object": world.alice.uri}

    await world.takes(world.carol, world.carol.activity("Undo", lie))

    assert await follow_states(world) == [(world.carol.uri, world.alice.uri, "accepted")]


@attack("A087")
@pytest.mark.parametrize("embedded", [True, False])
async def test_nobody_accepts_a_follow_of_somebody_else(world: World, embedded: bool) -> None:
    await world.meets(world.mallory)
    follow = await world.follows(world.alice, world.carol)
    inner: Json | str = {"id": follow, "type": "Follow", "actor": world.alice.uri, "object": world.carol.uri}
    pending = [(world.alice.uri, world.carol.uri, "pending")]
    assert await follow_states(world) == pending

    async with world.unchanged(kept=True):
        answer = await world.sends(world.mallory, world.mallory.activity("Accept", inner if embedded else follow))

    assert answer.status_code == 202
    assert await follow_states(world) == pending


@attack("A089")
@pytest.mark.parametrize("embedded", [True, False])
async def test_neighbour_on_the_same_server_does_not_accept_either(world: World, embedded: bool) -> None:
    eve = world.carol.server.person("eve")
    await world.meets(eve)
    follow = await world.follows(world.alice, world.carol)
    inner: Json | str = {"id": follow, "type": "Follow", "actor": world.alice.uri, "object": world.carol.uri}

    async with world.unchanged(kept=True):
        answer = await world.sends(eve, eve.activity("Accept", inner if embedded else follow))

    assert answer.status_code == 202
    assert await follow_states(world) == [(world.alice.uri, world.carol.uri, "pending")]


@attack("A098")
@pytest.mark.parametrize("kind", ["Add", "Remove"])
async def test_nobody_changes_the_collections_of_others(world: World, kind: str) -> None:
    """Neither with what is known here nor with what would be new: that, pinned by its author, is fetched."""
    carols = f"{world.carol.uri}/featured"
    shown = {**world.carol.document, "featured": carols}
    world.carol.server.serve("/users/carol", shown)
    await world.hears(world.carol)
    await world.hears(world.mallory)
    known, new, mine = (offer(world.carol, "/n/1"), offer(world.carol, "/n/2"), offer(world.mallory, "/n/3"))
    await world.takes(world.carol, world.carol.activity("Create", known))
    world.forget_requests()

    for note in (known, new, mine):
        async with world.unchanged(kept=True):
            answer = await world.sends(world.mallory, world.mallory.activity(kind, note["id"], target=carols))
        assert answer.status_code == 202

    assert world.outbound == []
    await world.takes(world.carol, world.carol.activity(kind, new["id"], target=carols))
    asked = ["GET https://good.test/n/2"] if kind == "Add" else []
    assert world.outbound[:1] == asked, "her own counts"


def offer(person: Person, path: str) -> Json:
    """What they would give away, at its address."""
    note = person.server.note(path, person)
    intent = {"type": "Intent", "id": f"{note['id']}#primary", "action": "transfer"}
    note |= {"name": "Perceuse", "purpose": "offer", "publishes": intent}
    person.server.serve(path, note)
    return note
