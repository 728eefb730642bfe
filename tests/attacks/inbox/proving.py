"""Words with a proof of their author's (FEP-8b32), for whoever hands them on."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fedishare.federation.signatures.keys import ProofKey
from fedishare.federation.signatures.proofs import prove
from fedishare.federation.vocabulary.public_keys import multikey
from tests.attacks.world import World
from tests.remote import Json, Person


def proof_key(person: Person) -> ProofKey:
    """A key for proofs that they show from now on, beside the one they sign with."""
    key = ProofKey(id=f"{person.uri}#ed25519-key", ed25519=Ed25519PrivateKey.generate())
    public = key.ed25519.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    shown = {"id": key.id, "type": "Multikey", "controller": person.uri, "publicKeyMultibase": multikey(public)}
    person.document["assertionMethod"] = [shown]
    person.server.serve(f"/users/{person.name}", person.document)
    return key


def proved(world: World, activity: Json, key: ProofKey) -> Json:
    return prove(activity, key=key, now=world.clock.now())
