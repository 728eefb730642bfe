"""The readers of everything that is no document: headers, signatures, addresses, dates, HTML, tables, forms."""

import asyncio
import gzip
import zlib
from typing import Annotated

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec import Meta, Struct
from starlette.requests import Request

from fedishare.features.proposals import tables
from fedishare.federation.fetching.documents import check_status, is_activity
from fedishare.federation.fetching.webfinger import read_handle
from fedishare.federation.outbox.schedule import retry_after
from fedishare.federation.policy.domains import Verdict
from fedishare.federation.policy.lists import read_list
from fedishare.federation.policy.ruling import subject_of
from fedishare.federation.signatures import incoming
from fedishare.federation.signatures.cavage import SignatureHead
from fedishare.federation.signatures.errors import BadSignature
from fedishare.federation.vocabulary import limits, reading
from fedishare.federation.vocabulary.origins import canonical, origin, same_origin
from fedishare.federation.vocabulary.public_keys import ed25519_pem, multikey, rsa_pem
from fedishare.federation.vocabulary.synchronization import header, read_claim
from fedishare.foundation.net.client import Answer
from fedishare.foundation.net.decoding import decoded
from fedishare.foundation.net.urls import follow, read_url
from fedishare.foundation.text.sanitise import plain, sanitise
from fedishare.foundation.values.clock import Instant, parse_http_date, parse_rfc3339, rfc3339
from fedishare.foundation.values.errors import Invalid, Malformed, TooLarge, Unreachable, Untrusted
from fedishare.foundation.web.forms import parse_fields, read_form
from fedishare.foundation.web.heads import Refused, check_head
from tests.federation.signatures import messages
from tests.federation.signatures.signing import BODY, NOW, Pairs, pem, rsa, signed, usual
from tests.fuzz.corpus import heads, texts_of
from tests.fuzz.parser import Parser, text_of

ED25519 = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ED25519_PEM = ED25519.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
HOME = read_url("https://good.test/a")
PACKED = 100_000
TABLE = 3_000
"""A line costs what a line costs, however short: of two tables of one size, one can have ten times the lines."""


class Typed(Struct, frozen=True, kw_only=True):
    text: Annotated[str, Meta(max_length=20)]
    count: Annotated[int, Meta(ge=0, le=9)] | None = None
    several: list[str] = []
    sure: bool = False


def signature(raw: bytes) -> None:
    """Headers of a delivery, one a line, held against the key that made the good ones."""
    lines = (line.partition(b":") for line in raw.split(b"\n"))
    pairs = [(name.strip().lower(), value.strip()) for name, _, value in lines]
    head = incoming.parse(pairs)
    key = pem(rsa()) if isinstance(head, SignatureHead) else ED25519_PEM
    request = incoming.Request(method="POST", target=b"/inbox", headers=pairs, body=BODY, base_url="https://fedi.test")
    incoming.verify(head, request, key, NOW)


def date(raw: bytes) -> None:
    text = raw.decode("latin-1")
    moment = reading.moment(text)
    assert moment is None or reading.moment(rfc3339(moment)) == moment, "can be written and read again"
    for read in (parse_rfc3339, parse_http_date):
        try:
            read(text)
        except ValueError:
            continue


def waits(raw: bytes) -> None:
    text = raw.decode("latin-1")
    wait = retry_after({"retry-after": text}, NOW)
    assert wait is None or wait >= 0, "nobody waits backwards"
    with pytest.raises(Unreachable) as trouble:
        check_status(Answer(status=503, headers={"retry-after": text}, body=b"", url="https://good.test/"))
    asked = trouble.value.retry_after_s
    assert asked is None or 0 <= asked <= 86_400, "a day at most"


def one_form(raw: bytes) -> None:
    uri = _text(raw)
    found = canonical(uri)
    assert canonical(found) == found, "the one form of the one form is itself"
    assert same_origin(found, uri), "of one server"
    assert found.startswith(origin(uri)), "begins with its origin"


def called(raw: bytes) -> None:
    location = read_url(_text(raw))
    assert read_url(location.url) == location, "what is sent reads as what was meant"


