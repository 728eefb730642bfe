"""Public keys as actor documents show them: PEM for RSA, Multikey for Ed25519 (FEP-521a). No private key comes here;
how ours are made and sealed: `signatures/keys`.

Whether a key belongs to whom it says is the caller's question.
"""

from functools import lru_cache

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from fedishare.federation.vocabulary import base58, limits
from fedishare.foundation.values.errors import Malformed

_ED25519_PREFIX = b"\xed\x01"
_MULTIKEY_LONGEST = 64
_PEM_LONGEST = 4_096


@lru_cache(maxsize=4_096)
def rsa_pem(text: str) -> str:
    """The one form (SPKI) of an RSA key that came as SPKI or, from Mobilizon, as PKCS#1.

    Raises Malformed for other keys, and for those that are too short to prove anything (A025) or too long to check.
    """
    try:
        key = load_pem_public_key(text[:_PEM_LONGEST].strip().encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Malformed(f"public key cannot be read: {str(error)[:100]}") from None
    if not isinstance(key, RSAPublicKey):
        raise Malformed("public key is not an RSA key")
    if not limits.RSA_BITS_LEAST <= key.key_size <= limits.RSA_BITS_MOST:
        raise Malformed(f"RSA key of {key.key_size} bits")
    return _spki(key)


def ed25519_pem(multibase: str) -> str:
    """The PEM form of an Ed25519 Multikey (`z6Mk...`). Raises Malformed for any other key."""
    if not multibase.startswith("z") or len(multibase) > _MULTIKEY_LONGEST:
        raise Malformed("not an Ed25519 Multikey")
    raw = base58.decode(multibase[1:])
    if len(raw) != 34 or not raw.startswith(_ED25519_PREFIX):
        raise Malformed("not an Ed25519 Multikey")
    return _spki(Ed25519PublicKey.from_public_bytes(raw[2:]))


def multikey(pem: str) -> str:
    """The Multikey form of an Ed25519 key given as PEM. Raises ValueError for another key."""
    key = load_pem_public_key(pem.encode())
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("only Ed25519 keys are shown as a Multikey")
    return "z" + base58.encode(_ED25519_PREFIX + key.public_bytes(Encoding.Raw, PublicFormat.Raw))


def _spki(key: RSAPublicKey | Ed25519PublicKey) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
