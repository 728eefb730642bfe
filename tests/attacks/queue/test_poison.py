"""Items that break whoever handles them, coming in and going out: they are put aside, and the others go on."""

import asyncio
import sys

import pytest

from fedishare.federation.actors.model import Actor
from fedishare.federation.inbox.handling import Outcome, Received
from fedishare.federation.inbox.loop import LEASE, STRIKES, WAITS
from fedishare.federation.outbox.send import send
from fedishare.foundation.db.access import Tx
from fedishare.foundation.values.clock import SECOND
from fedishare.foundation.values.here import Here
from tests import tables
from tests.attacks.lines import attack
from tests.attacks.queue.dying import DEATH
from tests.attacks.world import World
from tests.processes import ROOT

STATES = "select type, state, attempts from activity_in where type in ('Like', 'Follow') order by id"


@attack("A277")
async def test_an_item_that_always_fails_is_put_aside_and_the_others_flow(world: World) -> None:
    tries = []

    async def fail(tx: Tx, received: Received, here: Here) -> Outcome:
        tries.append(received)
        raise RuntimeError("poison")

    world.handlers["Like", "*"] = fail
    await world.meets(world.carol)
    await world.sends(world.carol, world.carol.activity("Like", world.offer.uri))
    await world.sends(world.carol, world.carol.activity("Follow", world.alice.uri))

    await world.work()

    assert await world.ask(STATES) == [("Like", "waiting", 1), ("Follow", "applied", 1)]
    for wait in WAITS:
        world.clock.advance(wait)
        await world.work()
    assert (await world.ask(STATES))[0] == ("Like", "dead", STRIKES)
    # The first time in a group with the Follow, then by itself within the same try.
    assert len(tries) == STRIKES + 1
    assert "poison" in (await world.ask("select outcome from activity_in where type = 'Like'"))[0][0]


@attack("A277")
async def test_an_item_that_kills_the_worker_is_put_aside_and_the_others_flow(world: World, database_url: str) -> None:
    await world.meets(world.carol)
    await world.sends(world.carol, world.carol.activity("Like", world.offer.uri))
    await world.sends(world.carol, world.carol.activity("Follow", world.alice.uri))

    ends, attempts = [], []
    for _ in range(STRIKES + 1):
        ends.append(await worker(world, database_url))
        attempts.append((await world.ask(STATES))[0][2])
        world.clock.advance(LEASE + SECOND)

    assert ends == [DEATH] * STRIKES + [0]
    assert attempts == [*range(1, STRIKES + 1), STRIKES + 1]
    assert [row[:2] for row in await world.ask(STATES)] == [("Like", "dead"), ("Follow", "applied")]


async def worker(world: World, database_url: str) -> int:
    """A process that works off what waits. Its exit code."""
    command = [sys.executable, "-m", "tests.attacks.queue.dying"]
    given = [database_url, str(world.instance.settings.data), str(world.clock.now())]
    process = await asyncio.create_subprocess_exec(*command, *given, cwd=ROOT)
    return await process.wait()


@attack("A278")
@pytest.mark.parametrize(
    "spoil",
    [
        "delete from key where actor_id = :alice and kind = 'rsa'",
        'update activity_out set json = \'{"type": "Create", \' where actor_id = :alice',
    ],
)
async def test_a_letter_that_cannot_be_written_holds_up_no_other(world: World, spoil: str) -> None:
    for followed in (world.alice, world.remise):
        await world.takes(world.carol, world.carol.activity("Follow", followed.uri))
    await says(world, world.remise)
    await world.publishes("Bonjour")
    await says(world, world.remise)
    await tables.change(world.db, spoil, alice=world.alice.id)
    before = len(world.letters(world.carol))

    await world.work()

    waiting = (
        "select a.actor_id, d.state, d.attempts, d.outcome from delivery d join activity_out a on a.id = d.activity_id "
    )
    ((actor_id, state, attempts, outcome),) = await world.ask(waiting + "where d.state <> 'done'")
    assert (actor_id, state, attempts) == (world.alice.id, "dead", 1)
    assert outcome
    assert [letter["actor"] for letter in world.letters(world.carol)[before:]] == [world.remise.uri] * 2
    assert await world.ask("select host from host where failures > 0") == []


async def says(world: World, by: Actor) -> None:
    """Something to all who follow them."""
    activity = {"type": "Create", "actor": by.uri, "object": world.here.url("/x"), "to": [f"{by.uri}/followers"]}
    await world.db.write(send, activity, by=by, here=world.here, now=world.clock.now())
