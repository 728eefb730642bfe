"""Whose key this is: known, fetched once, believed when both sides say so (SECURITY 0.4; attacks A004 to A041)."""

import asyncio

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fedishare.federation.actors import store
from fedishare.federation.fetching import keys
from fedishare.federation.signatures.errors import BadKey
from fedishare.foundation.values.clock import HOUR, MINUTE, SECOND
from fedishare.foundation.values.errors import Malformed, RemotelyGone, RemoteTrouble, Unreachable, Untrusted
from tests.engines import on_each_engine
from tests.house import BASE_URL, House
from tests.remote import Person, Reply, Server, public_pem, with_key

GOOD = "https://good.example/users/carol"


@pytest.fixture
def carol(remise: House) -> Person:
    return remise.network.server("good.example").person("carol")


def pem(bits: int) -> str:
    key = generate_private_key(public_exponent=65537, key_size=bits).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@on_each_engine
async def test_a_strangers_key_is_fetched_once(remise: House, elsewhere: Server, amel: Person) -> None:
    key = await remise.fetcher.key(amel.key.id)
    again = await remise.fetcher.key(amel.key.id)

    assert (key.id, key.actor.uri, key.public_pem) == (amel.key.id, amel.uri, public_pem(amel.key))
    assert again == key
    assert [asked.path for asked in elsewhere.asked] == ["/users/amel"]


async def test_a_key_on_disk_needs_no_request(remise: House, elsewhere: Server, amel: Person) -> None:
    await remise.fetcher.actor(amel.uri)
    asked = len(elsewhere.asked)

    assert (await remise.fetcher.key(amel.key.id)).actor.uri == amel.uri
    remise.clock.advance(2 * MINUTE)
    assert (await remise.fetcher.key(amel.key.id)).actor.uri == amel.uri
    assert len(elsewhere.asked) == asked


async def test_however_many_wait_it_is_fetched_once(remise: House, elsewhere: Server, amel: Person) -> None:
    found = await asyncio.gather(*(remise.fetcher.key(amel.key.id) for _ in range(50)))

    assert {key.public_pem for key in found} == {public_pem(amel.key)}
    assert len(elsewhere.asked) == 1


async def test_one_of_several_keys_is_found_by_its_id(remise: House, elsewhere: Server, amel: Person) -> None:
    shown = amel.document["publicKey"]
    other = {"id": f"{amel.uri}#old", "owner": amel.uri, "publicKeyPem": pem(2048)}
    elsewhere.serve("/users/amel", {**amel.document, "publicKey": ["junk", other, shown]})

    assert (await remise.fetcher.key(amel.key.id)).public_pem == public_pem(amel.key)


# --- INTEROP B.2: other forms of a key's document


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


# --- A004, A005, A006: binding


async def test_a_key_of_somebody_elsewhere_is_refused(remise: House, elsewhere: Server, carol: Person) -> None:
    elsewhere.serve("/key1", {"id": elsewhere.url("/key1"), "owner": carol.uri, "publicKeyPem": public_pem(carol.key)})

    with pytest.raises(Untrusted):
        await remise.fetcher.key(elsewhere.url("/key1"))


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

    with pytest.raises(BadKey, match="no PEM"):
        await remise.fetcher.key(amel.key.id)


async def test_an_ed25519_key_signs_no_request(remise: House, elsewhere: Server, amel: Person) -> None:
    multikey = {
        "id": f"{amel.uri}#ed25519",
        "type": "Multikey",
        "controller": amel.uri,
        "publicKeyMultibase": "z6MkjchhfUsD6mmvni8mCdXHw216Xrm9bQe2mBH1P5RDjVJG",
    }
    elsewhere.serve("/users/amel", {**amel.document, "assertionMethod": [multikey]})
    await remise.fetcher.actor(amel.uri)
    assert (await remise.db.read(store.key_of, multikey["id"])).kind == "ed25519"

    with pytest.raises(Untrusted, match="does not list"):
        await remise.fetcher.key(multikey["id"])


