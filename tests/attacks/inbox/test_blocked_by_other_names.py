"""Who is blocked comes back under another address, another domain, or in somebody else's letter."""

import pytest

from fedishare.federation.policy.domains import Rule, Verdict
from fedishare.federation.policy.ruling import decide
from tests.attacks.lines import attack
from tests.attacks.world import World
from tests.remote import Json, Reply

JRD = "application/jrd+json"


async def rule(world: World, subject: str, severity: Verdict = Verdict.BLOCK) -> None:
    rules = [Rule(subject=subject, severity=severity)]
    await world.db.write(decide, rules, here=world.here, now=world.clock.now())
    await world.work()
    world.forget_requests()


@attack("F123")
async def test_blocking_the_domain_of_a_handle_blocks_who_lives_elsewhere_under_it(world: World) -> None:
    """@mallory@evil.test has an id at social.hosting.test, and both servers say so."""
    home = world.network.server("social.hosting.test")
    mallory = home.person("mallory")
    jrd = b'{"subject":"acct:mallory@evil.test","links":[{"rel":"self","type":"%s","href":"%s"}]}' % (
        b"application/activity+json",
        mallory.uri.encode(),
    )
    world.mallory.server.serve("/.well-known/webfinger", Reply(200, jrd, {"content-type": JRD}))
    mallory.document["webfinger"] = "mallory@evil.test"
    home.serve("/users/mallory", mallory.document)
    await world.takes(mallory, mallory.activity("Follow", world.alice.uri))
    assert (await world.knows(mallory)).domain == "evil.test"

    await rule(world, "evil.test")

    assert await world.ask("select state from follow") == [("rejected",)]
    async with world.unchanged():
        answer = await world.sends(mallory, mallory.activity("Like", world.offer.uri))
    assert answer.status_code == 403
    assert world.outbound == []


@attack("F124")
@pytest.mark.parametrize("host", ["evil.test:8443", "EVIL.test", "evil.test.", "deep.down.evil.test"])
async def test_a_block_holds_however_the_name_is_written(world: World, host: str) -> None:
    await rule(world, "evil.test")
    said = world.mallory.activity("Like", world.offer.uri)
    spelled: Json = {name: _elsewhere(value, host) for name, value in said.items()}

    async with world.unchanged():
        answer = await world.sends(world.mallory, spelled)

    assert answer.status_code == 403
    assert (world.outbound, world.dialled) == ([], [])


def _elsewhere(value: object, host: str) -> object:
    return value.replace("https://evil.test", f"https://{host}") if isinstance(value, str) else value


@attack("F125")
async def test_a_group_hands_on_nothing_of_who_is_blocked(world: World) -> None:
    await world.meets(world.mallory)
    await world.hears(world.carol)
    await rule(world, "evil.test")
    note = world.mallory.server.note("/n/1", world.mallory, inReplyTo=world.offer.uri)
    inner = world.mallory.activity("Create", note)

    async with world.unchanged(kept=True):
        answer = await world.sends(world.carol, world.carol.activity("Announce", inner))

    assert answer.status_code == 202
    assert world.outbound == []


@attack("F126")
async def test_nobody_is_told_that_the_limited_ask_to_follow(world: World) -> None:
    await rule(world, "evil.test", Verdict.LIMIT)

    await world.takes(world.mallory, world.mallory.activity("Follow", world.bob.uri))

    assert await world.ask("select state from follow") == [("pending",)]
    assert await world.ask("select kind from notification") == []
