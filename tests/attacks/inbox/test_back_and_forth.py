"""The same thing done and undone for as long as anybody listens: what people here are told of it."""

from fedishare.foundation.values.clock import MINUTE
from tests.attacks.inbox.test_side_doors import offer_of
from tests.attacks.lines import attack
from tests.attacks.world import World


async def notices(world: World, kind: str) -> int:
    ((number,),) = await world.ask("select count(*) from notification where kind = :kind", kind=kind)
    return int(number)


@attack("F112")
async def test_like_that_comes_and_goes_is_told_once(world: World) -> None:
    for _ in range(20):
        like = world.mallory.activity("Like", world.offer.uri)
        await world.takes(world.mallory, like)
        await world.takes(world.mallory, world.mallory.activity("Undo", like))

    assert await notices(world, "like") == 1
    assert await world.ask("select count(*) from reaction") == [(0,)]


@attack("F113")
async def test_follow_that_comes_and_goes_is_told_once(world: World) -> None:
    for _ in range(20):
        follow = world.mallory.activity("Follow", world.alice.uri)
        await world.takes(world.mallory, follow)
        world.clock.advance(MINUTE)
        await world.takes(world.mallory, world.mallory.activity("Undo", follow))
        world.clock.advance(MINUTE)

    assert await notices(world, "follow") == 1


@attack("F114")
async def test_offer_that_comes_and_goes_is_told_once(world: World) -> None:
    for _ in range(20):
        offer = offer_of(world.mallory, world.remise.uri)
        await world.takes(world.mallory, offer)
        world.clock.advance(MINUTE)
        await world.takes(world.mallory, world.mallory.activity("Undo", offer))
        world.clock.advance(MINUTE)

    assert await notices(world, "partner-request") + await notices(world, "partner_request") == 1
