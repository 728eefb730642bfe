"""Whose key a request claims to be signed with, and whether it is: one door for both schemes (WIRE "Signatures").

RFC 9421 where there is a `Signature-Input`, draft-cavage otherwise; each is strict by itself, and what is signed in
both ways is judged by the first alone. Fetches no keys: `fetching/signers.py` puts the two together.
"""

from urllib.parse import urlsplit

from msgspec import Struct

from fedishare.federation.signatures import cavage, rfc9421
from fedishare.federation.signatures.errors import BadSignature, NotSigned
from fedishare.federation.signatures.headers import RawHeaders
from fedishare.federation.signatures.keys import public_key, rsa_key
from fedishare.foundation.values.clock import Instant

Head = cavage.SignatureHead | rfc9421.SignatureHead


class Request(Struct, frozen=True, kw_only=True):
    """A request as it arrived: `target` is the raw path and query of its first line, `base_url` our own address."""

    method: str
    target: bytes
    headers: RawHeaders
    body: bytes
    base_url: str


def parse(headers: RawHeaders) -> Head:
    """What the request says about its signature. Raises NotSigned when neither scheme can read it."""
    try:
        for name, _ in headers:
            if name.lower() == b"signature-input":
                return rfc9421.parse(headers)
        return cavage.parse(headers)
    except BadSignature as reason:
        raise NotSigned(str(reason)) from None


def verify(head: Head, request: Request, pem: str, now: Instant) -> Instant:
    """When it was signed, by the key in `pem`. Raises BadSignature for what does not hold, BadKey."""
    if isinstance(head, cavage.SignatureHead):
        rsa = rsa_key(pem)
        return cavage.verify(head, request.method, request.target, request.headers, request.body, rsa, now)
    base = urlsplit(request.base_url)
    url = f"{base.scheme}://{base.netloc}{request.target.decode('latin-1')}"
    return rfc9421.verify(head, request.method, url, request.headers, request.body, public_key(pem), now)


def accepted(method: str) -> str:
    """What `Accept-Signature` tells somebody who did not sign, or in no way that we know."""
    return rfc9421.wanted(method)
