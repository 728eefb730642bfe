"""HTTP signatures as the fediverse has them: draft-cavage-http-signatures-12, both ways.

Sources: INTEROP B.1 (what to send) and B.2 (what to accept), SECURITY 0.6 (coverage is ours to decide). Works on raw
header pairs, as ASGI gives them. Does not fetch keys, and does not know our own host: the door compares `Host` with the
base URL before it calls `verify`, or a request signed for another server could be replayed here.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from msgspec import Struct

from fedishare.federation.signatures.errors import BadSignature
from fedishare.federation.signatures.freshness import check_not_expired, check_signed_at
from fedishare.federation.signatures.headers import HEADER_LENGTH, WITHOUT_BODY, RawHeaders, joined
from fedishare.federation.signatures.keys import PrivateKey, rsa_key
from fedishare.foundation.net.urls import read_url
from fedishare.foundation.values.clock import SECOND, Instant, http_date, parse_http_date

# Lemmy and GoToSocial write hs2019 and mean RSA-SHA256; the key decides, so nothing else can be chosen by the sender.
ALGORITHMS = frozenset({"rsa-sha256", "hs2019"})
COVERED = 24
TARGET, CREATED, EXPIRES = "(request-target)", "(created)", "(expires)"
_ONCE = frozenset({"host", "date"})
_PARAMETER = re.compile(rb'\s*([A-Za-z]+)=(?:"([^"\\]*)"|([0-9]{1,12}))\s*(?:,|$)')
_PADDING, _HASH = PKCS1v15(), SHA256()


class SignatureHead(Struct, frozen=True, kw_only=True):
    """What the `Signature` header says: nothing of it is true until `verify` has returned."""

    key_id: str
    algorithm: str
    headers: tuple[str, ...]
    signature: bytes
    created: int | None = None
    expires: int | None = None


def sign(method: str, url: str, *, body: bytes | None, key: PrivateKey, now: Instant) -> dict[str, str]:
    """The headers that make a request to `url` ours: Host, Date, Digest with a body, Signature.

    Servers differ on whether the query is signed: to sign without it, pass the URL without it (INTEROP B.1.7).
    Raises Untrusted for a URL that we would not call.
    """
    location = read_url(url)
    headers = {"Host": location.authority, "Date": _date(now // SECOND)}
    covered = "(request-target) host date"
    lines = f"(request-target): {method.lower()} {location.target}\nhost: {location.authority}\ndate: {headers['Date']}"
    if body is not None:
        headers["Digest"] = digest = "SHA-256=" + base64.b64encode(hashlib.sha256(body).digest()).decode()
        covered += " digest"
        lines += f"\ndigest: {digest}"
    signature = base64.b64encode(key.rsa.sign(lines.encode(), _PADDING, _HASH)).decode()
    # No space after a comma, each value quoted, in this order: flohmarkt splits the header by hand.
    headers["Signature"] = f'keyId="{key.id}",algorithm="rsa-sha256",headers="{covered}",signature="{signature}"'
    return headers


@lru_cache(maxsize=64)
def _date(seconds: int) -> str:
    return http_date(Instant(seconds * SECOND))


def parse(headers: RawHeaders) -> SignatureHead:
    """Read the one `Signature` header. Raises BadSignature: none, several, or not in the form of the draft."""
    lines = [value for name, value in headers if name.lower() == b"signature"]
    if len(lines) != 1:
        raise BadSignature("not signed" if not lines else "signed more than once")
    given = _parameters(lines[0])
    try:
        algorithm = given.get("algorithm", "hs2019").lower()
        head = SignatureHead(
            key_id=given["keyId"],
            algorithm=algorithm,
            headers=tuple(given.get("headers", "").lower().split()),
            signature=base64.b64decode(given["signature"], validate=True),
            created=int(given["created"]) if "created" in given else None,
            expires=int(given["expires"]) if "expires" in given else None,
        )
    except KeyError as error:
        raise BadSignature(f"the signature has no {error.args[0]}") from None
    except ValueError:
        raise BadSignature("the signature cannot be read") from None
    if algorithm not in ALGORITHMS:
        raise BadSignature(f"algorithm {algorithm[:40]} is not accepted")
    return head


def _parameters(line: bytes) -> dict[str, str]:
    """`name="value"` pairs, each once. Two of one name would be read differently by two programs (A023)."""
    if len(line) > HEADER_LENGTH:
        raise BadSignature("the signature is too long")
    found: dict[str, str] = {}
    position, line = 0, line.strip()
    while position < len(line):
        match = _PARAMETER.match(line, position)
        if match is None or not line.isascii():
            raise BadSignature("the signature cannot be read")
        name, quoted, number = match.groups()
        if name.decode() in found:
            raise BadSignature("the signature names something twice")
        found[name.decode()] = (number if quoted is None else quoted).decode()
        position = match.end()
    return found


def verify(
    head: SignatureHead,
    method: str,
    target: bytes,
    headers: RawHeaders,
    body: bytes,
    key: RSAPublicKey | str,
    now: Instant,
) -> Instant:
    """Check everything that `head` claims against the request as it arrived; returns when it was signed.

    `target` is the raw path and query of the request line, `key` the key or its PEM. Raises BadSignature.
    """
    values = joined(headers)
    _check_coverage(head, method, body)
    signed_at = _check_time(head, values, now)
    if "digest" in head.headers:
        _check_digest(values, body)
    rsa = rsa_key(key) if isinstance(key, str) else key
    for asked in _targets(target):
        try:
            rsa.verify(head.signature, _signing_string(head, method, asked, values), _PADDING, _HASH)
        except InvalidSignature:
            continue
        return signed_at
    raise BadSignature(f"the signature by {head.key_id} does not hold")


def _check_coverage(head: SignatureHead, method: str, body: bytes) -> None:
    covered = set(head.headers)
    if len(covered) != len(head.headers) or len(covered) > COVERED:
        raise BadSignature("the list of signed headers makes no sense")
    needed = {TARGET, "host"} if method in WITHOUT_BODY and not body else {TARGET, "host", "digest"}
    if missing := needed - covered:
        raise BadSignature(f"not covered by the signature: {', '.join(sorted(missing))}")
    if not covered & {"date", CREATED}:
        raise BadSignature("no time is covered by the signature")
    if covered & {CREATED, EXPIRES} and head.algorithm != "hs2019":
        raise BadSignature("(created) and (expires) need hs2019")


def _check_time(head: SignatureHead, values: dict[str, list[bytes]], now: Instant) -> Instant:
    """When it was signed: each time that is covered lies in the window."""
    times = []
    if CREATED in head.headers:
        if head.created is None:
            raise BadSignature("(created) is covered and not given")
        times.append(Instant(head.created * SECOND))
    if "date" in head.headers:
        times.append(_parsed_date(_once("date", values)))
    if EXPIRES in head.headers and head.expires is None:
        raise BadSignature("(expires) is covered and not given")
    check_not_expired(head.expires, now)
    for moment in times:
        check_signed_at(moment, now)
    return times[0]


@lru_cache(maxsize=256)
def _parsed_date(text: bytes) -> Instant:
    try:
        return parse_http_date(text.decode("ascii"))
    except ValueError:
        raise BadSignature("the date cannot be read") from None


def _once(name: str, values: dict[str, list[bytes]]) -> bytes:
    given = values.get(name, ())
    if len(given) != 1:
        raise BadSignature(f"{name} is given {len(given)} times")
    return given[0]


def _check_digest(values: dict[str, list[bytes]], body: bytes) -> None:
    """Recompute it over the raw bytes. Other algorithms beside SHA-256 are passed over, a second SHA-256 is not."""
    found = []
    for part in b",".join(values.get("digest", ())).split(b","):
        algorithm, _, value = part.strip().partition(b"=")
        if algorithm.lower() == b"sha-256":
            found.append(value)
    if len(found) != 1:
        raise BadSignature(f"{len(found)} SHA-256 digests")
    try:
        given = base64.b64decode(found[0], validate=True)
    except binascii.Error:
        raise BadSignature("the digest cannot be read") from None
    if given != hashlib.sha256(body).digest():
        raise BadSignature("the digest is of another body")


def _targets(target: bytes) -> Sequence[bytes]:
    """Mastodon and GoToSocial sign the query, Misskey and Akkoma do not (INTEROP B.1.7)."""
    path, mark, _ = target.partition(b"?")
    return (target, path) if mark else (target,)


def _signing_string(head: SignatureHead, method: str, target: bytes, values: dict[str, list[bytes]]) -> bytes:
    lines = []
    for name in head.headers:
        if name == TARGET:
            value = method.lower().encode() + b" " + target
        elif name == CREATED:
            value = b"%d" % (head.created or 0)
        elif name == EXPIRES:
            value = b"%d" % (head.expires or 0)
        elif name in _ONCE:
            value = _once(name, values)
        elif name in values:
            value = b", ".join(values[name])
        else:
            raise BadSignature(f"{name[:40]} is covered and not sent")
        lines.append(name.encode() + b": " + value)
    return b"\n".join(lines)
