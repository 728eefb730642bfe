"""Keys that were replaced because somebody else has them."""

import json

from tests.attacks.forging import shows
from tests.attacks.lines import attack
from tests.attacks.world import World
from tests.remote import public_pem


@attack("F111")
async def test_stolen_key_says_nothing_in_the_minute_after_it_was_replaced(world: World) -> None:
    await world.meets(world.carol)
    renewed = shows(world.carol, pem=public_pem(world.mallory.key), key_id=f"{world.carol.uri}#key-2")
    world.carol.server.serve("/users/carol", renewed)
    await world.takes(world.carol, world.carol.activity("Update", renewed))
    back = world.carol.activity("Update", {**world.carol.document, "name": "Pwned"})

    async with world.unchanged():
        answer = await world.sends(world.carol, back)

    assert answer.status_code == 401
    assert (await world.knows(world.carol)).display_name == "Carol"


@attack("F111")
async def test_stolen_key_whose_id_has_another_key_now_says_nothing(world: World) -> None:
    await world.meets(world.carol)
    renewed = shows(world.carol, pem=public_pem(world.mallory.key))
    world.carol.server.serve("/users/carol", renewed)
    await world.takes(world.carol, world.carol.activity("Update", renewed))
    body = json.dumps(world.carol.activity("Like", world.offer.uri)).encode()

    async with world.unchanged():
        answer = await world.post(body, world.signed(world.carol, body))

    assert answer.status_code == 401
