"""Key pairs of actors: making, writing down, sealing, and reading those of others.

Every actor has RSA-2048 for HTTP signatures and Ed25519 for proofs (WIRE "Actors and URLs"). Private keys lie sealed
in the database, bound to their actor (SECURITY 6.10). Sources: INTEROP B.2, A025 and A026 of the attacks. How keys
stand in actor documents: `vocabulary/public_keys.py`.
Making and loading a private RSA key takes tens of milliseconds: make in a thread, load once (`opened` keeps it).
"""

from functools import lru_cache
from typing import Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_pem_public_key,
)
from msgspec import Struct

from fedishare.federation.signatures.errors import BadKey
from fedishare.federation.vocabulary import limits
from fedishare.foundation.values.secrets import Secret

KeyKind = Literal["rsa", "ed25519"]

PURPOSE = "actor-keys"
EXPONENT_BITS = 32
PEM_LENGTH = 8_000


class KeyPair(Struct, frozen=True, kw_only=True):
    """A pair just made. `private` is PKCS#8 in DER, unsealed: it goes through `sealed` and nowhere else."""

    kind: KeyKind
    public_pem: str
    private: bytes

    def __repr__(self) -> str:
        return f"KeyPair({self.kind})"


class ActorKeys(Struct, frozen=True, kw_only=True):
    """Both pairs of one actor."""

    rsa: KeyPair
    ed25519: KeyPair


class SealedKey(Struct, frozen=True, kw_only=True):
    """A private key as the database keeps it. `uri` is its key id; `actor_uri` what it is bound to."""

    uri: str
    actor_uri: str
    kind: KeyKind
    private_sealed: bytes


class PrivateKey(Struct, frozen=True, kw_only=True):
    """A key to sign requests with: its id for the others, and the RSA key itself."""

    id: str
    rsa: RSAPrivateKey

    def __repr__(self) -> str:
        return f"PrivateKey({self.id})"


class ProofKey(Struct, frozen=True, kw_only=True):
    """A key to prove documents with: its id for the others, and the Ed25519 key itself."""

    id: str
    ed25519: Ed25519PrivateKey

    def __repr__(self) -> str:
        return f"ProofKey({self.id})"


def make_keys() -> ActorKeys:
    """New pairs for a new actor. Takes up to half a second of computing: call it in a thread."""
    return ActorKeys(
        rsa=_pair("rsa", generate_private_key(public_exponent=65537, key_size=2048)),
        ed25519=_pair("ed25519", Ed25519PrivateKey.generate()),
    )


def _pair(kind: KeyKind, key: RSAPrivateKey | Ed25519PrivateKey) -> KeyPair:
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return KeyPair(kind=kind, public_pem=public.decode(), private=private)


def sealed(pair: KeyPair, secret: Secret, *, actor_uri: str) -> bytes:
    """The private half as it goes into the database; only the same secret and actor open it."""
    return secret.seal(PURPOSE, pair.private, owner=actor_uri)


def opened(key: SealedKey, secret: Secret) -> PrivateKey:
    """The RSA key to sign with; loaded once and kept. Raises Misconfigured when the secret is another one."""
    loaded = _load(key, secret)
    if not isinstance(loaded, RSAPrivateKey):
        raise TypeError(f"{key.uri} is not an RSA key")
    return PrivateKey(id=key.uri, rsa=loaded)


def opened_for_proofs(key: SealedKey, secret: Secret) -> ProofKey:
    """The Ed25519 key to prove with; the same otherwise."""
    loaded = _load(key, secret)
    if not isinstance(loaded, Ed25519PrivateKey):
        raise TypeError(f"{key.uri} is not an Ed25519 key")
    return ProofKey(id=key.uri, ed25519=loaded)


@lru_cache(maxsize=512)
def _load(key: SealedKey, secret: Secret) -> PrivateKeyTypes:
    plain = secret.unseal(PURPOSE, key.private_sealed, owner=key.actor_uri)
    # The consistency check costs as much as fifty signatures, and GCM has already vouched for the bytes.
    return load_der_private_key(plain, None, unsafe_skip_rsa_key_validation=True)


PublicKey = RSAPublicKey | Ed25519PublicKey


@lru_cache(maxsize=4096)
def public_key(pem: str) -> PublicKey:
    """Read somebody's key: RSA as SPKI or PKCS#1, with whatever blank lines their server adds, or Ed25519. Kept.

    Raises BadKey for anything else, and for sizes that are too weak or only meant to keep us busy.
    """
    if len(pem) > PEM_LENGTH:
        raise BadKey(f"a key of {len(pem)} characters")
    try:
        key = load_pem_public_key(pem.strip().encode())
    except (ValueError, UnsupportedAlgorithm):
        raise BadKey("a key that cannot be read") from None
    if isinstance(key, RSAPublicKey):
        _check_rsa(key)
    elif not isinstance(key, Ed25519PublicKey):
        raise BadKey(f"neither RSA nor Ed25519 but {type(key).__name__}")
    return key


def rsa_key(pem: str) -> RSAPublicKey:
    """The same, where nothing but RSA will do. Raises BadKey."""
    key = public_key(pem)
    if not isinstance(key, RSAPublicKey):
        raise BadKey(f"not an RSA key but {type(key).__name__}")
    return key


def _check_rsa(key: RSAPublicKey) -> None:
    if not limits.RSA_BITS_LEAST <= key.key_size <= limits.RSA_BITS_MOST:
        raise BadKey(f"an RSA key of {key.key_size} bits")
    if key.public_numbers().e.bit_length() > EXPONENT_BITS:
        raise BadKey("an RSA key with an oversized exponent")
