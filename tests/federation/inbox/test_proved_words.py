"""What others hand on with a proof of its author (FEP-8b32) needs no second word; without one, the origin is asked."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fedishare.federation.inbox.proving import LONGEST
from fedishare.federation.signatures.keys import ProofKey
from fedishare.federation.signatures.proofs import prove
from fedishare.federation.vocabulary.public_keys import multikey
from fedishare.foundation.values.clock import HOUR, Instant
from tests.engines import on_each_engine
from tests.federation.inbox.looking import rows, states
from tests.house import BASE_URL, House
from tests.remote import Json, Person, Reply


def proof_key(person: Person) -> ProofKey:
    """A key that they show from now on."""
    key = ProofKey(id=f"{person.uri}#ed25519-key", ed25519=Ed25519PrivateKey.generate())
    public = key.ed25519.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    shown = {"id": key.id, "type": "Multikey", "controller": person.uri, "publicKeyMultibase": multikey(public)}
    person.server.serve(f"/users/{person.name}", {**person.document, "assertionMethod": [shown]})
    return key


def a_note(amel: Person, **properties: Any) -> Json:
    """A Create of something that its server shows nobody any more: whoever is asked for it says no."""
    note = amel.server.note("/notes/1", amel, **properties)
    amel.server.serve("/notes/1", Reply(404))
    return amel.activity("Create", note)


async def hand_on(remise: House, by: Person, activity: Json) -> None:
    answer = await by.post(remise.inbox, activity, now=remise.clock.now())
    assert answer.status_code == 202
    await remise.apply()


@on_each_engine
async def test_proved_word_counts_whoever_brings_it(remise: House, amel: Person, tomasz: Person) -> None:
    remise.listens_to(("Create", "Note"))
    activity = a_note(amel)

    await hand_on(remise, tomasz, prove(activity, key=proof_key(amel), now=remise.clock.now()))

    (received,) = remise.told
    assert (received.activity.actor, received.object) == (amel.uri, activity["object"])
    assert "/notes/1" not in [asked.path for asked in amel.server.asked], "nobody had to be asked for it"


@on_each_engine
async def test_word_counts_once_whoever_brings_it_again(remise: House, amel: Person, tomasz: Person) -> None:
    remise.listens_to(("Create", "Note"))
    proved = prove(a_note(amel), key=proof_key(amel), now=remise.clock.now())

    for person in (tomasz, amel, tomasz):
        await hand_on(remise, person, proved)

    assert len(remise.told) == 1


async def test_proved_word_dates_from_its_proof(remise: House, amel: Person, tomasz: Person) -> None:
    """Or a Follow that was taken back could be said again by whoever kept it (A022)."""
    remise.listens_to(("Follow", "*"))
    earlier = Instant(remise.clock.now() - 3 * HOUR)
    follow = amel.activity("Follow", f"{BASE_URL}/users/remise")

    await hand_on(remise, tomasz, prove(follow, key=proof_key(amel), now=earlier))

    (received,) = remise.told
    assert received.signed_at == earlier


Change = Callable[[Json], Json]


@pytest.mark.parametrize(
    "change",
    [
        lambda proved: {**proved, "object": {**proved["object"], "content": "<p>changed</p>"}},
        lambda proved: {**proved, "proof": {**proved["proof"], "proofValue": "z2"}},
        lambda proved: {**proved, "proof": "proof"},
        lambda proved: {**proved, "proof": {**proved["proof"], "verificationMethod": "https://nobody.example/key"}},
        lambda proved: {**proved, "more": "x" * LONGEST},
    ],
)
async def test_proof_that_does_not_hold_is_none(remise: House, amel: Person, tomasz: Person, change: Change) -> None:
    remise.listens_to(("Create", "Note"))
    proved = prove(a_note(amel), key=proof_key(amel), now=remise.clock.now())

    await hand_on(remise, tomasz, change(proved))

    assert not remise.told
    assert await states(remise) == [("Create", "dropped")]


async def test_proof_by_who_brings_it_proves_nothing(remise: House, amel: Person, tomasz: Person) -> None:
    remise.listens_to(("Create", "Note"))

    await hand_on(remise, tomasz, prove(a_note(amel), key=proof_key(tomasz), now=remise.clock.now()))

    assert not remise.told


async def test_old_proof_is_asked_about(remise: House, amel: Person, tomasz: Person) -> None:
    remise.listens_to(("Create", "Note"))
    then = Instant(remise.clock.now() - 13 * HOUR)

    await hand_on(remise, tomasz, prove(a_note(amel), key=proof_key(amel), now=then))

    assert not remise.told
    assert "/notes/1" in [asked.path for asked in amel.server.asked]


async def test_linked_data_signature_proves_nothing(remise: House, amel: Person, tomasz: Person) -> None:
    """A042: it looks genuine, and is no authority."""
    remise.listens_to(("Delete", "*"))
    note = amel.server.note("/notes/1", amel)
    signature = {"type": "RsaSignature2017", "creator": amel.key.id, "signatureValue": "YWJj"}

    await hand_on(remise, tomasz, amel.activity("Delete", note["id"], signature=signature))

    assert not remise.told
    (row,) = await rows(remise)
    assert row.outcome == "what it deletes is still there"


async def test_what_its_author_may_not_say_is_not_proved(remise: House, amel: Person, tomasz: Person) -> None:
    remise.listens_to(("Update", "Note"))
    foreign = tomasz.server.note("/notes/7", tomasz)
    proved = prove(amel.activity("Update", foreign), key=proof_key(amel), now=remise.clock.now())

    await hand_on(remise, tomasz, proved)

    assert not remise.told


async def test_proof_under_a_direct_word_changes_nothing(remise: House, amel: Person) -> None:
    remise.listens_to(("Create", "Note"))
    proved = prove(a_note(amel), key=proof_key(amel), now=remise.clock.now())

    await hand_on(remise, amel, json.loads(json.dumps({**proved, "proof": {"type": "none"}})))

    assert len(remise.told) == 1
