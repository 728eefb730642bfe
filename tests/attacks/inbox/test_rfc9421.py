"""RFC 9421: what its signatures leave out, and which of several would count."""

from tests.attacks.forging import forged_9421
from tests.attacks.inbox.saying import as_bytes, greeting
from tests.attacks.lines import attack
from tests.attacks.world import World


async def good_one_is_taken(world: World, body: bytes) -> None:
    """What was wrong with the other was wrong with it alone."""
    assert (await world.post(body, forged_9421(world, world.carol, body))).status_code == 202


@attack("A030")
async def test_body_that_is_not_covered_is_refused(world: World) -> None:
    await world.meets(world.carol)
    body = as_bytes(greeting(world, world.carol))

    async with world.unchanged():
        answer = await world.post(body, forged_9421(world, world.carol, body, covered=["@method", "@target-uri"]))

    assert answer.status_code == 401
    await good_one_is_taken(world, body)


@attack("A031")
async def test_target_that_is_not_covered_is_refused(world: World) -> None:
    await world.meets(world.carol)
    body = as_bytes(greeting(world, world.carol))

    async with world.unchanged():
        answer = await world.post(body, forged_9421(world, world.carol, body, covered=["@method", "content-digest"]))

    assert answer.status_code == 401
    await good_one_is_taken(world, body)


@attack("A032")
async def test_signature_without_its_time_is_refused(world: World) -> None:
    await world.meets(world.carol)
    body = as_bytes(greeting(world, world.carol))

    async with world.unchanged():
        answer = await world.post(body, forged_9421(world, world.carol, body, created=False))

    assert answer.status_code == 401
    await good_one_is_taken(world, body)


@attack("A033")
async def test_digest_of_another_body_is_refused(world: World) -> None:
    await world.meets(world.carol)
    body = as_bytes(greeting(world, world.carol))

    async with world.unchanged():
        answer = await world.post(body, forged_9421(world, world.carol, body, digest_of=b"{}"))

    assert answer.status_code == 401
    await good_one_is_taken(world, body)


@attack("A034")
async def test_second_signature_is_not_looked_for(world: World) -> None:
    await world.meets(world.carol, world.mallory)
    body = as_bytes(greeting(world, world.carol))
    mallorys = dict(forged_9421(world, world.mallory, body, label="s1"))
    bogus = dict(forged_9421(world, world.mallory, body, label="s2", key_id=world.carol.key.id))
    both = {name: f"{mallorys[name]}, {bogus[name]}" for name in ("signature-input", "signature")}

    async with world.unchanged():
        answer = await world.post(body, {**mallorys, **both})

    assert answer.status_code == 401
    await good_one_is_taken(world, body)
