"""Integrity proofs of documents: who wrote them stays provable whoever hands them on.

Sources: FEP-8b32; W3C "Data Integrity EdDSA Cryptosuites" (eddsa-jcs-2022); RFC 8785 (JCS). Nothing of JSON-LD is
processed, and Linked Data Signatures are no proof (SECURITY 0.1, 0.5). Whose key it is, is the caller's question.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import Struct

from fedishare.federation.signatures.errors import BadSignature
from fedishare.federation.signatures.freshness import check_not_expired, check_signed_at
from fedishare.federation.signatures.keys import ProofKey, public_key
from fedishare.federation.vocabulary import base58
from fedishare.foundation.values.clock import SECOND, Instant, parse_rfc3339, rfc3339
from fedishare.foundation.values.errors import Malformed

SUITE = "eddsa-jcs-2022"
_KIND, _PURPOSE = "DataIntegrityProof", "assertionMethod"
_LATER = frozenset({"proof", "signature"})
"""Not part of what is proved; `signature` (RsaSignature2017) is put on top by servers that make both."""


class Proof(Struct, frozen=True, kw_only=True):
    """What a document says about its proof: nothing of it is true until `verify` has returned.

    `options` is the whole proof without its value, as it was hashed.
    """

    key_id: str
    created: Instant
    expires: Instant | None
    options: Mapping[str, Any]
    value: bytes


def prove(document: Mapping[str, Any], *, key: ProofKey, now: Instant) -> dict[str, Any]:
    """The document with a proof by `key`; the same at the same moment."""
    options = {
        "type": _KIND,
        "cryptosuite": SUITE,
        "verificationMethod": key.id,
        "proofPurpose": _PURPOSE,
        "created": rfc3339(Instant(now - now % SECOND)),
    }
    if "@context" in document:
        options = {"@context": document["@context"], **options}
    plain = {name: value for name, value in document.items() if name not in _LATER}
    value = key.ed25519.sign(_hashed(options, plain))
    return {**document, "proof": {**options, "proofValue": "z" + base58.encode(value)}}


def read_proof(document: Mapping[str, Any]) -> Proof:
    """The one proof of a document. Raises BadSignature: none, several, or none of ours to read."""
    given = document.get("proof")
    if isinstance(given, list) and len(given) == 1:
        given = given[0]
    if not isinstance(given, dict):
        raise BadSignature("not proved, or more than once")
    if (given.get("type"), given.get("cryptosuite"), given.get("proofPurpose")) != (_KIND, SUITE, _PURPOSE):
        raise BadSignature("a proof of another kind")
    key_id, created, value = given.get("verificationMethod"), given.get("created"), given.get("proofValue")
    if not (isinstance(key_id, str) and isinstance(value, str) and value.startswith("z")):
        raise BadSignature("a proof without key or value")
    try:
        return Proof(
            key_id=key_id,
            created=_moment(created),
            expires=_moment(given["expires"]) if "expires" in given else None,
            options={name: option for name, option in given.items() if name != "proofValue"},
            value=base58.decode(value[1:]),
        )
    except (ValueError, Malformed) as error:
        raise BadSignature(f"a proof that cannot be read: {error}") from None


def _moment(text: object) -> Instant:
    if not isinstance(text, str):
        raise ValueError("a proof says when it was made")
    return parse_rfc3339(text)


def verify(document: Mapping[str, Any], proof: Proof, pem: str, now: Instant) -> Instant:
    """When the key in `pem` has proved `document`. Raises BadSignature for what does not hold or is too old, BadKey.

    A proof is believed for as long as a signature is: without a bound, what somebody has taken back could be said again
    in their name by whoever kept it.
    """
    check_signed_at(proof.created, now)
    if proof.expires is not None:
        check_not_expired(proof.expires // SECOND, now)
    key = public_key(pem)
    if not isinstance(key, Ed25519PublicKey):
        raise BadSignature(f"{proof.key_id} is no key for proofs")
    plain = {name: value for name, value in document.items() if name not in _LATER}
    if "@context" in proof.options:
        plain["@context"] = _proved_context(proof.options["@context"], document.get("@context"))
    try:
        key.verify(proof.value, _hashed(proof.options, plain))
    except InvalidSignature:
        raise BadSignature(f"the proof by {proof.key_id} does not hold") from None
    except rfc8785.CanonicalizationError as error:
        raise BadSignature(f"a document that has no one form: {error}") from None
    return proof.created


def _proved_context(proved: object, shown: object) -> object:
    """The document may name more contexts than were proved, behind those that were."""
    first, all_of_them = _listed(proved), _listed(shown)
    if all_of_them[: len(first)] != first:
        raise BadSignature("a proof of another context")
    return proved


def _listed(context: object) -> list[object]:
    return context if isinstance(context, list) else [context]


def _hashed(options: Mapping[str, Any], document: Mapping[str, Any]) -> bytes:
    return hashlib.sha256(rfc8785.dumps(options)).digest() + hashlib.sha256(rfc8785.dumps(document)).digest()
