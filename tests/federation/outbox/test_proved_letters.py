"""What binds two sides goes out with a proof (AGREEMENT "Proofs"); Notes and follows go without."""

from typing import Any

import pytest

from fedishare.federation.actors import store as actors
from fedishare.federation.signatures.errors import BadSignature
from fedishare.federation.signatures.proofs import read_proof, verify
from fedishare.federation.vocabulary.context import CONTEXT
from fedishare.foundation.values.clock import MINUTE, SECOND
from tests.engines import on_each_engine
from tests.federation.outbox.telling import REMISE, answering, meet, people, say
from tests.house import House
from tests.remote import Json, Person

OFFER = {"id": f"{REMISE}/offers/1", "type": "Offer", "actor": REMISE, "object": {"type": "Relationship"}}


async def told(remise: House, amel: Person, kind: str, about: Any) -> Json:
    await meet(remise, amel)
    await say(remise, to=[amel.uri], kind=kind, about=about)
    await remise.deliver()
    return amel.server.letters[-1]


@on_each_engine
@pytest.mark.parametrize(
    ("kind", "about"), [("Offer", {"type": "Relationship"}), ("Accept", OFFER), ("Reject", OFFER), ("Undo", OFFER)]
)
async def test_offers_and_their_answers_are_proved(remise: House, kind: str, about: Json) -> None:
    (amel,) = people(remise, 1)

    letter = await told(remise, amel, kind, about)

    proof = read_proof(letter)
    keys = {key.uri: key.public_pem for key in await remise.db.read(actors.keys_of, remise.remise.id)}
    assert verify(letter, proof, keys[proof.key_id], remise.clock.now())
    assert proof.key_id == f"{REMISE}#ed25519-key"
    assert letter["@context"] == proof.options["@context"] == CONTEXT


@pytest.mark.parametrize(
    ("kind", "about"),
    [
        ("Create", {"type": "Note", "id": f"{REMISE}/1"}),
        ("Accept", {"type": "Follow", "id": "https://a.example/1"}),
        ("Undo", f"{REMISE}/follows/1"),
    ],
)
async def test_what_binds_nobody_is_not_proved(remise: House, kind: str, about: Any) -> None:
    (amel,) = people(remise, 1)

    letter = await told(remise, amel, kind, about)

    with pytest.raises(BadSignature):
        read_proof(letter)


async def test_each_attempt_sends_the_same_bytes(remise: House) -> None:
    (amel,) = people(remise, 1)
    amel.server.inbox_reply = answering(500, 202)
    await told(remise, amel, "Offer", {"type": "Relationship"})
    remise.clock.advance(MINUTE)

    await remise.deliver()

    first, second = [asked for asked in amel.server.asked if asked.method == "POST"]
    assert first.body == second.body
    assert first.headers["date"] != second.headers["date"]
    assert read_proof(second.json).created <= remise.clock.now() - MINUTE + SECOND
