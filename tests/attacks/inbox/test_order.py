"""The same thing said twice, late, or in the wrong order has the effect of one."""

import pytest

from fedishare.foundation.values.clock import DAY, SECOND
from tests.attacks.inbox.saying import greeting
from tests.attacks.lines import attack
from tests.attacks.world import World
from tests.remote import Json


def edited(note: Json, content: str, updated: str) -> Json:
    return {**note, "content": f"<p>{content}</p>", "updated": updated}


@attack("A080")
async def test_edit_that_overtakes_its_note_wins(world: World) -> None:
    create = greeting(world, world.carol, content="<p>first</p>")
    note = create["object"]

    await world.takes(world.carol, world.carol.activity("Update", edited(note, "second", "2026-11-23T11:30:00Z")))
    await world.takes(world.carol, create)

    assert await world.ask("select content from post") == [("<p>second</p>",)]
    assert await world.ask("select kind from notification") == [("mention",)]


@attack("A080")
async def test_older_edit_that_comes_later_changes_nothing(world: World) -> None:
    create = greeting(world, world.carol, content="<p>first</p>")
    note = create["object"]
    await world.takes(world.carol, create)
    await world.takes(world.carol, world.carol.activity("Update", edited(note, "third", "2026-11-23T11:45:00Z")))

    async with world.unchanged(kept=True):
        answer = await world.sends(
            world.carol, world.carol.activity("Update", edited(note, "second", "2026-11-23T11:30:00Z"))
        )

    assert answer.status_code == 202
    assert await world.ask("select content from post") == [("<p>third</p>",)]
    assert await world.ask("select kind from notification") == [("mention",)]


@attack("A084")
@pytest.mark.parametrize("days", [0, 30])
async def test_note_deleted_before_it_came_does_not_come(world: World, days: int) -> None:
    await world.meets(world.carol)
    create = greeting(world, world.carol)
    await world.takes(world.carol, world.carol.activity("Delete", create["object"]["id"]))
    for _ in range(days):
        world.clock.advance(DAY)
        await world.work()

    async with world.unchanged(kept=True):
        answer = await world.sends(world.carol, create)

    assert answer.status_code == 202
    assert await world.posts() == []


@attack("A084")
async def test_note_deleted_after_it_came_does_not_come_back(world: World) -> None:
    create = greeting(world, world.carol)
    await world.takes(world.carol, create)
    await world.takes(world.carol, world.carol.activity("Delete", create["object"]["id"]))
    for _ in range(31):
        world.clock.advance(DAY)
        await world.work()
    again = world.carol.activity("Create", create["object"])

    async with world.unchanged(kept=True):
        answer = await world.sends(world.carol, again)

    assert answer.status_code == 202
    assert await world.posts() == []


@attack("A103")
async def test_five_hundred_follows_are_one(world: World) -> None:
    for _ in range(500):
        answer = await world.sends(world.carol, world.carol.activity("Follow", world.alice.uri))
        assert answer.status_code == 202
        world.clock.advance(SECOND // 5)
    await world.work()

    assert await world.ask("select state from follow") == [("accepted",)]
    assert await world.ask("select kind from notification") == [("follow",)]
    followers = await world.reader().go("/users/alice/followers", Accept="application/activity+json")
    assert followers.json()["totalItems"] == 1


@attack("A104")
async def test_five_hundred_likes_are_one(world: World) -> None:
    for _ in range(500):
        answer = await world.sends(world.carol, world.carol.activity("Like", world.offer.uri))
        assert answer.status_code == 202
        world.clock.advance(SECOND // 5)
    await world.work()

    assert await world.ask("select kind from reaction") == [("like",)]
    assert await world.ask("select kind from notification") == [("like",)]
