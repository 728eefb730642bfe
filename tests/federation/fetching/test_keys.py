"""Whose key this is: known, or fetched once, and let go when its owner shows another.

Who may say so: `test_key_binding.py`. What when nobody answers: `test_key_trouble.py`.
"""

import asyncio

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fedishare.foundation.values.clock import MINUTE, SECOND
from fedishare.foundation.values.errors import Untrusted
from tests.engines import on_each_engine
from tests.house import House
from tests.remote import Person, Reply, Server, public_pem, with_key


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