def redirected(raw: bytes) -> None:
    assert follow(HOME, _text(raw)).secure, "never less secure"


def html(raw: bytes) -> None:
    clean = sanitise(_text(raw))
    assert sanitise(clean) == clean, "sanitising twice changes nothing"
    assert "<script" not in clean, "nothing that runs"


def html_as_text(raw: bytes) -> None:
    plain(_text(raw))


def table(raw: bytes) -> None:
    tables.read("x.csv", raw, language="fr", zone="Europe/Paris", now=Instant(NOW))


def policy(raw: bytes) -> None:
    for rule in read_list(_text(raw), severity=Verdict.BLOCK).rules:
        assert subject_of(rule.subject) == rule.subject, "a domain in its one form"


def form(raw: bytes) -> None:
    fields = parse_fields(raw)
    request = Request({"type": "http", "state": {"fields": fields}})
    read = asyncio.run(read_form(request, Typed))
    assert 0 < len(read.text) <= 20, "in its bounds"


def claim(raw: bytes) -> None:
    said = read_claim(raw.decode("latin-1"))
    assert said is None or read_claim(header(said)) == said, "can be written and read again"


def handle(raw: bytes) -> None:
    found = read_handle(_text(raw))
    assert read_handle(str(found)) == found, "can be written and read again"


def public_key(raw: bytes) -> None:
    text = _text(raw)
    if text.startswith("z"):
        assert ed25519_pem(multikey(ed25519_pem(text))) == ed25519_pem(text), "can be written and read again"
    rsa_pem(text)


def request_head(raw: bytes) -> None:
    first, *rest = raw.split(b"\n")
    lines = (line.partition(b":") for line in rest)
    check_head(b"GET", first, "1.1", [(name.lower(), value.strip()) for name, _, value in lines])


def unpacked(raw: bytes) -> None:
    encoding, _, body = raw.partition(b"\n")
    assert len(decoded(body, encoding.decode("latin-1"), cap=PACKED)) <= PACKED, "never past its bound"


def kind_of_answer(raw: bytes) -> None:
    is_activity(raw.decode("latin-1"))


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _lines(pairs: Pairs) -> bytes:
    return b"\n".join(name + b": " + value for name, value in pairs)


def _long_header(size: int) -> bytes:
    return _lines([*usual(), (b"x-long", text_of(size))])


