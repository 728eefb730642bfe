"""Keys that cannot be had: for now, for good, or because their owner is gone."""

from fedishare.foundation.values.clock import HOUR, SECOND
from tests.attacks.inbox.saying import greeting
from tests.attacks.lines import attack
from tests.attacks.world import World
from tests.remote import Reply


@attack("A037")
async def test_key_behind_an_error_is_asked_for_again_later(world: World) -> None:
    world.carol.server.serve("/users/carol", Reply(500))

    async with world.unchanged():
        answer = await world.sends(world.carol, greeting(world, world.carol))
        world.clock.advance(59 * SECOND)
        again = await world.sends(world.carol, greeting(world, world.carol))

    assert (answer.status_code, again.status_code) == (503, 503)
    assert int(answer.headers["retry-after"]) >= 60
    assert world.outbound == ["GET https://good.test/users/carol"], "the failure is remembered for a minute"
    world.carol.server.serve("/users/carol", world.carol.document)
    world.clock.advance(2 * SECOND)
    assert (await world.sends(world.carol, greeting(world, world.carol))).status_code == 202


@attack("A037")
async def test_key_on_a_server_that_does_not_answer_is_asked_for_again_later(world: World) -> None:
    world.network.silent.add("good.test")

    async with world.unchanged():
        answer = await world.sends(world.carol, greeting(world, world.carol))
        world.clock.advance(59 * SECOND)
        again = await world.sends(world.carol, greeting(world, world.carol))

    assert (answer.status_code, again.status_code) == (503, 503)
    assert int(answer.headers["retry-after"]) >= 60
    assert len(world.dialled) == 1


@attack("A040")
async def test_farewell_of_a_stranger_costs_nothing(world: World) -> None:
    gone = world.network.server("gone.test").person("x")
    gone.server.serve("/users/x", Reply(410))

    async with world.unchanged():
        answer = await world.sends(gone, gone.activity("Delete", gone.uri))
        world.clock.advance(HOUR)
        again = await world.sends(gone, gone.activity("Delete", gone.uri))

    assert (answer.status_code, again.status_code) == (202, 202)
    assert await world.ask("select kind from job") == []
    assert world.outbound == world.dialled == []


@attack("A041")
async def test_farewell_by_a_key_that_is_not_found_deletes_nobody(world: World) -> None:
    await world.meets(world.carol)
    stranger = world.carol.server.person("stranger")
    world.carol.server.serve("/users/stranger", Reply(404))

    async with world.unchanged():
        answer = await world.sends(stranger, world.carol.activity("Delete", world.carol.uri))

    assert answer.status_code == 401
    assert await world.ask("select deleted_at from actor where uri = :uri", uri=world.carol.uri) == [(None,)]
