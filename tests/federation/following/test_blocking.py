"""Somebody here wants to hear nothing of somebody elsewhere, or the other way round: nothing new passes."""

import pytest

from fedishare.federation.following import blocking, operations
from fedishare.federation.following.model import State
from fedishare.federation.outbox.send import send
from tests.engines import on_each_engine
from tests.federation.following.town import NADIA, Town
from tests.remote import PUBLIC, Json


async def says(lille: Town, kind: str = "Create", *, about: str = "https://share.example/posts/1") -> None:
    """Nadia, to Amel."""
    nadia = await lille.actor(NADIA)
    said = {"type": kind, "actor": NADIA, "object": about, "to": [lille.amel.uri]}
    await lille.house.db.write(send, said, by=nadia, here=lille.house.here, now=lille.house.clock.now())


async def kinds(lille: Town) -> list[str]:
    """What Amel's server has been told."""
    return [letter["type"] for letter in await lille.sent(lille.amel)]


async def blocks(lille: Town) -> None:
    amel = await lille.meet(lille.amel)
    await lille.do(blocking.block, await lille.actor(NADIA), amel)


@on_each_engine
async def test_follows_end_both_ways_and_their_server_is_told(lille: Town) -> None:
    amel = await lille.meet(lille.amel)
    await lille.hear(lille.amel, lille.amel.activity("Follow", NADIA))
    await lille.do(operations.follow, await lille.actor(NADIA), amel)
    await lille.sent(lille.amel)

    await blocks(lille)

    assert sorted(await kinds(lille)) == ["Accept", "Block", "Follow", "Reject", "Undo"]
    (block,) = [letter for letter in await lille.sent(lille.amel) if letter["type"] == "Block"]
    assert (block["actor"], block["object"], block["to"]) == (NADIA, lille.amel.uri, [lille.amel.uri])
    assert await lille.state(lille.amel.uri, NADIA) is State.REJECTED
    assert await lille.state(NADIA, lille.amel.uri) is State.UNDONE


@on_each_engine
async def test_who_is_blocked_does_not_follow_again(lille: Town) -> None:
    await blocks(lille)

    assert await lille.hear(lille.amel, lille.amel.activity("Follow", NADIA)) == "dropped"

    assert await lille.state(lille.amel.uri, NADIA) is None
    assert await kinds(lille) == ["Block"]


@on_each_engine
async def test_who_is_blocked_is_told_nothing_new(lille: Town) -> None:
    await blocks(lille)

    for kind in ("Create", "Update", "Announce", "Like", "Accept"):
        await says(lille, kind)

    assert await kinds(lille) == ["Block"]


@on_each_engine
async def test_what_takes_something_back_arrives_in_spite_of_a_block(lille: Town) -> None:
    await blocks(lille)

    for kind in ("Delete", "Undo", "Reject"):
        await says(lille, kind)

    assert sorted(await kinds(lille)) == ["Block", "Delete", "Reject", "Undo"]


@on_each_engine
async def test_who_has_blocked_one_of_ours_is_not_written_to(lille: Town) -> None:
    await lille.meet(lille.amel)
    assert await lille.hear(lille.amel, lille.amel.activity("Block", NADIA)) == "applied"

    await says(lille)

    assert await kinds(lille) == []
    nadia, amel = await lille.actor(NADIA), await lille.actor(lille.amel.uri)
    with pytest.raises(operations.Blocked):
        await lille.do(operations.follow, nadia, amel)


@on_each_engine
async def test_neighbours_on_their_server_hear_what_is_for_everybody(lille: Town) -> None:
    neighbour = lille.amel.server.person("neighbour")
    await lille.hear(neighbour, neighbour.activity("Follow", NADIA))
    await blocks(lille)
    nadia = await lille.actor(NADIA)
    said: Json = {"type": "Create", "actor": NADIA, "object": "https://share.example/posts/1"}

    await lille.house.db.write(
        send,
        {**said, "to": [PUBLIC], "cc": [f"{NADIA}/followers", lille.amel.uri]},
        by=nadia,
        here=lille.house.here,
        now=lille.house.clock.now(),
    )

    assert "Create" in await kinds(lille)


@on_each_engine
async def test_block_that_is_lifted_brings_no_follow_back(lille: Town) -> None:
    await lille.hear(lille.amel, lille.amel.activity("Follow", NADIA))
    await blocks(lille)

    await lille.do(blocking.unblock, await lille.actor(NADIA), await lille.actor(lille.amel.uri))

    told = {letter["type"]: letter for letter in await lille.sent(lille.amel)}
    assert told["Undo"]["object"]["id"] == told["Block"]["id"]
    assert await lille.state(lille.amel.uri, NADIA) is State.REJECTED
    lille.house.clock.advance(1_000)
    assert await lille.hear(lille.amel, lille.amel.activity("Follow", NADIA)) == "applied"


@on_each_engine
async def test_blocking_twice_is_blocking_once(lille: Town) -> None:
    await blocks(lille)

    await blocks(lille)

    assert await kinds(lille) == ["Block"]


async def test_nobody_blocks_themselves(lille: Town) -> None:
    nadia = await lille.actor(NADIA)

    with pytest.raises(blocking.BlocksOneself):
        await lille.do(blocking.block, nadia, nadia)


async def test_who_is_not_blocked_cannot_be_heard_again(lille: Town) -> None:
    amel = await lille.meet(lille.amel)

    with pytest.raises(blocking.NotBlocked):
        await lille.do(blocking.unblock, await lille.actor(NADIA), amel)