def _page(size: int) -> bytes:
    return b"<p>Une <em>perceuse</em>, avec ses meches.</p>\n" * (size // 48 + 1)


def _long_table(size: int) -> bytes:
    return b"purpose,action,title,text\n" + b"offer,use,Perceuse,Avec ses meches.\n" * (size // 37 + 1)


def _long_policy(size: int) -> bytes:
    return b"#domain,#severity\n" + b"evil.example,suspend\n" * (size // 21 + 1)


def _long_form(size: int) -> bytes:
    return b"text=Bonjour&several=" + b"a" * size


def _long_address(size: int) -> bytes:
    return b"https://good.test/" + b"a" * size


_ADDRESSES = (
    *(b"https://good.test/users/carol#main-key", b"HTTPS://Good.test:443/a?b=%20#c", b"https://[2001:db8::1]:8443/"),
    *(b"http://127.0.0.1:8000/inbox", b"https://xn--r8jz45g.test/%C3%A9", b"/inbox?page=2", b"//evil.test/x"),
)
_DATES = (
    *(b"2026-11-23T12:00:00Z", b"2026-11-23T12:00:00.123+01:00", b"20261123T120000", b"2026-W48-1T12:00"),
    *(b"Mon, 23 Nov 2026 12:00:00 GMT", b"Monday, 23-Nov-26 12:00:00 GMT", b"Mon Nov 23 12:00:00 2026", b"120"),
)
_SIGNED = (
    *(_lines(signed(usual())), _lines(signed(usual(), "(request-target) (created) host digest", algorithm="hs2019",
                                             created=NOW // 1000, expires=NOW // 1000 + 60))),
    *(_lines(messages.signed(messages.usual(), key=ED25519)), *heads()),
)  # fmt: skip
_CLAIM = b'collectionId="https://good.test/c/followers", url="https://good.test/c/sync", digest="%b"' % (b"0af1" * 16)
_KEYS = (
    *(pem(rsa()).encode(), pem(rsa(), PublicFormat.PKCS1).encode(), ED25519_PEM.encode()),
    b"z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
)
_HTML = (
    b'<p>Bonjour <a href="https://good.test/@carol" class="u-url mention">@<span>carol</span></a><br>et</p><ul><li>x',
    b"<pre>\n\nx</pre><h1>Titre</h1><blockquote><b>a<i>b</b>c</i></blockquote><a href=javascript:x>y</a>&lt;b&gt;",
    *(text.encode() for text in texts_of("content", "summary")),
)
_TABLE = (
    'purpose,action,title,text,place,until\noffer,use,Échelle,"Sur\ndeux lignes.",Lille,2027-01-31\n',
    "\ufeffpurpose;action;title\nbesoin;transfer;Vélo\n",
    '{"purpose": "offer", "action": "use", "title": "Vélo"}\n',
)
_POLICY = (
    b"#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\nevil.test,suspend,true,false,x,false\n",
    b"evil.test\n*.other.test\n",
)

TEXTS = (
    Parser(name="signature headers", read=signature, declared=(BadSignature,), seeds=_SIGNED, harmless=_long_header),
    Parser(name="public key", read=public_key, declared=(Malformed,), seeds=_KEYS, harmless=text_of),
    Parser(name="date", read=date, seeds=_DATES, harmless=text_of),
    Parser(name="Retry-After", read=waits, seeds=_DATES, harmless=text_of),
    Parser(name="Collection-Synchronization", read=claim, seeds=(_CLAIM,), harmless=text_of),
    Parser(name="id and origin", read=one_form, declared=(ValueError,), seeds=_ADDRESSES, harmless=_long_address),
    Parser(name="URL to call", read=called, declared=(Untrusted,), seeds=_ADDRESSES, harmless=_long_address),
    Parser(name="redirect", read=redirected, declared=(Untrusted,), seeds=_ADDRESSES, harmless=_long_address),
    Parser(
        name="handle",
        read=handle,
        declared=(Malformed,),
        seeds=(b"@carol@good.test", "acct:zoé@münchen.test".encode()),
        harmless=text_of,
    ),
    Parser(name="HTML sanitised", read=html, seeds=_HTML, harmless=_page, cap=limits.CONTENT),
    Parser(name="HTML as text", read=html_as_text, seeds=_HTML, harmless=_page, cap=limits.CONTENT),
    Parser(
        name="CSV import",
        read=table,
        declared=(tables.NotATable,),
        seeds=tuple(one.encode() for one in _TABLE),
        harmless=_long_table,
        cap=TABLE,
    ),
    Parser(name="policy CSV", read=policy, declared=(Invalid,), seeds=_POLICY, harmless=_long_policy, cap=TABLE),
    Parser(
        name="form",
        read=form,
        declared=(Invalid, TooLarge),
        seeds=(b"text=Bonjour&count=3&several=a&several=b&sure=on", b"text=%C3%A9+%26"),
        harmless=_long_form,
        cap=200_000,
    ),
    Parser(
        name="head of a request",
        read=request_head,
        declared=(Refused,),
        seeds=tuple(b"/inbox?a=b\n" + head for head in heads()),
        harmless=lambda size: b"/inbox\n" + _long_header(size),
    ),
    Parser(
        name="packed body",
        read=unpacked,
        declared=(Malformed,),
        seeds=(b"gzip\n" + gzip.compress(text_of(9_000), mtime=0), b"deflate\n" + zlib.compress(text_of(9_000))),
        harmless=lambda size: b"gzip\n" + gzip.compress(text_of(PACKED - 100), mtime=0),
    ),
    Parser(
        name="Content-Type",
        read=kind_of_answer,
        seeds=(b'application/ld+json; profile="https://www.w3.org/ns/activitystreams"', b"application/activity+json"),
        harmless=text_of,
    ),
)
