"""HTTP Message Signatures, RFC 9421, both ways: the profile of INTEROP B.3.

Sources: RFC 9421, RFC 9530 (`Content-Digest`), RFC 9651 (structured fields); SECURITY 0.6; attacks A030 to A034. One
signature to a request, components without parameters, an algorithm that the key decides. As with `cavage`, the raw
header pairs are read; but the URL that was signed is ours to say: it is built from the base URL, never from `Host`.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import http_sf
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from msgspec import Struct

from fedishare.federation.signatures.errors import BadSignature
from fedishare.federation.signatures.freshness import check_not_expired, check_signed_at
from fedishare.federation.signatures.headers import HEADER_LENGTH, WITHOUT_BODY, RawHeaders, joined
from fedishare.federation.signatures.keys import PrivateKey, PublicKey
from fedishare.foundation.net.urls import read_url
from fedishare.foundation.values.clock import SECOND, Instant

LABEL = "sig1"
RSA, ED25519 = "rsa-v1_5-sha256", "ed25519"
DIGESTS: Mapping[str, Callable[[bytes], bytes]] = {
    "sha-256": lambda body: hashlib.sha256(body).digest(),
    "sha-512": lambda body: hashlib.sha512(body).digest(),
}
COVERED = 24
NEEDED = frozenset({"@method", "@target-uri"})
_PADDING, _HASH = PKCS1v15(), SHA256()


class SignatureHead(Struct, frozen=True, kw_only=True):
    """What `Signature-Input` and `Signature` say: nothing of it is true until `verify` has returned.

    `parameters` is the line of `@signature-params`, in the one form that RFC 9651 gives it.
    """

    key_id: str
    algorithm: str | None
    components: tuple[str, ...]
    parameters: str
    signature: bytes
    created: int
    expires: int | None


def sign(method: str, url: str, *, body: bytes | None, key: PrivateKey, now: Instant) -> dict[str, str]:
    """The headers that make a request to `url` ours: Host, Content-Digest with a body, Signature-Input, Signature.

    Raises Untrusted for a URL that we would not call.
    """
    location = read_url(url)
    headers = {"Host": location.authority}
    lines = [f'"@method": {method}', f'"@target-uri": {location.url}']
    covered = '"@method" "@target-uri"'
    if body is not None:
        headers["Content-Digest"] = digest = content_digest(body)
        covered += ' "content-digest"'
        lines.append(f'"content-digest": {digest}')
    parameters = f'({covered});created={now // SECOND};keyid="{key.id}";alg="{RSA}"'
    lines.append(f'"@signature-params": {parameters}')
    signature = base64.b64encode(key.rsa.sign("\n".join(lines).encode(), _PADDING, _HASH)).decode()
    headers["Signature-Input"] = f"{LABEL}={parameters}"
    headers["Signature"] = f"{LABEL}=:{signature}:"
    return headers


def content_digest(body: bytes) -> str:
    """The value of `Content-Digest` for these bytes."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def wanted(method: str) -> str:
    """The value of `Accept-Signature` (RFC 9421, 5.1): what a request of this method has to cover, and how."""
    digest = "" if method in WITHOUT_BODY else ' "content-digest"'
    return f'{LABEL}=("@method" "@target-uri"{digest});created;alg="{RSA}"'


def parse(headers: RawHeaders) -> SignatureHead:
    """Read the one signature. Raises BadSignature: none, several, or not as RFC 9421 and our profile have it."""
    label, components, given, parameters = _input(_field(b"signature-input", headers))
    key_id, created = given.get("keyid"), given.get("created")
    algorithm, expires = given.get("alg"), given.get("expires")
    if not isinstance(key_id, str) or not isinstance(algorithm, str | None):
        raise BadSignature("the signature names no key")
    # True and False are numbers to Python, and no times.
    if type(created) is not int or not (expires is None or type(expires) is int):
        raise BadSignature("the signature does not say when it was made")
    return SignatureHead(
        key_id=key_id,
        algorithm=algorithm,
        components=components,
        parameters=parameters,
        signature=_value(label, _field(b"signature", headers)),
        created=created,
        expires=expires,
    )


def _field(name: bytes, headers: RawHeaders) -> http_sf.DictionaryType:
    lines = [value for given, value in headers if given.lower() == name]
    if len(lines) != 1:
        raise BadSignature(f"{len(lines)} lines of {name.decode()}")
    return _dictionary(lines[0])


def _dictionary(line: bytes) -> http_sf.DictionaryType:
    if len(line) > HEADER_LENGTH:
        raise BadSignature("the signature is too long")
    try:
        parsed = http_sf.parse(line.strip(b" \t"), tltype="dictionary", on_duplicate_key=_refuse_second)
    except ValueError as error:
        raise BadSignature(f"not a structured field: {error}") from None
    return parsed if isinstance(parsed, dict) else {}


