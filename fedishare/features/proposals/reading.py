"""What others offer and need, out of what they send: a Note with FEP-0837's properties, or a stand-alone Proposal.

Source: WIRE.md "Reading". Lenient: plain names, prefixes and full IRIs; numbers or texts. Other forms (a Proposal as an
attachment, `flohmarkt:data`, Epicyon's pages) are read as the posts they also are. Pure; never raises for a Note that
is no proposal: that one reads as None.
"""

import re
from html import unescape
from typing import Any

from msgspec import Struct

from fedishare.features.proposals.activities import FACTS_BEGIN
from fedishare.features.proposals.model import (
    LONGEST_CATEGORY,
    LONGEST_CONDITIONS,
    LONGEST_TITLE,
    Purpose,
    State,
    Unit,
    plain_decimal,
)
from fedishare.federation.vocabulary import reading
from fedishare.federation.vocabulary.note import Note, read_note
from fedishare.foundation.text.sanitise import plain, sanitise
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.grid import Point, point, snap

_TITLE = re.compile(r"\s*<p>\s*<(strong|b)>(.*?)</\1>\s*</p>", re.DOTALL | re.IGNORECASE)
_PURPOSES = {"offer": Purpose.OFFER, "request": Purpose.REQUEST}


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


def is_proposal(document: dict[str, Any]) -> bool:
    """Whether an object is for us to read: cheap, asked for every Note that comes in."""
    purpose = reading.full_term(document, "purpose")
    return reading.plain(purpose) in _PURPOSES and isinstance(reading.full_term(document, "publishes"), dict)


def read(document: dict[str, Any], *, by: str | None = None) -> Reading | None:
    """None when it is no proposal. Raises Malformed when it is one without id, author, or with a text out of bounds."""
    if not is_proposal(document):
        return None
    note = read_note(document, by=by)
    intent = reading.full_term(document, "publishes")
    title, words = _title_and_words(note)
    quantity, unit = _quantity(intent)
    name, place = _place(document)
    return Reading(
        uri=_uri(note, intent),
        note=note,
        purpose=_PURPOSES[reading.plain(reading.full_term(document, "purpose"))],
        action=reading.plain(reading.full_term(intent, "action"))[:60] or "transfer",
        title=title,
        content=sanitise(words),
        category=_category(note, name),
        place_name=name,
        place=place,
        quantity=quantity,
        unit=unit,
        conditions=_conditions(document),
        begins_at=reading.moment(reading.full_term(intent, "hasBeginning")),
        ends_at=reading.moment(reading.full_term(document, "hasEnd")),
        state=State.CLOSED if reading.flag(reading.full_term(intent, "finished")) else State.OPEN,
    )


def _uri(note: Note, intent: dict[str, Any]) -> str:
    """A stand-alone Proposal of a Note that we know (or will) counts as that Note: its intents carry the Note's id."""
    base = note.uri.removesuffix("/proposal")
    primary = reading.id_of(intent)
    return base if note.type == "Proposal" and primary == f"{base}#primary" else note.uri


def _title_and_words(note: Note) -> tuple[str, str]:
    """The name where there is one, else the first paragraph in bold, else how the words begin."""
    content = note.content.partition(FACTS_BEGIN)[0]
    if note.name:
        return note.name[:LONGEST_TITLE], content
    bold = _TITLE.match(content)
    if bold:
        return reading.label(plain(bold.group(2)))[:LONGEST_TITLE], content[bold.end() :]
    return reading.label(unescape(plain(content)))[:LONGEST_TITLE], content


def _quantity(intent: dict[str, Any]) -> tuple[str, str]:
    """What is available of a lot, else the quantity itself; one piece when nothing can be read."""
    for name in ("availableQuantity", "resourceQuantity"):
        measure = reading.full_term(intent, name)
        if not isinstance(measure, dict):
            continue
        amount = reading.decimal(reading.full_term(measure, "hasNumericalValue"))
        unit = reading.plain(reading.full_term(measure, "hasUnit"))[:60]
        if amount is not None and amount > 0:
            return plain_decimal(amount), unit or Unit.ONE
    return "1", Unit.ONE


def _place(document: dict[str, Any]) -> tuple[str, Point | None]:
    """Whatever precision they chose, we keep the cell of the grid alone."""
    place = next((item for item in reading.many(document.get("location")) if isinstance(item, dict)), None)
    if place is None:
        return "", None
    latitude, longitude = reading.decimal(place.get("latitude")), reading.decimal(place.get("longitude"))
    name = reading.label(place.get("name"))
    if latitude is None or longitude is None:
        return name, None
    try:
        return name, snap(point(float(latitude), float(longitude)))
    except ValueError:
        return name, None


def _category(note: Note, place_name: str) -> str:
    """The first hashtag that is not the place's."""
    place = "".join(letter for letter in place_name.casefold() if letter.isalnum())
    return next((tag.lower() for tag in note.hashtags if tag.casefold() != place), "")[:LONGEST_CATEGORY]


def _conditions(document: dict[str, Any]) -> str:
    """In words where they are given; a thing of theirs in exchange (Mitra's coins) by what it conforms to."""
    reciprocal = reading.full_term(document, "reciprocal")
    if not isinstance(reciprocal, dict):
        return ""
    named = reading.label(reciprocal.get("name"), cap=LONGEST_CONDITIONS)
    return named or reading.label(reading.full_term(reciprocal, "resourceConformsTo"), cap=LONGEST_CONDITIONS)
