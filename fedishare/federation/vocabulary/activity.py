"""Somebody did something: the envelope that every inbox request and every outbox item is.

Lenient in form (INTEROP A and B.9), strict in who speaks: one type, one actor with an address, an id of its origin.
Who signed, and whether the embedded object may be believed, is decided by the inbox.
"""

from typing import Any

from msgspec import Struct

from fedishare.federation.vocabulary import reading
from fedishare.federation.vocabulary.origins import same_origin
from fedishare.federation.vocabulary.parsing import parse
from fedishare.federation.vocabulary.shapes import check_activity
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.errors import Malformed


class Activity(Struct, frozen=True, kw_only=True):
    """`id` is empty where none was sent, and need not be a URL (flohmarkt sends `42`).

    Of several objects, `object` and `object_id` are the first and `objects` has the ids of all. `object_type` is empty
    unless an object is embedded. `raw` is the whole document as it was sent.
    """

    id: str
    type: str
    actor: str
    object_id: str | None
    object: dict[str, Any] | None
    object_type: str
    objects: tuple[str, ...]
    target: str | None
    to: tuple[str, ...]
    cc: tuple[str, ...]
    published: Instant | None
    raw: dict[str, Any]


class Envelope(Struct, frozen=True, kw_only=True):
    """Who did what, and no more: all that the inbox's door needs, which reads a thousand a second."""

    id: str
    type: str
    actor: str
    document: dict[str, Any]

    @property
    def object_id(self) -> str | None:
        return reading.id_of(_first(self.document.get("object")))


def read_envelope(body: bytes) -> Envelope:
    """Raises Malformed for whatever `read_activity` refuses."""
    return envelope_of(parse(body))


def envelope_of(document: dict[str, Any]) -> Envelope:
    """Raises Malformed."""
    kind, types = reading.kind(document), document.get("type")
    if not kind or (isinstance(types, list) and len(types) != 1):
        raise Malformed("an activity has one type")
    check_activity(document)
    actor = _actor(document)
    return Envelope(id=_own_id(document, actor), type=kind, actor=actor, document=document)


def read_activity(body: bytes) -> Activity:
    """Raises Malformed."""
    return activity_of(parse(body))


def activity_of(document: dict[str, Any]) -> Activity:
    """An activity that is already JSON, such as one inside an Announce. Raises Malformed."""
    envelope, first = envelope_of(document), _first(document.get("object"))
    return Activity(
        id=envelope.id,
        type=envelope.type,
        actor=envelope.actor,
        object_id=reading.id_of(first),
        object=first if isinstance(first, dict) else None,
        object_type=reading.kind(first) if isinstance(first, dict) else "",
        objects=reading.ids(document.get("object")),
        target=reading.first_id(document.get("target")),
        to=reading.ids(document.get("to")),
        cc=reading.ids(document.get("cc")),
        published=reading.moment(document.get("published")),
        raw=document,
    )


def _first(value: object) -> object:
    return next(iter(reading.many(value)), None)


def _actor(document: dict[str, Any]) -> str:
    """The actor's address: sent as a text, as an object with an id, or as a list of which the first counts."""
    actor = reading.first_id(document.get("actor"))
    if actor is None or reading.url(actor) is None or reading.is_public(actor):
        raise Malformed("an activity has an actor with an address")
    return actor


def _own_id(document: dict[str, Any], actor: str) -> str:
    given = document.get("id")
    found = reading.id_of(given) or ""
    if not found and isinstance(given, str) and "://" in given:
        raise Malformed("the activity's id is an address that cannot be read")
    if reading.url(found) is not None and not same_origin(found, actor):
        raise Malformed("the activity's id belongs to another server than its actor")
    return found
