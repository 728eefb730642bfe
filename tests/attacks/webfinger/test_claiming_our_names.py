"""Handles of ours, claimed by somebody elsewhere."""

from tests.attacks.lines import attack
from tests.attacks.world import World


@attack("F131")
async def test_who_claims_a_name_of_ours_has_the_name_of_their_server(world: World) -> None:
    world.mallory.document |= {"webfinger": "alice@fedi.test", "preferredUsername": "alice"}
    world.mallory.server.serve("/users/mallory", world.mallory.document)

    actor = await world.instance.fetcher.actor(world.mallory.uri)
    await world.meets(world.mallory)

    assert (actor.name, actor.domain) == ("alice", "evil.test")
    found = await world.instance.fetcher.actor_by_handle("@alice@fedi.test")
    assert found.uri == world.alice.uri
    assert "fedi.test" not in world.looked_up