def _refuse_second(key: str, _: str) -> None:
    """RFC 9651 lets the last one win; two programs may not agree on that (A023)."""
    raise BadSignature(f"{key[:40]} is given twice")


def _input(field: http_sf.DictionaryType) -> tuple[str, tuple[str, ...], http_sf.types.ParamsType, str]:
    """Label, names of the components, parameters, and the line in which both are signed."""
    if len(field) != 1:
        raise BadSignature(f"{len(field)} signatures")
    [(label, member)] = field.items()
    if not (isinstance(member, tuple) and isinstance(member[0], list)):
        raise BadSignature("the signature has no list of components")
    items, given = member
    names = []
    for item in items:
        # A part of a header, a header of another message: nothing that we could mean.
        if not (isinstance(item, tuple) and isinstance(item[0], str) and not item[1]):
            raise BadSignature("a component is not a plain name")
        names.append(item[0])
    return label, tuple(names), given, http_sf.ser([member])


def _value(label: str, field: http_sf.DictionaryType) -> bytes:
    member = field.get(label)
    if len(field) != 1 or not (isinstance(member, tuple) and isinstance(member[0], bytes)):
        raise BadSignature("the signature is not where its description says")
    return member[0]


def verify(
    head: SignatureHead,
    method: str,
    url: str,
    headers: RawHeaders,
    body: bytes,
    key: PublicKey,
    now: Instant,
) -> Instant:
    """Check everything that `head` claims against the request as it arrived; returns when it was signed.

    `url` is what was asked for, by our own base URL and the raw request line. Raises BadSignature.
    """
    _check_coverage(head, method, body)
    signed_at = Instant(head.created * SECOND)
    check_signed_at(signed_at, now)
    check_not_expired(head.expires, now)
    values = joined(headers)
    if "content-digest" in head.components:
        _check_digest(values.get("content-digest", ()), body)
    check_holds(head, signature_base(head, method, url, values), key)
    return signed_at


def _check_coverage(head: SignatureHead, method: str, body: bytes) -> None:
    covered = frozenset(head.components)
    if len(covered) != len(head.components) or len(covered) > COVERED:
        raise BadSignature("the list of signed components makes no sense")
    needed = NEEDED if method in WITHOUT_BODY and not body else NEEDED | {"content-digest"}
    if missing := needed - covered:
        raise BadSignature(f"not covered by the signature: {', '.join(sorted(missing))}")


def _check_digest(lines: tuple[bytes, ...] | list[bytes], body: bytes) -> None:
    """At least one that we know, and each of those that we know is right."""
    given = _dictionary(b", ".join(lines))
    known = {name: member for name, member in given.items() if name in DIGESTS}
    if not known:
        raise BadSignature("no digest that we know")
    for name, member in known.items():
        if not isinstance(member, tuple) or member[0] != DIGESTS[name](body):
            raise BadSignature("the digest is of another body")


def check_holds(head: SignatureHead, base: bytes, key: PublicKey) -> None:
    """That `key` made the signature over `base`, in the one way in which such a key may. Raises BadSignature."""
    if head.algorithm not in (None, RSA if isinstance(key, RSAPublicKey) else ED25519):
        raise BadSignature(f"algorithm {str(head.algorithm)[:40]} is not accepted with this key")
    try:
        if isinstance(key, RSAPublicKey):
            key.verify(head.signature, base, _PADDING, _HASH)
        else:
            key.verify(head.signature, base)
    except InvalidSignature:
        raise BadSignature(f"the signature by {head.key_id} does not hold") from None


def signature_base(head: SignatureHead, method: str, url: str, values: Mapping[str, list[bytes]]) -> bytes:
    """What was signed (RFC 9421, 2.5). Raises BadSignature for a component that is not there or has no one meaning."""
    lines = []
    for name in head.components:
        value = _derived(name, method, url) if name.startswith("@") else _header(name, values)
        if not value.isascii() or not value.replace("\t", " ").isprintable():
            raise BadSignature(f"{name[:40]} cannot be signed")
        lines.append(f'"{name}": {value}')
    lines.append(f'"@signature-params": {head.parameters}')
    return "\n".join(lines).encode()


def _derived(name: str, method: str, url: str) -> str:
    parts = urlsplit(url)
    match name:
        case "@method":
            return method
        case "@target-uri":
            return url
        case "@authority":
            return parts.netloc
        case "@scheme":
            return parts.scheme
        case "@path":
            return parts.path
        case "@query":
            return f"?{parts.query}"
        case "@request-target":
            return f"{parts.path}?{parts.query}" if "?" in url else parts.path
    raise BadSignature(f"{name[:40]!r} is nothing of a request")


def _header(name: str, values: Mapping[str, list[bytes]]) -> str:
    if name not in values:
        raise BadSignature(f"{name[:40]!r} is covered and not sent")
    return b", ".join(values[name]).decode("latin-1")