# --- A035, A036: keys that are nobody's


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


# --- A037 to A041: trouble, and how long it is remembered


@pytest.mark.parametrize("status", [401, 403, 429, 500, 502, 503])
async def test_trouble_that_may_pass_is_unreachable(
    remise: House, elsewhere: Server, amel: Person, status: int
) -> None:
    elsewhere.serve("/users/amel", Reply(status))

    with pytest.raises(Unreachable):
        await remise.fetcher.key(amel.key.id)


@pytest.mark.parametrize("status", [400, 404, 406])
async def test_a_key_that_is_not_there_proves_nothing(
    remise: House, elsewhere: Server, amel: Person, status: int
) -> None:
    elsewhere.serve("/users/amel", Reply(status))

    with pytest.raises(Malformed):
        await remise.fetcher.key(amel.key.id)


async def test_a_failure_is_remembered_for_a_minute(remise: House, elsewhere: Server, amel: Person) -> None:
    elsewhere.serve("/users/amel", Reply(500))
    for _ in range(5):
        with pytest.raises(Unreachable):
            await remise.fetcher.key(amel.key.id)
    assert len(elsewhere.asked) == 1

    elsewhere.serve("/users/amel", amel.document)
    remise.clock.advance(59 * SECOND)
    with pytest.raises(Unreachable):
        await remise.fetcher.key(amel.key.id)
    remise.clock.advance(2 * SECOND)

    assert (await remise.fetcher.key(amel.key.id)).actor.uri == amel.uri


async def test_somebody_who_has_gone_is_not_asked_for_an_hour(remise: House, elsewhere: Server, amel: Person) -> None:
    elsewhere.serve("/users/amel", Reply(410))
    for minutes in (0, 30, 29):
        remise.clock.advance(minutes * MINUTE)
        with pytest.raises(RemotelyGone):
            await remise.fetcher.key(amel.key.id)
    assert len(elsewhere.asked) == 1

    remise.clock.advance(HOUR)
    with pytest.raises(RemotelyGone):
        await remise.fetcher.key(amel.key.id)
    assert len(elsewhere.asked) == 2


async def test_a_server_that_never_answers_is_given_up(
    remise: House, elsewhere: Server, amel: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "DEADLINE_S", 0.1)
    elsewhere.serve("/users/amel", Reply(200, b"", after_s=30))

    with pytest.raises(Unreachable, match="no answer about"):
        await remise.fetcher.key(amel.key.id)


async def test_a_server_that_never_answers_holds_up_no_other(
    remise: House, elsewhere: Server, carol: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "DEADLINE_S", 0.5)
    for number in range(keys.AT_ONCE - 1):
        elsewhere.serve(f"/users/{number}", Reply(200, b"", after_s=30))
    waiting = [remise.fetcher.key(elsewhere.url(f"/users/{number}#k")) for number in range(keys.AT_ONCE - 1)]
    slow = asyncio.gather(*waiting, return_exceptions=True)

    assert (await remise.fetcher.key(carol.key.id)).actor.uri == carol.uri

    assert all(isinstance(found, Unreachable) for found in await slow)


async def test_no_more_than_sixteen_are_asked_at_once(
    remise: House, elsewhere: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "DEADLINE_S", 0.3)
    hosts = [remise.network.server(f"host{number}.example") for number in range(40)]
    for host in hosts:
        host.serve("/k", Reply(200, b"", after_s=30))

    found = await asyncio.gather(*(remise.fetcher.key(host.url("/k")) for host in hosts), return_exceptions=True)

    assert all(isinstance(trouble, Unreachable) for trouble in found)
    assert sum(len(host.asked) for host in hosts) == keys.AT_ONCE


