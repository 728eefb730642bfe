"""Keys that belong to somebody else, to nobody, to us, or to a machine that is none of anybody's business."""

import pytest

from tests.attacks.forging import forged, shows
from tests.attacks.inbox.saying import as_bytes, greeting
from tests.attacks.lines import attack
from tests.attacks.world import World
from tests.remote import public_pem


async def key_row(world: World, uri: str) -> list[tuple[object, ...]]:
    return await world.ask("select * from key where uri = :uri", uri=uri)


@attack("A003")
async def test_nobody_signs_in_anothers_name(world: World) -> None:
    await world.meets(world.carol, world.mallory)
    before = await world.ask("select * from actor where uri = :uri", uri=world.carol.uri)

    async with world.unchanged():
        answer = await world.sends(world.mallory, greeting(world, world.carol))

    assert answer.status_code == 401
    assert await world.ask("select * from actor where uri = :uri", uri=world.carol.uri) == before != []


@attack("A004")
async def test_key_that_names_an_owner_elsewhere_is_nobodys(world: World) -> None:
    """Its own origin is asked about the key, and that is all: an owner elsewhere could not vouch for it."""
    url = world.mallory.server.url("/key1")
    key = {"id": url, "owner": world.carol.uri, "publicKeyPem": public_pem(world.mallory.key)}
    world.mallory.server.serve("/key1", key)
    body = as_bytes(greeting(world, world.carol))

    async with world.unchanged():
        answer = await world.post(body, forged(world, world.mallory, body, key_id=url))

    assert answer.status_code == 401
    assert world.outbound == ["GET https://evil.test/key1"]


@attack("A004")
async def test_key_that_its_owner_does_not_list_is_nobodys(world: World) -> None:
    """On carol's own server, where somebody could put a file: carol's document decides."""
    url = world.carol.server.url("/uploads/key1")
    key = {"id": url, "owner": world.carol.uri, "publicKeyPem": public_pem(world.mallory.key)}
    world.carol.server.serve("/uploads/key1", key)
    body = as_bytes(greeting(world, world.carol))

    async with world.unchanged():
        answer = await world.post(body, forged(world, world.mallory, body, key_id=url))

    assert answer.status_code == 401
    assert world.outbound == ["GET https://good.test/uploads/key1", "GET https://good.test/users/carol"]


@attack("A005")
async def test_key_document_with_another_keys_id_teaches_us_nothing(world: World) -> None:
    url = world.mallory.server.url("/k1")
    shown = {"id": world.carol.key.id, "owner": world.carol.uri, "publicKeyPem": public_pem(world.mallory.key)}
    world.mallory.server.serve("/k1", {"id": url, "publicKey": shown})
    body = as_bytes(greeting(world, world.carol))

    async with world.unchanged():
        answer = await world.post(body, forged(world, world.mallory, body, key_id=url))

    assert answer.status_code == 401
    assert await key_row(world, world.carol.key.id) == []
    assert (await world.sends(world.carol, body)).status_code == 202
    assert await world.ask("select public_pem from key where uri = :uri", uri=world.carol.key.id) == [
        (public_pem(world.carol.key),)
    ]


@attack("A006")
@pytest.mark.parametrize("carol_is_known", [True, False])
async def test_nobody_takes_anothers_key_id_by_showing_it(world: World, carol_is_known: bool) -> None:
    await world.meets(world.mallory, *([world.carol] if carol_is_known else []))
    before = await key_row(world, world.carol.key.id)
    rebound = shows(world.mallory, key_id=world.carol.key.id) | {"name": "Mallory the Second"}
    world.mallory.server.serve("/users/mallory", rebound)

    await world.takes(world.mallory, world.mallory.activity("Update", rebound))

    assert await key_row(world, world.carol.key.id) == before
    body = as_bytes(greeting(world, world.carol))
    answer = await world.post(body, forged(world, world.mallory, body, key_id=world.carol.key.id))
    assert answer.status_code == 401
    assert (await world.sends(world.carol, body)).status_code == 202


@attack("A035")
async def test_our_own_key_is_not_asked_for(world: World) -> None:
    activity = {**greeting(world, world.mallory), "id": f"{world.alice.uri}#said", "actor": world.alice.uri}
    body = as_bytes(activity)

    async with world.unchanged():
        answer = await world.post(body, forged(world, world.mallory, body, key_id=f"{world.alice.uri}#main-key"))

    assert answer.status_code == 401
    assert world.outbound == world.dialled == []


@attack("A036")
@pytest.mark.parametrize(
    "key_id",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:5432/",
        "http://[::1]:8000/",
        "https://[::1]/",
        "https://inner.evil.test/users/mallory#main-key",
        "file:///etc/passwd",
        "gopher://x",
    ],
)
async def test_nothing_inside_our_network_is_dialled_for_a_key(world: World, key_id: str) -> None:
    world.network.elsewhere["inner.evil.test"] = ["10.0.0.5"]
    body = as_bytes(greeting(world, world.mallory))

    async with world.unchanged():
        answer = await world.post(body, forged(world, world.mallory, body, key_id=key_id))

    assert answer.status_code == 401
    assert world.dialled == []
