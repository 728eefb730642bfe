"""Many servers that do not answer, at the same moment: those who need nobody's answer do not wait with them."""

import asyncio

from fedishare.federation.inbox.loop import CHAINS, PUT_OFF, Worker
from fedishare.foundation.values.clock import SECOND
from tests.attacks.lines import attack
from tests.attacks.world import World
from tests.remote import Person


@attack("F132")
async def test_forty_servers_that_never_answer_hold_up_nobody_else(world: World) -> None:
    await world.meets(world.carol)
    crowd = [world.network.server(f"slow{number}.test").person("m") for number in range(CHAINS + 8)]
    for person in crowd:
        world.clock.advance(2 * SECOND)
        await world.meets(person)
    for person in crowd:
        await falls_silent(world, person)
    async with asyncio.TaskGroup() as chains:
        worker = Worker(
            db=world.db,
            fetcher=world.instance.fetcher,
            here=world.here,
            clock=world.clock,
            handlers=world.handlers,
            chains=chains,
            wake=asyncio.Event(),
        )
        world.forget_requests()
        await worker.drain()
        await world.sends(world.carol, world.carol.activity("Follow", world.alice.uri))
        late = crowd[-1]
        await world.sends(late, late.activity("Follow", world.bob.uri))

        await worker.drain()

        assert await states(world, "Follow") == {"applied": 1, "waiting": 1}
        assert await states(world, "Create") == {"waiting": CHAINS + 8}
        await worker.finish()
        assert len(set(world.dialled)) == CHAINS
        world.clock.advance(PUT_OFF + SECOND)
        await worker.drain()
        await worker.finish()
    assert await states(world, "Follow") == {"applied": 2}
    assert len(set(world.dialled)) == CHAINS + 8


async def falls_silent(world: World, person: Person) -> None:
    """What they say last needs a word of their server, which does not pick up any more."""
    host = person.server.host
    world.network.cut_off(host)
    world.network.mend(host)
    world.network.silent.add(host)
    answer = await world.sends(person, person.activity("Create", person.server.url("/n/1")))
    assert answer.status_code == 202


async def states(world: World, kind: str) -> dict[str, int]:
    rows = await world.ask("select state, count(*) from activity_in where type = :kind group by state", kind=kind)
    return {str(state): int(number) for state, number in rows}
