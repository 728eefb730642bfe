"""The readers of documents: JSON, what is said in it, lists, proofs, and what servers say of themselves."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

from fedishare.features.proposals import reading as proposals
from fedishare.federation.fetching.collections import PAGES, pages, vouched
from fedishare.federation.fetching.documents import Fetched
from fedishare.federation.fetching.nodeinfo import SCHEMA, NodeInfo
from fedishare.federation.fetching.webfinger import WebFinger, read_handle
from fedishare.federation.signatures.errors import BadSignature
from fedishare.federation.signatures.proofs import read_proof, verify
from fedishare.federation.vocabulary import limits
from fedishare.federation.vocabulary.activity import envelope_of, read_activity
from fedishare.federation.vocabulary.actor import capabilities, read_actor
from fedishare.federation.vocabulary.note import read_note
from fedishare.federation.vocabulary.origins import canonical, same_origin
from fedishare.federation.vocabulary.parsing import parse
from fedishare.foundation.net.client import Answer
from fedishare.foundation.values.errors import Malformed, RemoteTrouble
from fedishare.foundation.values.here import Here
from fedishare.foundation.values.ids import IdSource
from tests.clock import NOON
from tests.federation.signatures.test_proofs import DOCUMENT, MADE_AT, OLDER, PROOF, PUBLIC_KEY
from tests.fuzz.corpus import Json, written
from tests.fuzz.parser import Parser

HERE = Here(base_url="https://fedi.test", handle_domain="fedi.test", ids=IdSource())
LIST = "https://good.test/outbox"
SMALL = 64_000
PAGE = {
    "id": LIST,
    "type": "OrderedCollection",
    "totalItems": 3,
    "first": f"{LIST}?page=1",
    "next": f"{LIST}?page=2",
    "orderedItems": ["https://good.test/1", {"id": "https://good.test/2", "attributedTo": "https://good.test/a"}],
}
NODEINFO = {
    "links": [{"rel": f"{SCHEMA}2.{minor}", "href": f"https://good.test/nodeinfo/2.{minor}"} for minor in (0, 1)],
    "software": {"name": "mastodon", "version": "4.5.0"},
}


class Saying:
    """A way out where everybody answers with the same body."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.asked: list[str] = []

    async def get(self, url: str, **_: Any) -> Answer:
        self.asked.append(url)
        return Answer(status=200, headers={}, body=self._body, url=url)

    async def fetch(self, uri: str, **_: Any) -> Fetched:
        self.asked.append(uri)
        return Fetched(url=uri, document=parse(self._body))


def activity(body: bytes) -> None:
    read = read_activity(body)
    assert read.type, "an activity has a type"
    assert "://" not in read.id or same_origin(read.id, read.actor), "its id is its actor's"
    assert envelope_of(read.raw).actor == read.actor, "the door and the worker see one actor"


def note(body: bytes) -> None:
    read = read_note(parse(body))
    assert same_origin(read.uri, read.attributed_to), "its author is at home"
    assert len(read.content) <= limits.CONTENT, "its text is bounded"
    assert read_note(read.raw, by=read.attributed_to) == read, "what is kept reads as what was read"


def actor(body: bytes) -> None:
    document = parse(body)
    read = read_actor(document, NOON)
    assert all(same_origin(read.uri, one) for one in (read.inbox, read.shared_inbox, read.outbox) if one), "at home"
    assert all(same_origin(read.uri, key.uri) for key in read.keys), "their keys are theirs"
    capabilities(document)


def proof(body: bytes) -> None:
    document = parse(body)
    verify(document, read_proof(document), PUBLIC_KEY, MADE_AT)
    # What is proved is the document, whatever was done to its spaces and its order; contexts may follow.
    kept = {name: value for name, value in document.items() if name not in ("proof", "signature", "@context")}
    assert kept in _PROVED, "another document is proved"


def proposal(body: bytes) -> None:
    read = proposals.read(parse(body))
    assert read is None or same_origin(read.uri, read.note.attributed_to), "its author is at home"