async def test_a_thousand_subdomains_cost_few_requests(remise: House) -> None:
    hosts = [remise.network.server(f"h{number}.evil.example") for number in range(200)]

    found = await asyncio.gather(*(remise.fetcher.key(host.url("/u#k")) for host in hosts), return_exceptions=True)

    assert all(isinstance(trouble, RemoteTrouble) for trouble in found)
    assert sum(len(host.asked) for host in hosts) == 10
    refused = [trouble for trouble in found if isinstance(trouble, Unreachable)]
    assert {trouble.status for trouble in refused} == {429}


# --- rotation


async def test_a_new_key_is_fetched_when_the_old_one_fails(remise: House, elsewhere: Server, amel: Person) -> None:
    await remise.fetcher.key(amel.key.id)
    other = elsewhere.person("other")
    renewed = with_key(amel.document, type(amel.key)(id=amel.key.id, rsa=other.key.rsa))
    elsewhere.serve("/users/amel", renewed)

    assert (await remise.fetcher.key(amel.key.id)).public_pem == public_pem(amel.key)
    assert (await remise.fetcher.key(amel.key.id, fresh=True)).public_pem == public_pem(other.key)
    assert (await remise.fetcher.key(amel.key.id)).public_pem == public_pem(other.key)


async def test_a_wrong_signature_causes_one_request_in_five_minutes(
    remise: House, elsewhere: Server, amel: Person
) -> None:
    known = await remise.fetcher.key(amel.key.id)
    for _ in range(200):
        assert (await remise.fetcher.key(amel.key.id, fresh=True)).public_pem == known.public_pem
    assert len(elsewhere.asked) == 2

    remise.clock.advance(5 * MINUTE + SECOND)
    await remise.fetcher.key(amel.key.id, fresh=True)
    assert len(elsewhere.asked) == 3


async def test_a_retired_key_is_not_believed_after_a_minute(remise: House, elsewhere: Server, amel: Person) -> None:
    await remise.fetcher.key(amel.key.id)
    moved = elsewhere.person("amel", key_id=f"{amel.uri}#key-2")
    await remise.fetcher.actor(amel.uri, fresh=True)
    remise.clock.advance(MINUTE + SECOND)

    assert (await remise.fetcher.key(moved.key.id)).actor.uri == amel.uri
    with pytest.raises(Untrusted, match="does not list"):
        await remise.fetcher.key(amel.key.id)


# --- the handle, while a sender waits


def webfinger(server: Server, subject: str, actor_uri: str, **how: float) -> None:
    link = {"rel": "self", "type": "application/activity+json", "href": actor_uri}
    server.serve("/.well-known/webfinger", {"subject": f"acct:{subject}", "links": [link]})
    if how:
        reply = server.documents["/.well-known/webfinger"]
        server.serve("/.well-known/webfinger", Reply(reply.status, reply.body, reply.headers, **how))


async def test_a_claimed_domain_is_proved_at_once(remise: House, elsewhere: Server, amel: Person) -> None:
    elsewhere.serve("/users/amel", {**amel.document, "webfinger": "amel@apex.example"})
    webfinger(remise.network.server("apex.example"), "amel@apex.example", amel.uri)

    assert (await remise.fetcher.key(amel.key.id)).actor.handle == "amel@apex.example"


async def test_a_claim_of_the_usual_domain_needs_no_proof(remise: House, elsewhere: Server, amel: Person) -> None:
    elsewhere.serve("/users/amel", {**amel.document, "webfinger": "amel@mastodon.example"})

    assert (await remise.fetcher.key(amel.key.id)).actor.handle == "amel@mastodon.example"
    assert len(elsewhere.asked) == 1


async def test_a_sender_does_not_wait_for_a_handle(
    remise: House, elsewhere: Server, amel: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fedishare.federation.fetching.fetcher.HANDLE_S", 0.1)
    elsewhere.serve("/users/amel", {**amel.document, "webfinger": "amel@apex.example"})
    webfinger(remise.network.server("apex.example"), "amel@apex.example", amel.uri, after_s=30)

    assert (await remise.fetcher.key(amel.key.id)).actor.handle == "amel@mastodon.example"
