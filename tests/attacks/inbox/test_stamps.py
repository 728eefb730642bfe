"""The leave to quote, which is an object of ours like any other: liked, answered, quoted, asked for without end."""

import pytest

from tests.attacks.lines import attack
from tests.attacks.world import World
from tests.remote import Json


async def stamp(world: World) -> str:
    """The address of the leave that mallory was given to quote alice's offer."""
    await world.takes(world.mallory, request(world, world.offer.uri, 0))
    (accepted,) = [letter for letter in world.letters(world.mallory) if letter["type"] == "Accept"]
    return str(accepted["result"])


def request(world: World, quoted: str, number: int) -> Json:
    return world.mallory.activity("QuoteRequest", quoted, instrument=f"https://evil.test/n/q{number}")


@attack("F115")
@pytest.mark.parametrize("kind", ["Like", "Announce", "EmojiReact"])
async def test_a_leave_is_nothing_that_anybody_likes(world: World, kind: str) -> None:
    leave = await stamp(world)

    async with world.unchanged(kept=True):
        answer = await world.sends(world.mallory, world.mallory.activity(kind, leave))

    assert answer.status_code == 202
    alice = world.reader()
    await alice.signs_in("alice")
    assert (await alice.go("/notifications")).status_code == 200


@attack("F116")
async def test_an_answer_to_a_leave_answers_nothing(world: World) -> None:
    leave = await stamp(world)
    note = world.mallory.server.note("/n/1", world.mallory, inReplyTo=leave)

    async with world.unchanged(kept=True):
        answer = await world.sends(world.mallory, world.mallory.activity("Create", note))

    assert answer.status_code == 202
    alice = world.reader()
    await alice.signs_in("alice")
    assert (await alice.go("/notifications")).status_code == 200


@attack("F117")
async def test_a_leave_is_not_quoted(world: World) -> None:
    leave = await stamp(world)

    async with world.unchanged(kept=True):
        answer = await world.sends(world.mallory, request(world, leave, 1))

    assert answer.status_code == 202


@attack("F118")
async def test_a_private_word_is_neither_quoted_nor_refused(world: World) -> None:
    note = world.carol.server.note("/n/1", world.carol, to=[world.alice.uri], cc=[])
    await world.takes(world.carol, world.carol.activity("Create", note))
    alice = world.reader()
    await alice.signs_in("alice")
    ((thread,),) = await world.ask("select thread_id from post")
    await alice.go(f"/messages/{thread}")
    assert (await alice.send(f"/messages/{thread}", {"text": "Entre nous"})).status_code == 303
    await world.work()
    ((private,),) = await world.ask("select uri from post where author_id = :alice", alice=world.alice.id)
    await world.meets(world.mallory)
    world.forget_requests()

    async with world.unchanged(kept=True):
        for activity in (request(world, private, 1), world.mallory.activity("Like", private)):
            assert (await world.sends(world.mallory, activity)).status_code == 202

    assert world.outbound == []