async def collection(body: bytes) -> None:
    net = Saying(body)
    found = [page async for page in pages(net, LIST)]
    assert len(net.asked) <= PAGES, "it ends"
    assert all(same_origin(asked, LIST) for asked in net.asked), "it stays at home"
    for item in (item for page in found for item in page.items if vouched(item, LIST)):
        assert same_origin(item["id"], LIST), "only what is at home needs no second question"


async def webfinger(body: bytes) -> None:
    net = Saying(body)
    finger = await WebFinger(net=net, here=HERE).find(read_handle("alice@mastodon.example"))
    assert canonical(finger.actor_uri) == finger.actor_uri, "in the one form"
    assert read_handle(str(finger.subject)) == finger.subject, "can be written and read"
    assert len(net.asked) <= 2, "asks twice at most"


async def nodeinfo(body: bytes) -> None:
    net = Saying(body)
    assert await NodeInfo(net=net, here=HERE).software("https://good.test/users/carol"), "a software has a name"
    assert all(same_origin(asked, LIST) for asked in net.asked), "it stays at home"


def now(read: Callable[[bytes], Coroutine[Any, Any, None]]) -> Callable[[bytes], None]:
    """`read`, waited for: nothing in it really waits."""

    def waited(body: bytes) -> None:
        asyncio.run(read(body), debug=False)

    return waited


def harmless(size: int) -> bytes:
    """Many small notes in one document; no longer than a document may be."""
    one = {"id": "https://good.test/n", "type": "Note", "content": "<p>Bonjour</p>", "to": ["https://good.test/a"]}
    many = [one] * (size // 120 - 3)
    whole = {**one, "attributedTo": "https://good.test/a", "actor": "https://good.test/a", "items": many}
    return json.dumps(whole).encode()


def _is_actor(document: Json) -> bool:
    return "inbox" in document


def _has_content(document: Json) -> bool:
    return "content" in document


def _is_offer(document: Json) -> bool:
    return "purpose" in document or "flohmarkt:data" in document or "publishes" in document


_PROVED = [
    {name: value for name, value in one.items() if name not in ("proof", "@context")} for one in (DOCUMENT, OLDER)
]
_ALL, _ACTORS, _ACTIVITIES = written(bool), written(_is_actor), written(lambda one: "actor" in one)
_NOTES, _OFFERS = written(_has_content), written(_is_offer)
_PROOFS = tuple(json.dumps(one).encode() for one in ({**DOCUMENT, "proof": PROOF}, OLDER))
_LISTS = (json.dumps(PAGE).encode(), json.dumps({"first": PAGE, "type": "Collection"}).encode())
_JRD = written(lambda one: "subject" in one and "links" in one)

DOCUMENTS = (
    Parser(name="JSON body", read=parse, declared=(Malformed,), seeds=_ALL, harmless=harmless, cap=limits.BODY),
    Parser(name="activity", read=activity, declared=(Malformed,), seeds=_ACTIVITIES, harmless=harmless, cap=SMALL),
    Parser(name="note", read=note, declared=(Malformed,), seeds=_NOTES, harmless=harmless, cap=limits.BODY),
    Parser(name="proposal", read=proposal, declared=(Malformed,), seeds=_OFFERS, harmless=harmless, cap=SMALL),
    Parser(name="actor", read=actor, declared=(Malformed,), seeds=_ACTORS, harmless=harmless, cap=limits.BODY),
    Parser(
        name="proof", read=proof, declared=(BadSignature, Malformed), seeds=_PROOFS, harmless=harmless, cap=limits.BODY
    ),
    Parser(name="collection", read=now(collection), declared=(RemoteTrouble,), seeds=_LISTS, harmless=harmless),
    Parser(name="WebFinger", read=now(webfinger), declared=(RemoteTrouble,), seeds=_JRD, harmless=harmless, cap=SMALL),
    Parser(
        name="NodeInfo",
        read=now(nodeinfo),
        declared=(RemoteTrouble,),
        seeds=(json.dumps(NODEINFO).encode(),),
        harmless=harmless,
        cap=SMALL,
    ),
)
