"""Requests signed after RFC 9421 in ways that our own `sign` never would, and whether they are accepted."""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from fedishare.federation.signatures import rfc9421
from fedishare.federation.signatures.errors import BadSignature
from fedishare.federation.signatures.keys import PublicKey
from fedishare.foundation.values.clock import SECOND, Instant
from tests.federation.signatures.signing import BODY, KEY_ID, NOW, Pairs, rsa

URL = "https://fedi.test/inbox"
AT = NOW // SECOND
USUAL = '"@method" "@target-uri" "content-digest"'


def content_digest(body: bytes = BODY) -> bytes:
    return b"sha-256=:" + base64.b64encode(hashlib.sha256(body).digest()) + b":"


def usual(body: bytes = BODY) -> Pairs:
    """The headers of a delivery, before it is signed."""
    return [
        (b"host", b"fedi.test"),
        (b"content-type", b"application/activity+json"),
        (b"content-digest", content_digest(body)),
    ]


def values(pairs: Pairs, method: str, url: str) -> dict[str, str]:
    """What stands in the signature base for each component, written by hand so that no mistake is made twice."""
    rest = url.removeprefix("https://")
    authority, _, target = rest.partition("/")
    path, mark, query = target.partition("?")
    derived = {
        "@method": method,
        "@target-uri": url,
        "@authority": authority,
        "@scheme": "https",
        "@path": "/" + path,
        "@query": "?" + query,
        "@request-target": "/" + path + mark + query,
    }
    return {**{name.decode(): value.decode("latin-1") for name, value in pairs}, **derived}


def signed(
    pairs: Pairs,
    covered: str = USUAL,
    *,
    given: str = f';created={AT};keyid="{KEY_ID}"',
    method: str = "POST",
    url: str = URL,
    key: RSAPrivateKey | Ed25519PrivateKey | None = None,
    label: str = "sig1",
) -> Pairs:
    """`pairs` and both headers of a signature over them."""
    known = values(pairs, method, url)
    lines = [f"{name}: {known[name.strip(chr(34))]}" for name in covered.split()]
    text = "\n".join([*lines, f'"@signature-params": ({covered}){given}']).encode("latin-1")
    key = key or rsa()
    made = key.sign(text) if isinstance(key, Ed25519PrivateKey) else key.sign(text, PKCS1v15(), SHA256())
    value = base64.b64encode(made).decode()
    return [
        *pairs,
        (b"signature-input", f"{label}=({covered}){given}".encode("latin-1")),
        (b"signature", f"{label}=:{value}:".encode()),
    ]


def check(
    pairs: Pairs,
    *,
    method: str = "POST",
    url: str = URL,
    body: bytes = BODY,
    key: PublicKey | None = None,
    now: Instant = NOW,
) -> Instant:
    head = rfc9421.parse(pairs)
    return rfc9421.verify(head, method, url, pairs, body, key or rsa().public_key(), now)


def refused(pairs: Pairs, why: str, *, method: str = "POST", url: str = URL, key: PublicKey | None = None) -> None:
    with pytest.raises(BadSignature, match=why) as told:
        check(pairs, method=method, url=url, key=key)
    assert told.value.status == 401
