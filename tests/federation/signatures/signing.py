"""Keys made once for all tests of signatures, and requests signed in ways that our own `sign` never would."""

import base64
import hashlib
from functools import cache

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fedishare.federation.signatures.keys import PrivateKey
from fedishare.foundation.values.clock import HOUR, Instant, http_date

NOW = Instant(1_795_000_000_000)
KEY_ID = "https://good.test/users/carol#main-key"
BODY = b'{"type":"Create"}'
Pairs = list[tuple[bytes, bytes]]


@cache
def rsa(bits: int = 2048, number: int = 0) -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=bits)


def carol() -> PrivateKey:
    return PrivateKey(id=KEY_ID, rsa=rsa())


def pem(key: RSAPrivateKey, form: PublicFormat = PublicFormat.SubjectPublicKeyInfo) -> str:
    return key.public_key().public_bytes(Encoding.PEM, form).decode()


def digest(body: bytes = BODY) -> bytes:
    return b"SHA-256=" + base64.b64encode(hashlib.sha256(body).digest())


def usual() -> Pairs:
    """The headers of a delivery, before it is signed."""
    return [
        (b"host", b"fedi.test"),
        (b"date", http_date(NOW).encode()),
        (b"digest", digest()),
        (b"content-type", b"application/activity+json"),
    ]


def lines(pairs: Pairs, covered: str, *, target: bytes = b"post /inbox", **given: int) -> bytes:
    """The text that is signed, written by hand so that a mistake of ours is not made twice."""
    made = []
    for name in covered.split():
        if name == "(request-target)":
            value = target
        elif name.startswith("("):
            value = str(given[name.strip("()")]).encode()
        else:
            value = b", ".join(value for header, value in pairs if header == name.encode())
        made.append(name.encode() + b": " + value)
    return b"\n".join(made)


def signed(
    pairs: Pairs,
    covered: str = "(request-target) host date digest",
    *,
    target: bytes = b"post /inbox",
    algorithm: str | None = "rsa-sha256",
    key: RSAPrivateKey | None = None,
    **given: int,
) -> Pairs:
    """`pairs` and a Signature header over them."""
    text = lines(pairs, covered, target=target, **given)
    value = base64.b64encode((key or rsa()).sign(text, PKCS1v15(), SHA256())).decode()
    named = f'keyId="{KEY_ID}",' + (f'algorithm="{algorithm}",' if algorithm else "")
    named += "".join(f"{name}={number}," for name, number in given.items())
    return [*pairs, (b"signature", f'{named}headers="{covered}",signature="{value}"'.encode())]


def changed(pairs: Pairs, name: bytes, value: bytes | None) -> Pairs:
    """With another value for one header, or without it."""
    kept = [pair for pair in pairs if pair[0] != name]
    return kept if value is None else [*kept, (name, value)]


def dated(hours: float) -> Pairs:
    """Signed so many hours from now."""
    moment = Instant(NOW + round(hours * HOUR))
    return signed(changed(usual(), b"date", http_date(moment).encode()))
