"""What others offer and need, out of what they send, in each of the forms it has on the network.

Source: WIRE.md "Reading". The terms of FEP-0837 stand on a Note, alone in a `Proposal`, or in a `Proposal` among the
attachments of a Note (newer flohmarkt); or there is `flohmarkt:data` alone, which `flohmarkt.py` puts into those terms.
Lenient: plain names, prefixes and full IRIs; numbers or texts. Pure; never raises for a Note that is no proposal: that
one reads as None.
"""

import re
from html import unescape
from typing import Any

from msgspec import Struct

from fedishare.features.proposals import flohmarkt, intents, places
from fedishare.features.proposals.activities import FACTS_BEGIN
from fedishare.features.proposals.model import LONGEST_CATEGORY, LONGEST_TITLE, Photo, Purpose, State
from fedishare.federation.vocabulary import limits, reading
from fedishare.federation.vocabulary.note import Note, read_note
from fedishare.foundation.text.sanitise import plain, sanitise
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.grid import Point, point, snap

_TITLE = re.compile(r"\s*<p>\s*<(strong|b)>(.*?)</\1>\s*</p>", re.DOTALL | re.IGNORECASE)
_PURPOSES = {"offer": Purpose.OFFER, "request": Purpose.REQUEST}

Object = dict[str, Any]


class Reading(Struct, frozen=True, kw_only=True):
    """A proposal of another server, in our words. `content` is sanitised; `uri` is the Note's id where it has one."""

    uri: str
    note: Note
    purpose: str
    action: str
    title: str
    content: str
    category: str
    place_name: str
    place: Point | None
    quantity: str
    unit: str
    conditions: str
    begins_at: Instant | None
    ends_at: Instant | None
    state: State
    photos: tuple[Photo, ...]


def read(document: Object, *, by: str | None = None) -> Reading | None:
    """None when it is no proposal. Raises Malformed when it is one without id, author, or with a text out of bounds."""
    terms = _terms(document)
    if terms is None:
        return None
    note = read_note(document, by=by)
    intent = reading.full_term(terms, "publishes")
    title, words = _title_and_words(note, {} if terms is document else terms)
    quantity, unit = intents.quantity(intent)
    name, place = _place(terms)
    return Reading(
        uri=_uri(note, intent),
        note=note,
        purpose=_PURPOSES[reading.plain(reading.full_term(terms, "purpose"))],
        action=reading.plain(reading.full_term(intent, "action"))[:60] or "transfer",
        title=title,
        content=sanitise(words),
        category=_category(document) or _first_hashtag(note, name),
        place_name=name,
        place=place,
        quantity=quantity,
        unit=unit,
        conditions=intents.price(terms),
        begins_at=reading.moment(reading.full_term(intent, "hasBeginning")),
        ends_at=reading.moment(reading.full_term(terms, "hasEnd")),
        state=State.CLOSED if reading.flag(reading.full_term(intent, "finished")) else State.OPEN,
        photos=_photos(note),
    )


def _terms(document: Object) -> Object | None:
    """Where the terms are: the document itself, what is attached to it, or the listing that it carries."""
    if _has_terms(document):
        return document
    listing = flohmarkt.terms(document)
    attached = next((item for item in _attached(document) if _has_terms(item)), None)
    if attached is None or listing is None:
        return attached or listing
    lacking = {name: value for name, value in listing.items() if reading.full_term(attached, name) is None}
    return {**lacking, **attached}


def _has_terms(document: Object) -> bool:
    purpose = reading.full_term(document, "purpose")
    return reading.plain(purpose) in _PURPOSES and isinstance(reading.full_term(document, "publishes"), dict)


def _attached(document: Object) -> list[Object]:
    """Proposals among the attachments that nobody but the author of the whole speaks for."""
    authors = set(reading.ids(document.get("attributedTo")))
    return [
        item
        for item in reading.many(document.get("attachment"))[: limits.ATTACHMENTS]
        if isinstance(item, dict)
        and reading.kind(item) == "Proposal"
        and authors.issuperset(reading.ids(item.get("attributedTo")))
    ]


def _uri(note: Note, intent: Object) -> str:
    """A stand-alone Proposal of a Note that we know (or will) counts as that Note: its intents carry the Note's id."""
    base = note.uri.removesuffix("/proposal")
    primary = reading.id_of(intent)
    return base if note.type == "Proposal" and primary == f"{base}#primary" else note.uri


def _title_and_words(note: Note, apart: Object) -> tuple[str, str]:
    """The name where there is one, else the first paragraph in bold, else how the words begin.

    What stands `apart` from the Note's text has its own name and words, and the text says them once more.
    """
    content = note.content.partition(FACTS_BEGIN)[0]
    name = reading.label(apart.get("name")) or note.name
    words = reading.text(apart.get("content")) or content
    if name:
        return name[:LONGEST_TITLE], words
    bold = _TITLE.match(content)
    if bold:
        return reading.label(plain(bold.group(2)))[:LONGEST_TITLE], content[bold.end() :]
    return reading.label(unescape(plain(content)))[:LONGEST_TITLE], words


def _place(terms: Object) -> tuple[str, Point | None]:
    """Whatever precision they chose, we keep the cell of the grid alone. A position without a name gets one."""
    place = next((item for item in reading.many(terms.get("location")) if isinstance(item, dict)), None)
    if place is None:
        return "", None
    latitude, longitude = reading.decimal(place.get("latitude")), reading.decimal(place.get("longitude"))
    name = reading.label(place.get("name"))
    if latitude is None or longitude is None:
        return name, None
    try:
        cell = snap(point(float(latitude), float(longitude)))
    except ValueError:
        return name, None
    return name or places.near(cell), cell


def _category(document: Object) -> str:
    """As Epicyon says it: a field of that name among the attachments."""
    for item in reading.many(document.get("attachment"))[: limits.ATTACHMENTS]:
        if isinstance(item, dict) and reading.kind(item) == "PropertyValue" and item.get("name") == "category":
            return reading.label(item.get("value"), cap=LONGEST_CATEGORY).lower()
    return ""


def _first_hashtag(note: Note, place_name: str) -> str:
    """The first that is not the place's."""
    place = "".join(letter for letter in place_name.casefold() if letter.isalnum())
    return next((tag.lower() for tag in note.hashtags if tag.casefold() != place), "")[:LONGEST_CATEGORY]


def _photos(note: Note) -> tuple[Photo, ...]:
    """Pictures by their address. Nobody has looked at them, and no page of ours leads a reader there."""
    return tuple(
        Photo(url=item.url, name=item.name)
        for item in note.attachments
        if item.type == "Image" or item.media_type.lower().startswith("image/")
    )
