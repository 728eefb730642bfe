"""Words with more than one author, or the proof of a neighbour."""

import pytest

from tests.attacks.inbox.proving import proof_key, proved
from tests.attacks.inbox.saying import naming_alice
from tests.attacks.lines import attack
from tests.attacks.world import World


@attack("F127")
@pytest.mark.parametrize("first", ["carol", "mallory"])
async def test_a_second_author_is_not_shown_as_the_first(world: World, first: str) -> None:
    await world.meets(world.carol)
    authors = [world.carol.uri, world.mallory.uri]
    authors = authors if first == "carol" else authors[::-1]
    note = world.mallory.server.note("/n/1", world.mallory, attributedTo=authors, content="<p>Signé Carol</p>")

    await world.takes(world.mallory, world.mallory.activity("Create", naming_alice(world, note)))

    shown = await world.ask("select a.uri from post p join actor a on a.id = p.author_id")
    assert (world.carol.uri,) not in shown


@attack("F128")
async def test_the_proof_of_a_neighbour_is_not_the_authors(world: World) -> None:
    dave = world.carol.server.person("dave")
    note = world.carol.server.note("/n/1", world.carol)
    await world.hears(world.carol)
    await world.takes(world.carol, world.carol.activity("Create", note))
    await world.meets(dave)
    deleted = proved(world, world.carol.activity("Delete", note["id"]), proof_key(dave))
    world.forget_requests()

    async with world.unchanged(kept=True, but=("actor", "key")):
        answer = await world.sends(dave, deleted)

    assert answer.status_code == 202
    assert await world.posts() == [(note["id"], "public")]
    assert "GET https://good.test/n/1" in world.outbound, "its origin was asked instead"
