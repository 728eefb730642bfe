"""Good signatures in the wrong place, at the wrong time, or once more."""

import pytest

from fedishare.foundation.values.clock import HOUR, SECOND
from tests.attacks.forging import Headers, date_at, forged
from tests.attacks.inbox.saying import as_bytes, greeting
from tests.attacks.lines import attack
from tests.attacks.world import BASE_URL, World


@attack("A013")
async def test_request_for_another_host_is_refused_before_its_signature_is_looked_at(world: World) -> None:
    body = as_bytes(greeting(world, world.carol))
    signed = world.carol.signed("https://other.test/inbox", body, now=world.clock.now())
    assert signed["Host"] == "other.test"

    async with world.unchanged():
        answer = await world.post(body, signed)

    assert answer.status_code == 401
    assert world.outbound == world.dialled == []


@attack("A015")
async def test_request_signed_for_bob_is_not_taken_at_alices(world: World) -> None:
    await world.meets(world.carol)
    body = as_bytes(greeting(world, world.carol))
    signed = world.carol.signed(f"{BASE_URL}/users/bob/inbox", body, now=world.clock.now())

    async with world.unchanged():
        answer = await world.post(body, signed, to="/users/alice/inbox")

    assert answer.status_code == 401
    assert (await world.post(body, signed, to="/users/bob/inbox")).status_code == 202, "it was a good one"


@attack("A016")
async def test_request_of_13_hours_ago_is_refused(world: World) -> None:
    await world.meets(world.carol)
    body = as_bytes(greeting(world, world.carol))

    async with world.unchanged():
        answer = await world.post(body, forged(world, world.carol, body, date=date_at(world, -13 * HOUR)))

    assert answer.status_code == 401


@attack("A017")
async def test_request_of_the_future_is_refused(world: World) -> None:
    await world.meets(world.carol)
    body = as_bytes(greeting(world, world.carol))

    async with world.unchanged():
        answer = await world.post(body, forged(world, world.carol, body, date=date_at(world, 2 * HOUR)))

    assert answer.status_code == 401


@attack("A018")
async def test_signature_without_any_time_is_refused(world: World) -> None:
    await world.meets(world.carol)
    body = as_bytes(greeting(world, world.carol))
    headers = forged(world, world.carol, body, covered="(request-target) host digest", leave_out=["date"])

    async with world.unchanged():
        answer = await world.post(body, headers)

    assert answer.status_code == 401
    assert (await world.post(body, forged(world, world.carol, body))).status_code == 202, "a time makes it a good one"


@attack("A019")
async def test_date_that_is_none_is_refused(world: World) -> None:
    await world.meets(world.carol)
    body = as_bytes(greeting(world, world.carol))

    async with world.unchanged():
        answer = await world.post(body, forged(world, world.carol, body, date="99 Foo 2026 99:99:99 GMT"))

    assert answer.status_code == 401


@attack("A020")
async def test_signature_that_has_expired_is_refused(world: World) -> None:
    await world.meets(world.carol)
    body = as_bytes(greeting(world, world.carol))
    now = world.clock.now() // SECOND
    covered = "(request-target) host (created) (expires) digest"

    def expiring(when: int) -> Headers:
        return forged(world, world.carol, body, covered=covered, algorithm="hs2019", created=now - 60, expires=when)

    async with world.unchanged():
        answer = await world.post(body, expiring(now - 4_000))

    assert answer.status_code == 401
    assert (await world.post(body, expiring(now + 60))).status_code == 202, "it was a good one but for that"


@attack("A022")
async def test_follow_replayed_after_its_undo_follows_nobody(world: World) -> None:
    follow = world.carol.activity("Follow", world.alice.uri)
    body = as_bytes(follow)
    signed = world.signed(world.carol, body)
    await world.takes(world.carol, body)
    assert [letter["type"] for letter in world.letters(world.carol)] == ["Accept"]
    world.clock.advance(SECOND)
    await world.takes(world.carol, world.carol.activity("Undo", follow))
    world.clock.advance(SECOND)

    async with world.unchanged(kept=True):
        answer = await world.post(body, signed)

    assert answer.status_code == 202
    collection = await world.reader().go("/users/alice/followers", Accept="application/activity+json")
    assert collection.json()["totalItems"] == 0
    assert [letter["type"] for letter in world.letters(world.carol)] == ["Accept"], "that of the first time"


@attack("A029")
async def test_newline_in_the_path_is_no_header(world: World) -> None:
    await world.meets(world.carol)
    body = as_bytes(greeting(world, world.carol))
    headers = forged(world, world.carol, body, target="/inbox\nhost: good.test")

    async with world.unchanged():
        answer = await world.post(body, headers, to="/inbox%0Ahost:%20good.test")

    assert answer.status_code == 404


@attack("A029")
@pytest.mark.parametrize(
    ("target", "status"), [("/inbox?\nhost: good.test", 401), ("/inbox?%0Ahost:%20good.test", 202)]
)
async def test_what_is_signed_is_the_target_as_it_came(world: World, target: str, status: int) -> None:
    await world.meets(world.carol)
    body = as_bytes(greeting(world, world.carol))
    headers = forged(world, world.carol, body, target=target)

    answer = await world.post(body, headers, to="/inbox?%0Ahost:%20good.test")

    assert answer.status_code == status
