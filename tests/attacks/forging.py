"""Requests as no honest server makes them: any list of signed headers, any key, any date, any digest.

The text that is signed is put together by hand, so that a mistake of ours is not made twice. For a good request there
is `World.signed`.
"""

import base64
import hashlib
import json
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPrivateNumbers, RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fedishare.foundation.values.clock import SECOND, Instant, http_date
from tests.attacks.world import World
from tests.remote import ACTIVITY, Json, Person

Headers = list[tuple[str, str]]
ALL = "(request-target) host date digest"


def forged(
    world: World,
    signer: Person,
    body: bytes,
    *,
    covered: str = ALL,
    target: str = "/inbox",
    host: str = "fedi.test",
    date: str | None = None,
    digest_of: bytes | None = None,
    algorithm: str = "rsa-sha256",
    key: RSAPrivateKey | None = None,
    key_id: str | None = None,
    leave_out: Sequence[str] = (),
    **given: int,
) -> Headers:
    """The headers of a POST whose signature holds over what it covers. `given` are `created` and `expires`;
    `leave_out` names headers that are signed and then not sent."""
    values = {
        "host": host,
        "date": http_date(world.clock.now()) if date is None else date,
        "digest": digest(body if digest_of is None else digest_of),
    }
    text = "\n".join(f"{name}: {_value(name, values, target, given)}" for name in covered.split())
    value = base64.b64encode((key or signer.key.rsa).sign(text.encode(), PKCS1v15(), SHA256())).decode()
    sent = [(name, text) for name, text in values.items() if name not in leave_out]
    return [
        *sent,
        ("content-type", ACTIVITY),
        ("signature", signature(key_id or signer.key.id, covered, value, algorithm, **given)),
    ]


def signature(key_id: str, covered: str, value: str, algorithm: str = "rsa-sha256", **given: int) -> str:
    """The value of a Signature header."""
    times = "".join(f"{name}={number}," for name, number in given.items())
    return f'keyId="{key_id}",algorithm="{algorithm}",{times}headers="{covered}",signature="{value}"'


def forged_9421(
    world: World,
    signer: Person,
    body: bytes,
    *,
    covered: Sequence[str] = ("@method", "@target-uri", "content-digest"),
    label: str = "s",
    digest_of: bytes | None = None,
    key_id: str | None = None,
    created: bool = True,
) -> Headers:
    """The headers of a POST that is signed as RFC 9421 says, over these components."""
    found = base64.b64encode(hashlib.sha256(body if digest_of is None else digest_of).digest()).decode()
    content_digest = f"sha-256=:{found}:"
    values = {"@method": "POST", "@target-uri": "https://fedi.test/inbox", "content-digest": content_digest}
    time = f";created={world.clock.now() // SECOND}" if created else ""
    params = f'({" ".join(json.dumps(name) for name in covered)}){time};keyid="{key_id or signer.key.id}"'
    lines = [f'"{name}": {values[name]}' for name in covered]
    text = "\n".join([*lines, f'"@signature-params": {params}'])
    value = base64.b64encode(signer.key.rsa.sign(text.encode(), PKCS1v15(), SHA256())).decode()
    return [
        ("content-type", ACTIVITY),
        *([("content-digest", content_digest)] if "content-digest" in covered else []),
        ("signature-input", f"{label}={params}"),
        ("signature", f"{label}=:{value}:"),
    ]


def digest(body: bytes) -> str:
    return "SHA-256=" + base64.b64encode(hashlib.sha256(body).digest()).decode()


def date_at(world: World, milliseconds: int) -> str:
    """So long from now."""
    return http_date(Instant(world.clock.now() + milliseconds))


def short_key() -> RSAPrivateKey:
    """RSA with 512 bits, which the library no longer makes but takes."""
    p = 0xE6DEEB4435F8DC00261AC7477AB060824230F97BB0C28CD3EE66C59A76BB02F3
    q = 0xC58B66B171E0C6D3C4655CF72377560E84153CBDB9FBBC4BDF84B54CF2337507
    e = 65537
    d = pow(e, -1, (p - 1) * (q - 1))
    public = RSAPublicNumbers(e, p * q)
    return RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public).private_key()


def huge_pem() -> str:
    """A public key of 16,384 bits whose exponent is 2^64 + 13; nobody has its other half."""
    key = RSAPublicNumbers(2**64 + 13, (1 << 16_383) + (1 << 9_999) + 1).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def shows(person: Person, *, pem: str | None = None, key_id: str | None = None, owner: str | None = None) -> Json:
    """The document of `person` with another key in it."""
    shown = dict(person.document["publicKey"])
    shown |= {"publicKeyPem": pem} if pem else {}
    shown |= {"id": key_id} if key_id else {}
    shown |= {"owner": owner} if owner else {}
    return {**person.document, "publicKey": shown}


def _value(name: str, values: dict[str, str], target: str, given: dict[str, int]) -> str:
    if name == "(request-target)":
        return f"post {target}"
    return str(given[name.strip("()")]) if name.startswith("(") else values[name]
