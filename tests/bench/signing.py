"""Draft-cavage signatures both ways: a signed POST, its check, and the key behind a keyId."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import ssl
import time
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from http1 import AGENT, Request, get

CLOCK_SKEW_SECONDS = 3600
SIGNED_HEADERS = "(request-target) host date digest"


def signed_post(key: rsa.RSAPrivateKey, key_id: str, host: str, path: str, body: bytes) -> bytes:
    """A whole signed HTTP/1.1 POST request, ready to be written to a socket."""
    date = formatdate(usegmt=True)
    digest = "SHA-256=" + base64.b64encode(hashlib.sha256(body).digest()).decode()
    text = f"(request-target): post {path}\nhost: {host}\ndate: {date}\ndigest: {digest}"
    signature = base64.b64encode(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {AGENT}\r\nDate: {date}\r\nDigest: {digest}\r\n"
        f"Content-Type: application/activity+json\r\nContent-Length: {len(body)}\r\n"
        f'Signature: keyId="{key_id}",algorithm="rsa-sha256",headers="{SIGNED_HEADERS}",'
        f'signature="{signature}"\r\n\r\n'
    )
    return head.encode() + body


class UnknownKey(Exception):
    """The key must be fetched first; the first argument is the keyId."""


class Refused(Exception):
    """The signature does not hold; the first argument says why."""


_parameter = re.compile(rb'(\w+)="([^"]*)"')
_sha256, _pkcs1 = hashes.SHA256(), padding.PKCS1v15()


@lru_cache(maxsize=64)
def _timestamp(date: bytes) -> float:
    return parsedate_to_datetime(date.decode("ascii")).timestamp()


def verify_post(request: Request, keys: dict[bytes, rsa.RSAPublicKey]) -> bytes:
    """Check date, digest and signature of a POST; returns the keyId."""
    headers = request.headers
    try:
        given = dict(_parameter.findall(headers[b"signature"]))
        key_id: bytes = given[b"keyId"]
        names = given[b"headers"].split()
        if not {b"(request-target)", b"host", b"date", b"digest"} <= set(names):
            raise Refused("too little is signed")
        if abs(time.time() - _timestamp(headers[b"date"])) > CLOCK_SKEW_SECONDS:
            raise Refused("date out of range")
        expected = b"SHA-256=" + base64.b64encode(hashlib.sha256(request.body).digest())
        if headers[b"digest"] != expected:
            raise Refused("digest differs")
        lines = [
            b"(request-target): post " + request.target if name == b"(request-target)" else name + b": " + headers[name]
            for name in names
        ]
        signature = base64.b64decode(given[b"signature"], validate=True)
    except (KeyError, ValueError) as error:
        raise Refused(f"malformed: {error}") from error
    key = keys.get(key_id)
    if key is None:
        raise UnknownKey(key_id)
    try:
        key.verify(signature, b"\n".join(lines), _pkcs1, _sha256)
    except InvalidSignature as error:
        raise Refused("wrong signature") from error
    return key_id


async def fetch_key(key_id: bytes, tls: ssl.SSLContext | None = None) -> rsa.RSAPublicKey:
    """GET the actor behind a keyId and return its key (yardstick use only: no SSRF guard)."""
    url = key_id.decode().partition("#")[0]
    status, body = await get(url, tls)
    if status != 200:
        raise Refused(f"key fetch answered {status}")
    key = serialization.load_pem_public_key(json.loads(body)["publicKey"]["publicKeyPem"].encode())
    if not isinstance(key, rsa.RSAPublicKey):
        raise Refused("not an RSA key")
    return key
