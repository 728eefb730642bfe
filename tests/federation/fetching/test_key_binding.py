"""A key is believed when its owner lists it, on one server (SECURITY 0.4; attacks A004 to A006, A025, A035, A036)."""

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fedishare.federation.actors import store
from fedishare.federation.signatures.errors import BadKey
from fedishare.federation.vocabulary.public_keys import multikey
from fedishare.foundation.values.errors import Malformed, Untrusted
from tests.house import BASE_URL, House
from tests.remote import Person, Reply, Server, public_pem


@pytest.fixture
def carol(remise: House) -> Person:
    return remise.network.server("good.example").person("carol")


def pem(bits: int) -> str:
    key = generate_private_key(public_exponent=65537, key_size=bits).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


async def test_a_stub_leads_to_its_owner(remise: House, elsewhere: Server) -> None:
    """GoToSocial: the key's address answers a stub of the actor, which itself wants to be asked."""
    greta = elsewhere.person("greta", key_id=elsewhere.url("/users/greta/main-key"))
    stub = {name: greta.document[name] for name in ("@context", "id", "type", "preferredUsername", "publicKey")}
    elsewhere.serve("/users/greta/main-key", stub)

    key = await remise.fetcher.key(greta.key.id)

    assert (key.id, key.actor.uri) == (greta.key.id, greta.uri)
    assert [asked.path for asked in elsewhere.asked] == ["/users/greta/main-key", "/users/greta"]


@pytest.mark.parametrize("name", ["owner", "controller"])
async def test_a_bare_key_leads_to_its_owner(remise: House, elsewhere: Server, name: str) -> None:
    greta = elsewhere.person("greta", key_id=elsewhere.url("/keys/1"))
    elsewhere.serve("/keys/1", {"id": greta.key.id, name: greta.uri, "publicKeyPem": public_pem(greta.key)})

    assert (await remise.fetcher.key(greta.key.id)).actor.uri == greta.uri


async def test_a_stub_at_its_own_id_is_asked_for_in_full(remise: House, elsewhere: Server, amel: Person) -> None:
    """A server that shows strangers little shows the instance's signature no more: then nobody can be written to."""
    little = {name: amel.document[name] for name in ("@context", "id", "type", "preferredUsername", "publicKey")}
    elsewhere.serve("/users/amel", little)

    with pytest.raises(Malformed, match="inbox"):
        await remise.fetcher.key(amel.key.id)


async def test_a_key_of_somebody_elsewhere_is_refused(remise: House, elsewhere: Server, carol: Person) -> None:
    elsewhere.serve("/key1", {"id": elsewhere.url("/key1"), "owner": carol.uri, "publicKeyPem": public_pem(carol.key)})

    with pytest.raises(Untrusted):
        await remise.fetcher.key(elsewhere.url("/key1"))
    assert not carol.server.asked


async def test_a_key_that_its_owner_does_not_list_is_refused(remise: House, elsewhere: Server, amel: Person) -> None:
    elsewhere.serve("/key1", {"id": elsewhere.url("/key1"), "owner": amel.uri, "publicKeyPem": pem(2048)})

    with pytest.raises(Untrusted, match="does not list"):
        await remise.fetcher.key(elsewhere.url("/key1"))


async def test_a_document_without_an_owner_is_refused(remise: House, elsewhere: Server) -> None:
    elsewhere.serve("/key1", {"id": elsewhere.url("/key1"), "publicKeyPem": pem(2048)})

    with pytest.raises(Untrusted, match="belongs to nobody"):
        await remise.fetcher.key(elsewhere.url("/key1"))


async def test_a_key_shown_under_anothers_id_changes_nothing(
    remise: House, elsewhere: Server, amel: Person, carol: Person
) -> None:
    shown = {"id": carol.key.id, "owner": amel.uri, "publicKeyPem": public_pem(amel.key)}
    elsewhere.serve("/users/amel", {**amel.document, "publicKey": shown})

    with pytest.raises(Untrusted):
        await remise.fetcher.key(amel.key.id)
    with pytest.raises(Untrusted):
        await remise.fetcher.key(elsewhere.url("/users/amel"))

    assert (await remise.fetcher.key(carol.key.id)).public_pem == public_pem(carol.key)


async def test_a_key_said_to_be_anothers_is_refused(remise: House, elsewhere: Server, amel: Person) -> None:
    shown = {**amel.document["publicKey"], "owner": elsewhere.url("/users/other")}
    elsewhere.serve("/users/amel", {**amel.document, "publicKey": shown})

    with pytest.raises(Untrusted, match="as the key of"):
        await remise.fetcher.key(amel.key.id)


