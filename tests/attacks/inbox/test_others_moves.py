"""A move that somebody else announces, so that the true one finds the door shut."""

from tests.attacks.inbox.test_moves import follows_sent
from tests.attacks.lines import attack
from tests.attacks.world import World


@attack("F107")
async def test_strangers_claim_does_not_hold_the_place_of_the_true_move(world: World) -> None:
    home = world.network.server("home.test").person("carol")
    await world.hears(world.carol)
    claim = world.mallory.activity("Move", world.carol.uri, target=world.mallory.uri)
    await world.takes(world.mallory, claim)
    assert follows_sent(world) == []
    home.server.serve("/users/carol", {**home.document, "alsoKnownAs": [world.carol.uri]})

    await world.takes(world.carol, world.carol.activity("Move", world.carol.uri, target=home.uri))

    assert [letter["object"] for letter in home.server.letters if letter["type"] == "Follow"] == [home.uri]


@attack("F108")
async def test_a_hundred_claims_ask_the_one_who_is_claimed_once(world: World) -> None:
    await world.hears(world.carol)
    world.forget_requests()

    for number in range(20):
        claimed = {**world.mallory.activity("Move", world.carol.uri, target=world.mallory.uri), "number": number}
        await world.takes(world.mallory, claimed)

    asked = [request for request in world.outbound if request.startswith("GET")]
    assert asked.count("GET https://good.test/users/carol") <= 1
    assert asked.count("GET https://evil.test/users/mallory") <= 2
    assert follows_sent(world) == []
