"""Requests without a signature, and signatures that leave out what matters: coverage is ours to decide."""

import base64
import hmac

import pytest

from tests.attacks.forging import ALL, forged, signature
from tests.attacks.inbox.saying import as_bytes, greeting
from tests.attacks.lines import attack
from tests.attacks.world import World
from tests.remote import ACTIVITY, public_pem


@attack("A001")
async def test_unsigned_post_is_refused_and_nobody_is_asked(world: World) -> None:
    body = as_bytes(greeting(world, world.carol))

    async with world.unchanged():
        answer = await world.post(body, {"Content-Type": ACTIVITY})

    assert answer.status_code == 401
    assert world.outbound == world.dialled == []


@attack("A002")
async def test_garbage_in_the_place_of_a_signature_is_refused(world: World) -> None:
    body = as_bytes(greeting(world, world.carol))
    headers = dict(forged(world, world.carol, body))
    headers["signature"] = f'keyId="{world.carol.key.id}",headers="(request-target) host date digest",signature="!!!!"'

    async with world.unchanged():
        answer = await world.post(body, headers)

    assert answer.status_code == 401
    assert world.outbound == []


@attack("A008")
async def test_digest_that_is_signed_and_not_sent_is_refused(world: World) -> None:
    await world.meets(world.carol)
    body = as_bytes(greeting(world, world.carol))

    async with world.unchanged():
        answer = await world.post(body, forged(world, world.carol, body, leave_out=["digest"]))

    assert answer.status_code == 401


@attack("A009")
async def test_body_swapped_after_signing_is_refused(world: World) -> None:
    await world.meets(world.carol)
    hello = as_bytes(greeting(world, world.carol, content="<p>hello</p>"))
    scam = as_bytes(greeting(world, world.carol, content="<p>scam</p>"))

    async with world.unchanged():
        answer = await world.post(scam, forged(world, world.carol, hello))

    assert answer.status_code == 401


@attack("A012")
async def test_signature_without_the_host_is_refused(world: World) -> None:
    await world.meets(world.carol)
    body = as_bytes(greeting(world, world.carol))

    async with world.unchanged():
        answer = await world.post(body, forged(world, world.carol, body, covered="(request-target) date digest"))

    assert answer.status_code == 401


@attack("A014")
async def test_signature_without_the_target_is_refused(world: World) -> None:
    await world.meets(world.carol)
    body = as_bytes(greeting(world, world.carol))

    async with world.unchanged():
        answer = await world.post(body, forged(world, world.carol, body, covered="host date digest"))

    assert answer.status_code == 401


@attack("A023")
@pytest.mark.parametrize("order", ["mallory carol", "carol mallory"])
@pytest.mark.parametrize("said_by", ["carol", "mallory"])
async def test_signature_that_names_two_keys_is_refused(world: World, said_by: str, order: str) -> None:
    """Whichever of the two counted, one of these would be taken: mallory's words under her own good signature."""
    await world.meets(world.carol, world.mallory)
    body = as_bytes(greeting(world, getattr(world, said_by)))
    headers = dict(forged(world, world.mallory, body))
    keys = ",".join(f'keyId="{getattr(world, name).key.id}"' for name in order.split())
    twice = {**headers, "signature": headers["signature"].replace(f'keyId="{world.mallory.key.id}"', keys)}
    assert twice["signature"].count("keyId=") == 2

    async with world.unchanged():
        answer = await world.post(body, twice)

    assert answer.status_code == 401
    if said_by == "mallory":
        assert (await world.post(body, headers)).status_code == 202, "but for the second key it was a good one"


@attack("A024")
@pytest.mark.parametrize("said_by", ["carol", "mallory"])
async def test_two_signatures_are_refused_whoever_is_said_to_speak(world: World, said_by: str) -> None:
    await world.meets(world.carol, world.mallory)
    body = as_bytes(greeting(world, getattr(world, said_by)))
    headers = forged(world, world.mallory, body)
    stale = dict(forged(world, world.carol, body, date="Sun, 22 Nov 2026 20:00:00 GMT"))

    async with world.unchanged():
        answer = await world.post(body, [*headers, ("signature", stale["signature"])])

    assert answer.status_code == 401


@attack("A027")
async def test_public_key_is_no_shared_secret(world: World) -> None:
    await world.meets(world.carol)
    body = as_bytes(greeting(world, world.carol))

    async with world.unchanged():
        answer = await world.post(body, mac_with_public_key(world, body))

    assert answer.status_code == 401


def mac_with_public_key(world: World, body: bytes) -> dict[str, str]:
    """HMAC with the text of carol's public key, which everybody has."""
    headers = dict(forged(world, world.carol, body, algorithm="hmac-sha256"))
    text = "\n".join(
        ["(request-target): post /inbox", *(f"{name}: {headers[name]}" for name in ("host", "date", "digest"))]
    )
    value = hmac.digest(public_pem(world.carol.key).encode(), text.encode(), "sha256")
    headers["signature"] = signature(world.carol.key.id, ALL, base64.b64encode(value).decode(), algorithm="hmac-sha256")
    return headers
