"""Who signed a request: the key that is known, or the newer one that its owner shows (INTEROP B.2; A039)."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fedishare.federation.actors import store
from fedishare.federation.fetching.signers import Signed, signer
from fedishare.federation.signatures import cavage, incoming, rfc9421
from fedishare.federation.signatures.errors import BadSignature
from fedishare.federation.signatures.incoming import Request
from fedishare.federation.signatures.keys import PrivateKey
from fedishare.federation.vocabulary.public_keys import multikey
from fedishare.foundation.values.clock import MINUTE, SECOND
from tests.engines import on_each_engine
from tests.federation.signatures import messages
from tests.house import BASE_URL, House
from tests.remote import Person, rsa_key, with_key

BODY = b'{"type":"Like"}'
INBOX = f"{BASE_URL}/inbox"


async def signed(remise: House, person: Person, *, scheme=cavage, key: PrivateKey | None = None) -> Signed:
    """A POST of theirs, and what comes of it."""
    headers = scheme.sign("POST", INBOX, body=BODY, key=key or person.key, now=remise.clock.now())
    return await check(remise, [(name.lower().encode(), value.encode()) for name, value in headers.items()])


async def check(remise: House, pairs: list[tuple[bytes, bytes]]) -> Signed:
    request = Request(method="POST", target=b"/inbox", headers=pairs, body=BODY, base_url=BASE_URL)
    return await signer(remise.fetcher, incoming.parse(pairs), request, remise.clock.now())


@on_each_engine
@pytest.mark.parametrize("scheme", [cavage, rfc9421])
async def test_signature_is_its_keys_owners(remise: House, amel: Person, scheme) -> None:
    found = await signed(remise, amel, scheme=scheme)

    assert (found.key.actor.uri, found.key.id) == (amel.uri, amel.key.id)
    assert found.at == remise.clock.now()


@pytest.mark.parametrize("scheme", [cavage, rfc9421])
async def test_newer_key_under_the_same_id_is_found(remise: House, amel: Person, scheme) -> None:
    await signed(remise, amel)
    newer = PrivateKey(id=amel.key.id, rsa=rsa_key(7))
    amel.server.serve("/users/amel", with_key(amel.document, newer))

    assert (await signed(remise, amel, scheme=scheme, key=newer)).key.actor.uri == amel.uri
    with pytest.raises(BadSignature):
        await signed(remise, amel, scheme=scheme)


async def test_wrong_signature_costs_one_look(remise: House, amel: Person) -> None:
    await signed(remise, amel)
    amel.server.asked.clear()

    for _ in range(5):
        with pytest.raises(BadSignature):
            await signed(remise, amel, key=PrivateKey(id=amel.key.id, rsa=rsa_key(7)))

    assert len(amel.server.asked) == 1


@on_each_engine
async def test_ed25519_key_of_an_actor_signs_after_rfc_9421(remise: House, amel: Person) -> None:
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    name = f"{amel.uri}#ed25519-key"
    shown = {"id": name, "type": "Multikey", "controller": amel.uri, "publicKeyMultibase": multikey(public)}
    amel.server.serve("/users/amel", {**amel.document, "assertionMethod": [shown]})
    given = f';created={remise.clock.now() // SECOND};keyid="{name}";alg="ed25519"'

    pairs = [(b"content-digest", messages.content_digest(BODY))]
    found = await check(remise, messages.signed(pairs, given=given, url=INBOX, key=key))

    assert (found.key.actor.uri, found.key.id) == (amel.uri, name)


@on_each_engine
async def test_who_was_deleted_is_shown_again_or_not_believed(remise: House, amel: Person) -> None:
    found = await signed(remise, amel)
    await remise.db.write(store.erase, found.key.actor.id, now=remise.clock.now())
    remise.clock.advance(2 * MINUTE)

    # Their server shows them: they are back.
    assert (await signed(remise, amel)).key.actor.deleted_at is None

    # Within five minutes it is not asked again, whatever is said.
    await remise.db.write(store.erase, found.key.actor.id, now=remise.clock.now())
    remise.clock.advance(2 * MINUTE)
    with pytest.raises(BadSignature, match="was deleted"):
        await signed(remise, amel)
