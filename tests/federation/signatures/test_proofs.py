"""Documents that prove who wrote them (FEP-8b32): the proposal's own vectors, and what is refused."""

import copy
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from fedishare.federation.signatures.errors import BadSignature
from fedishare.federation.signatures.keys import ProofKey
from fedishare.federation.signatures.proofs import prove, read_proof, verify
from fedishare.federation.vocabulary import base58
from fedishare.federation.vocabulary.public_keys import ed25519_pem
from fedishare.foundation.values.clock import HOUR, Instant, parse_rfc3339, rfc3339
from tests.federation.signatures.signing import NOW, pem, rsa

# FEP-8b32, fep-8b32.feature: the key is an ed25519-priv Multikey.
ALICE = "https://server.example/users/alice"
SECRET_KEY = base58.decode("3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq")[2:]
PUBLIC_KEY = ed25519_pem("z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2")
MADE_AT = parse_rfc3339("2023-02-24T23:36:38Z")
KEY = ProofKey(id=f"{ALICE}#ed25519-key", ed25519=Ed25519PrivateKey.from_private_bytes(SECRET_KEY))
DOCUMENT = {
    "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/data-integrity/v2"],
    "id": "https://server.example/activities/1",
    "type": "Create",
    "actor": ALICE,
    "object": {
        "id": "https://server.example/objects/1",
        "type": "Note",
        "attributedTo": ALICE,
        "content": "Hello world",
        "location": {"type": "Place", "longitude": -71.184902, "latitude": 25.273962},
    },
}
PROOF = {
    "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/data-integrity/v2"],
    "type": "DataIntegrityProof",
    "cryptosuite": "eddsa-jcs-2022",
    "verificationMethod": f"{ALICE}#ed25519-key",
    "proofPurpose": "assertionMethod",
    "proofValue": "z42ffGu6AUKPCFcFPiabmUvnGLPJzC7e4DGWC52NUasSSH37UMa9c58tdgVszUcZfytxa4fQ5TYHaJENCxUDe9SdL",
    "created": "2023-02-24T23:36:38Z",
}
# The same proposal before 2024: the options had no context of their own.
OLDER = {
    "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/data-integrity/v1"],
    "type": "Create",
    "actor": ALICE,
    "object": {"type": "Note", "content": "Hello world"},
    "proof": {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "verificationMethod": f"{ALICE}#ed25519-key",
        "proofPurpose": "assertionMethod",
        "proofValue": "z3sXaxjKs4M3BRicwWA9peyNPJvJqxtGsDmpt1jjoHCjgeUf71TRFz56osPSfDErszyLp5Ks1EhYSgpDaNM977Rg2",
        "created": "2023-02-24T23:36:38Z",
    },
}


def proved(**properties: object) -> dict[str, object]:
    return prove({**DOCUMENT, **properties}, key=KEY, now=NOW)


def with_proof(document: dict[str, object], **changes: object) -> dict[str, object]:
    """The document with another proof; None takes an option away."""
    proof = {**document["proof"], **changes}
    return {**document, "proof": {name: value for name, value in proof.items() if value is not None}}


def check(document: dict[str, object], *, key: str = PUBLIC_KEY, now: Instant = NOW) -> Instant:
    return verify(document, read_proof(document), key, now)


def refused(document: dict[str, object], why: str, **how: object) -> None:
    with pytest.raises(BadSignature, match=why):
        check(document, **how)


def test_we_prove_as_the_proposal_does():
    assert prove(DOCUMENT, key=KEY, now=MADE_AT) == {**DOCUMENT, "proof": PROOF}


def test_the_proofs_of_the_proposal_hold():
    assert check({**DOCUMENT, "proof": PROOF}, now=MADE_AT) == MADE_AT
    assert check(OLDER, now=MADE_AT) == MADE_AT


def test_what_we_prove_holds_and_says_when():
    assert check(proved()) == NOW - NOW % 1000


def test_a_document_without_a_context_can_be_proved_too():
    plain = {name: value for name, value in DOCUMENT.items() if name != "@context"}

    made = prove(plain, key=KEY, now=NOW)

    assert check(made)
    assert "@context" not in made["proof"]


def test_order_and_spelling_do_not_matter():
    made = json.dumps(proved(), indent=3, sort_keys=True, ensure_ascii=True)

    assert check(json.loads(made))


def test_one_proof_in_a_list_is_one_proof():
    made = proved()

    assert check({**made, "proof": [made["proof"]]})


def test_a_signature_of_another_kind_may_be_put_on_top():
    assert check({**proved(), "signature": {"type": "RsaSignature2017"}})
    assert prove({**DOCUMENT, "signature": {}, "proof": {}}, key=KEY, now=NOW)["proof"] == proved()["proof"]