async def test_an_owner_who_is_somebody_else_is_refused(remise: House, elsewhere: Server, amel: Person) -> None:
    elsewhere.serve("/key1", {"id": elsewhere.url("/key1"), "owner": elsewhere.url("/x"), "publicKeyPem": pem(2048)})
    elsewhere.serve("/x", amel.document)

    with pytest.raises(Untrusted, match="turns out to be"):
        await remise.fetcher.key(elsewhere.url("/key1"))


async def test_a_key_id_belongs_to_the_first_who_showed_it(remise: House, elsewhere: Server, amel: Person) -> None:
    """On one server two actors may claim one key: the second is refused, the first keeps it."""
    await remise.fetcher.key(amel.key.id)
    thief = elsewhere.person("thief")
    elsewhere.serve("/users/thief", {**thief.document, "publicKey": {**thief.document["publicKey"], "id": amel.key.id}})
    elsewhere.serve("/users/amel", {"id": amel.key.id, "owner": thief.uri, "publicKeyPem": public_pem(thief.key)})

    with pytest.raises(Untrusted, match="first seen as somebody else's"):
        await remise.fetcher.key(amel.key.id, fresh=True)

    assert (await remise.fetcher.key(amel.key.id)).public_pem == public_pem(amel.key)


async def test_a_key_is_not_answered_by_another_server(
    remise: House, elsewhere: Server, amel: Person, carol: Person
) -> None:
    elsewhere.serve("/users/amel", Reply(302, b"", {"location": carol.uri}))

    with pytest.raises(Untrusted, match="is answered by"):
        await remise.fetcher.key(amel.key.id)


@pytest.mark.parametrize("bits", [1024, 1536])
async def test_a_weak_key_is_refused_and_not_kept(remise: House, elsewhere: Server, amel: Person, bits: int) -> None:
    elsewhere.serve(
        "/users/amel", {**amel.document, "publicKey": {**amel.document["publicKey"], "publicKeyPem": pem(bits)}}
    )

    with pytest.raises(BadKey, match=f"{bits} bits"):
        await remise.fetcher.key(amel.key.id)
    assert await remise.db.read(store.key_of, amel.key.id) is None
    assert await remise.db.read(store.by_uri, amel.uri) is None


@pytest.mark.parametrize("given", [None, 7, {}])
async def test_a_key_without_a_text_is_none(remise: House, elsewhere: Server, amel: Person, given: object) -> None:
    elsewhere.serve(
        "/users/amel", {**amel.document, "publicKey": {**amel.document["publicKey"], "publicKeyPem": given}}
    )

    with pytest.raises(BadKey, match="neither PEM nor Multikey"):
        await remise.fetcher.key(amel.key.id)


def multikey_of(person: Person, **changed: object) -> dict[str, object]:
    """As FEP-521a shows an Ed25519 key."""
    return {
        "id": f"{person.uri}#ed25519",
        "type": "Multikey",
        "controller": person.uri,
        "publicKeyMultibase": "z6MkjchhfUsD6mmvni8mCdXHw216Xrm9bQe2mBH1P5RDjVJG",
        **changed,
    }


async def test_an_ed25519_key_is_its_owners_too(remise: House, elsewhere: Server, amel: Person) -> None:
    shown = multikey_of(amel)
    elsewhere.serve("/users/amel", {**amel.document, "assertionMethod": [shown]})

    key = await remise.fetcher.key(f"{amel.uri}#ed25519")

    assert (key.id, key.actor.uri) == (shown["id"], amel.uri)
    assert multikey(key.public_pem) == shown["publicKeyMultibase"]
    assert await remise.fetcher.key(f"{amel.uri}#ed25519") == key


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"controller": "https://good.example/users/carol"}, "as the key of https://good.example/users/carol"),
        ({"publicKeyMultibase": "z6Mk"}, "not an Ed25519 Multikey"),
        ({"publicKeyMultibase": 7}, "neither PEM nor Multikey"),
        ({"id": "https://good.example/users/carol#ed25519"}, "does not list"),
    ],
)
async def test_an_ed25519_key_that_is_shown_wrongly_is_none(
    remise: House, elsewhere: Server, amel: Person, changed: dict[str, object], why: str
) -> None:
    elsewhere.serve("/users/amel", {**amel.document, "assertionMethod": multikey_of(amel, **changed)})

    with pytest.raises((Untrusted, Malformed), match=why):
        await remise.fetcher.key(f"{amel.uri}#ed25519")
    assert await remise.db.read(store.key_of, f"{amel.uri}#ed25519") is None


@pytest.mark.parametrize(
    "key_id",
    [
        f"{BASE_URL}/users/remise#main-key",
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:5432/",
        "https://127.0.0.1/",
        "http://[::1]:8000/",
        "file:///etc/passwd",
        "gopher://x",
        "main-key",
        "",
    ],
)
async def test_a_key_at_no_public_address_causes_no_request(remise: House, key_id: str) -> None:
    with pytest.raises(Untrusted):
        await remise.fetcher.key(key_id)
    assert remise.network.connections == 0
