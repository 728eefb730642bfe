"""Keys that prove nothing, or take all day to check."""

import pytest
from structlog.testing import capture_logs

from tests.attacks.costs import compare
from tests.attacks.forging import forged, huge_pem, short_key, shows
from tests.attacks.inbox.saying import as_bytes, greeting
from tests.attacks.lines import attack
from tests.attacks.world import World
from tests.federation.signatures.signing import pem, rsa
from tests.figures import Figure


@attack("A025")
@pytest.mark.parametrize("bits", [512, 1024])
async def test_weak_key_is_refused_and_not_kept(world: World, bits: int) -> None:
    key = short_key() if bits == 512 else rsa(1024)
    world.mallory.server.serve("/users/mallory", shows(world.mallory, pem=pem(key)))
    body = as_bytes(greeting(world, world.mallory))

    with capture_logs() as logs:
        async with world.unchanged():
            answer = await world.post(body, forged(world, world.mallory, body, key=key))

    assert answer.status_code == 401
    assert await world.ask("select uri from key where uri = :uri", uri=world.mallory.key.id) == []
    (line,) = [line for line in logs if line["event"] == "key_refused"]
    assert f"{bits} bits" in line["why"]


@attack("A026")
async def test_huge_key_is_refused_by_its_length_alone(world: World, figure: Figure) -> None:
    eve = world.mallory.server.person("eve")
    trent = world.mallory.server.person("trent")
    world.mallory.server.serve("/users/eve", shows(eve, pem=huge_pem()))
    hostile, harmless = (as_bytes(greeting(world, person)) for person in (eve, trent))
    answers = []

    async def with_huge_key() -> None:
        answers.append(await world.post(hostile, forged(world, eve, hostile)))

    async def with_usual_key() -> None:
        answers.append(await world.post(harmless, forged(world, trent, harmless)))

    with capture_logs() as logs:
        await compare(figure, "a key of 16,384 bits", hostile=with_huge_key, harmless=with_usual_key)

    assert [answer.status_code for answer in answers] == [202, 401]
    assert await world.ask("select uri from key where uri = :uri", uri=eve.key.id) == []
    (line,) = [line for line in logs if line["event"] == "key_refused"]
    assert "16384 bits" in line["why"], "its exponent was not what it was refused for"