def test_a_context_may_be_added_behind_the_proved_ones():
    made = proved()

    assert check({**made, "@context": [*made["@context"], "https://w3id.org/security/v1"]})
    refused({**made, "@context": ["https://w3id.org/security/v1", *made["@context"]]}, "another context")
    refused({**made, "@context": made["@context"][:1]}, "another context")
    refused({**made, "@context": "https://www.w3.org/ns/activitystreams"}, "another context")


def test_a_single_context_counts_as_a_list():
    made = proved(**{"@context": "https://www.w3.org/ns/activitystreams"})

    assert check(made)
    assert check({**made, "@context": ["https://www.w3.org/ns/activitystreams", {"a": "b"}]})


@pytest.mark.parametrize(
    "change",
    [
        lambda made: made.update(type="Update"),
        lambda made: made.update(actor="https://server.example/users/bob"),
        lambda made: made["object"].update(content="Hello World"),
        lambda made: made["object"].update(sensitive=True),
        lambda made: made["object"]["location"].update(latitude=25.273963),
        lambda made: made["object"].pop("attributedTo"),
        lambda made: made["proof"].update(created=rfc3339(Instant(NOW + 1000))),
        lambda made: made["proof"].update(verificationMethod=f"{ALICE}#other"),
        lambda made: made["proof"].update(domain="fedi.test"),
    ],
)
def test_whatever_is_changed_the_proof_does_not_hold(change):
    made = copy.deepcopy(proved())
    change(made)

    refused(made, "does not hold")


def test_a_proof_by_another_key_does_not_hold():
    other = Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    refused(proved(), "does not hold", key=other.decode())
    refused(proved(), "is no key for proofs", key=pem(rsa()))


@pytest.mark.parametrize("hours", [-13, 2])
def test_a_proof_is_believed_for_half_a_day(hours):
    refused(proved(), "seconds (ago|ahead)", now=Instant(NOW - hours * HOUR))


def test_after_its_own_end_a_proof_holds_no_more():
    refused(with_proof(proved(), expires=rfc3339(Instant(NOW - HOUR))), "has expired")
    refused(with_proof(proved(), expires=rfc3339(Instant(NOW + HOUR))), "does not hold")
    refused(with_proof(proved(), expires="soon"), "cannot be read")


@pytest.mark.parametrize("proof", [None, [], {}, "proof", 7, [PROOF, PROOF], ["proof"]])
def test_without_one_proof_nothing_is_proved(proof):
    refused({**DOCUMENT, "proof": proof}, "not proved|another kind")


def test_a_document_without_proof_is_not_proved():
    refused(DOCUMENT, "not proved")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"type": "RsaSignature2017"}, "another kind"),
        ({"cryptosuite": "eddsa-rdfc-2022"}, "another kind"),
        ({"proofPurpose": "authentication"}, "another kind"),
        ({"proofPurpose": None}, "another kind"),
        ({"verificationMethod": None}, "without key"),
        ({"verificationMethod": {"id": ALICE}}, "without key"),
        ({"proofValue": None}, "without key or value"),
        ({"proofValue": "u123"}, "without key or value"),
        ({"proofValue": 7}, "without key or value"),
        ({"proofValue": "z0"}, "not base58"),
        ({"proofValue": "z" + "2" * 1_000}, "too long"),
        ({"proofValue": "z"}, "does not hold"),
        ({"created": None}, "says when"),
        ({"created": 7}, "says when"),
        ({"created": "yesterday"}, "cannot be read"),
        ({"created": "2026-11-18T11:06:40"}, "cannot be read"),
    ],
)
def test_a_proof_that_is_none_is_refused(changes, why):
    refused(with_proof(proved(), **changes), why)


@pytest.mark.parametrize("odd", [2**60, "\ud800", float("inf")])
def test_what_has_no_one_form_cannot_be_proved(odd):
    refused({**proved(), "odd": odd}, "no one form")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from(sorted(PROOF)) | st.text(max_size=5), _JSON, max_size=8),
    st.dictionaries(st.sampled_from(["@context", "type", "actor", "object"]), _JSON, max_size=4),
)
def test_no_proof_makes_the_check_stumble(changes, document):
    with pytest.raises(BadSignature):
        check({**DOCUMENT, **document, "proof": {**PROOF, **changes, "created": changes.get("created", rfc3339(NOW))}})


@given(_JSON)
def test_nothing_in_the_place_of_a_proof_makes_the_reader_stumble(proof):
    with pytest.raises(BadSignature):
        read_proof({**DOCUMENT, "proof": proof})
