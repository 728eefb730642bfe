"""What our actors look like, held against what the strictest receivers take (INTEROP A.4, E.1)."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from fedishare.federation.actors import store
from fedishare.federation.vocabulary.actor import read_actor
from fedishare.federation.vocabulary.context import CONTEXT
from fedishare.foundation.db.database import Database
from fedishare.foundation.values.clock import MINUTE, Instant
from tests.federation.doors import knock
from tests.house import House, house

REMISE = "https://share.example/users/remise"


@pytest.fixture
async def remise(database: Database) -> AsyncIterator[House]:
    async with house(database) as made:
        yield made


async def document(house: House, path: str = "/users/remise") -> dict[str, Any]:
    answer = await knock(house, path)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def addresses(value: object) -> list[str]:
    if isinstance(value, dict):
        return [found for name, part in value.items() if name != "@context" for found in addresses(part)]
    if isinstance(value, list):
        return [found for part in value for found in addresses(part)]
    return [value] if isinstance(value, str) and value.startswith("https://") else []


async def test_the_content_type_is_exact(remise: House):
    """Lemmy compares the whole text."""
    answer = await knock(remise, "/users/remise")

    assert answer.headers["content-type"] == "application/activity+json"
    assert "Accept" in answer.headers["vary"]


async def test_the_id_is_where_it_is_served(remise: House):
    found = await document(remise)

    assert found["id"] == REMISE
    assert found["type"] == "Organization"
    assert found["@context"] == CONTEXT


async def test_everything_it_points_at_is_on_one_host(remise: House):
    found = await document(remise)
    elsewhere = {urlsplit(one).netloc for one in addresses(found)} - {"share.example"}

    assert elsewhere == {"w3id.org", "datatracker.ietf.org"}
    assert [one["href"] for one in found["generator"]["implements"]] == [
        "https://w3id.org/fep/0837",
        "https://datatracker.ietf.org/doc/html/rfc9421",
        "https://datatracker.ietf.org/doc/html/rfc9421#name-eddsa-using-curve-edwards25",
    ]


async def test_there_is_one_key_in_spki(remise: House):
    """A list breaks Misskey, PKCS#1 breaks Lemmy, a key id without # breaks flohmarkt."""
    key = (await document(remise))["publicKey"]
    loaded = load_pem_public_key(key["publicKeyPem"].encode())

    assert key["id"] == f"{REMISE}#main-key"
    assert key["owner"] == REMISE
    assert key["publicKeyPem"].startswith("-----BEGIN PUBLIC KEY-----")
    assert isinstance(loaded, RSAPublicKey)
    assert loaded.key_size == 2048


async def test_the_key_for_proofs_stands_beside_it(remise: House):
    (key,) = (await document(remise))["assertionMethod"]

    assert (key["type"], key["controller"]) == ("Multikey", REMISE)
    assert key["publicKeyMultibase"].startswith("z6Mk")


async def test_what_mastodon_and_lemmy_want_is_there(remise: House):
    found = await document(remise)

    assert {"inbox", "outbox", "followers", "following", "featured", "preferredUsername", "url"} <= set(found)
    assert found["proposals"] == f"{REMISE}/proposals"
    assert found["endpoints"] == {"sharedInbox": "https://share.example/inbox"}
    assert found["webfinger"] == "remise@share.example"
    assert (found["discoverable"], found["indexable"], found["manuallyApprovesFollowers"]) == (True, True, False)
    assert isinstance(found["tag"], list)
    assert isinstance(found["attachment"], list)


async def test_we_can_read_what_we_write(remise: House):
    read = read_actor(await document(remise), Instant(0))

    assert read.uri == REMISE
    assert read.speaks_fedishare
    assert [key.kind for key in read.keys] == ["rsa", "ed25519"]


async def test_a_changed_profile_is_shown_at_once(remise: House):
    before = await document(remise)
    actor = await remise.db.read(store.local_by_name, "remise")
    assert actor is not None
    remise.clock.advance(MINUTE)
    await remise.db.write(
        store.change_profile,
        actor.id,
        display_name="La Remise de Wazemmes",
        summary="<p>Outils</p>",
        approves_followers=False,
        discoverable=True,
        indexable=True,
        now=remise.clock.now(),
    )
    after = await document(remise)

    assert after["name"] == "La Remise de Wazemmes"
    assert after["publicKey"] == before["publicKey"]
    assert after["updated"] > before["updated"]


async def test_the_instance_actor_is_an_application(remise: House):
    found = await document(remise, "/users/instance")

    assert (found["id"], found["type"]) == ("https://share.example/users/instance", "Application")
    assert found["preferredUsername"] == "share.example"
    assert found["manuallyApprovesFollowers"] is True
    assert "featured" not in found
    assert (await knock(remise, "/actor")).headers["location"] == found["id"]


async def test_a_browser_is_shown_the_way_to_the_page(remise: House):
    answer = await knock(remise, "/users/remise", accept="text/html,application/xhtml+xml,*/*;q=0.8")

    assert (answer.status_code, answer.headers["location"]) == (302, "https://share.example/@remise")
    assert "Accept" in answer.headers["vary"]


async def test_who_is_gone_is_gone_for_servers_and_for_people(remise: House):
    amel = await remise.lives("amel")
    await remise.db.write(store.erase, amel.id, now=remise.clock.now())

    told = await knock(remise, "/users/amel")
    page = await knock(remise, "/users/amel", accept="text/html")

    assert (told.status_code, told.headers["content-type"]) == (410, "application/activity+json")
    assert told.json() | {"@context": None} == {
        "@context": None,
        "id": amel.uri,
        "type": "Tombstone",
        "formerType": "Person",
        "deleted": "2026-11-23T12:00:00Z",
    }
    assert page.status_code == 410
    for collection in ("followers", "following", "outbox", "featured"):
        assert (await knock(remise, f"/users/amel/{collection}")).status_code == 410


@pytest.mark.parametrize("path", ["/users/nobody", "/users/Remise", "/users/share.example", "/users/nobody/followers"])
async def test_nobody_answers_with_404(remise: House, path: str):
    assert (await knock(remise, path)).status_code == 404


async def test_head_and_get_agree(remise: House):
    for accept in ("application/activity+json", "text/html"):
        got = await knock(remise, "/users/remise", accept=accept)
        head = await knock(remise, "/users/remise", accept=accept, method="HEAD")
        assert head.status_code == got.status_code
        assert head.headers.get("content-type") == got.headers.get("content-type")
        assert head.content == b""
