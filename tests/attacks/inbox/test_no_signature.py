"""Requests that nobody has signed, or that a signature does not cover."""

import json

from tests.attacks.lines import attack
from tests.attacks.world import World
from tests.remote import ACTIVITY


@attack("A001")
async def test_unsigned_post_is_refused_and_nobody_is_asked(world: World) -> None:
    note = world.carol.server.note("/n/1", world.carol)
    body = json.dumps(world.carol.activity("Create", note)).encode()

    async with world.unchanged():
        answer = await world.post(body, {"Content-Type": ACTIVITY})

    assert answer.status_code == 401
    assert world.outbound == world.dialled == []
