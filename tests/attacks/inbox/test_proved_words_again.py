"""Words that were proved once and are brought again by somebody else, after their author has thought better of them."""

from fedishare.foundation.values.clock import MINUTE
from tests.attacks.inbox.proving import proof_key, proved
from tests.attacks.lines import attack
from tests.attacks.world import World


@attack("F100")
async def test_like_that_was_taken_back_does_not_come_back_in_other_bytes(world: World) -> None:
    like = proved(world, world.carol.activity("Like", world.offer.uri), proof_key(world.carol))
    await world.takes(world.carol, like)
    await world.takes(world.carol, world.carol.activity("Undo", {**like, "proof": None}))
    assert await world.ask("select count(*) from reaction") == [(0,)]
    await world.meets(world.mallory)
    world.clock.advance(MINUTE)

    async with world.unchanged(kept=True):
        answer = await world.sends(world.mallory, {**like, "signature": {"type": "RsaSignature2017"}})

    assert answer.status_code == 202
    assert (await world.last()).outcome == "it came before, from whoever says it"


@attack("F101")
async def test_profile_of_yesterday_is_not_brought_back_by_another(world: World) -> None:
    key = proof_key(world.carol)
    await world.meets(world.carol)
    stolen = world.carol.document["publicKey"]
    old = proved(world, world.carol.activity("Update", {**world.carol.document, "name": "Old"}), key)
    new = {**world.mallory.document["publicKey"], "id": f"{world.carol.uri}#key-2", "owner": world.carol.uri}
    world.carol.document |= {"publicKey": new, "name": "New"}
    world.carol.server.serve("/users/carol", world.carol.document)
    await world.takes(world.carol, world.carol.activity("Update", world.carol.document))
    await world.meets(world.mallory)
    world.clock.advance(2 * MINUTE)
    world.forget_requests()

    await world.takes(world.mallory, old)

    keys = "select uri from key where retired_at is null and kind = 'rsa' and uri like :of"
    assert await world.ask(keys, of=f"{world.carol.uri}%") == [(new["id"],)]
    assert stolen["id"] != new["id"]
    assert (await world.knows(world.carol)).display_name == "New"
    assert (await world.last()).outcome == "a profile is its owner's: their own server was asked instead"
    assert world.outbound == [
        "GET https://good.test/users/carol",
        "GET https://good.test/.well-known/webfinger?resource=acct%3Acarol%40good.test",
    ]
