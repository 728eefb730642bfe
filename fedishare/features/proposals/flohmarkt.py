"""`flohmarkt:data`, both ways: the few fields by which flohmarkt knows a listing among posts.

Source: WIRE.md "For flohmarkt", "Reading"; its payloads in `tests/payloads/flohmarkt`. Everything there is an offer to
hand over. Older versions write the price as `15 EUR`, newer ones have a number and a `currency` beside it. Pure.
"""

import re
from decimal import Decimal
from typing import Any

from fedishare.features.proposals.model import LONGEST_CONDITIONS, Proposal, Purpose, State, plain_decimal
from fedishare.federation.policy.circles import PUBLIC
from fedishare.federation.vocabulary import limits, reading
from fedishare.foundation.text.sanitise import plain
from fedishare.foundation.values.grid import degrees

KEY = "flohmarkt:data"
CURRENCY = "EUR"

_IRI = "https://codeberg.org/flohmarkt/flohmarkt#data"
_NUMBER = re.compile(r"(?<![0-9.,])([0-9]{1,9})(?:[.,]([0-9]{1,2}))?(?![0-9.,])")
_EUROS = re.compile(
    r"(?<![0-9.,])([0-9]{1,3}(?:[ .\u00a0\u202f][0-9]{3}){1,2}|[0-9]{1,9})(?:[.,]([0-9]{1,2}))?\s*(?:€|EUR\b|euros?\b)",
    re.IGNORECASE,
)

Object = dict[str, Any]


def data(proposal: Proposal) -> Object:
    """What a Note of ours carries for flohmarkt; {} for a need, for what is not public, and for what is nowhere: it
    takes only what is near.

    Positions are those of the grid.
    """
    if proposal.purpose != Purpose.OFFER or proposal.circle_id != PUBLIC:
        return {}
    if proposal.latitude is None or proposal.longitude is None:
        return {}
    words = plain(proposal.content).strip()
    listing = {
        "name": proposal.title,
        "description": "\n".join(part for part in (words, proposal.conditions) if part),
        "price": f"{_asked(proposal.conditions)} {CURRENCY}",
        "currency": CURRENCY,
        "original_id": proposal.uri.rpartition("/")[2],
        "coordinates": {"lat": degrees(proposal.latitude), "lng": degrees(proposal.longitude)},
    }
    return {KEY: listing}


def stands_there(proposal: Proposal) -> bool:
    """Whether flohmarkt should show it."""
    return bool(data(proposal)) and proposal.state == State.OPEN and proposal.deleted_at is None


def terms(document: Object) -> Object | None:
    """The same listing in the terms of FEP-0837; None when there is none."""
    found = document.get(KEY, document.get(_IRI))
    if not isinstance(found, dict):
        return None
    listing: Object = {
        "type": "Proposal",
        "purpose": Purpose.OFFER.value,
        "name": reading.label(found.get("name")),
        "content": reading.text(found.get("description"), cap=limits.CONTENT).replace("\n", "<br>"),
        "publishes": {"type": "Intent", "action": "transfer"},
    }
    price = _price(found)
    if price:
        listing["reciprocal"] = {"type": "Intent", "action": "transfer", "name": price}
    where = found.get("coordinates")
    if isinstance(where, dict):
        listing["location"] = {"type": "Place", "latitude": where.get("lat"), "longitude": where.get("lng")}
    return listing


def _asked(conditions: str) -> str:
    """The sum in the conditions when they name one in euros; what is free or "as you like" costs nothing there."""
    found = _EUROS.search(conditions)
    if found is None:
        return "0"
    whole = "".join(digit for digit in found[1] if digit.isdigit())
    return f"{whole}.{found[2]}" if found[2] else whole


def _price(listing: Object) -> str:
    """As it is written, with the currency where the text lacks it; '' for a gift and where nothing is said."""
    given = listing.get("price")
    amount = None if isinstance(given, str) else reading.decimal(given)
    text = reading.label(given, cap=LONGEST_CONDITIONS) if amount is None else plain_decimal(amount)
    numbers = [Decimal(f"{found[1]}.{found[2] or 0}") for found in _NUMBER.finditer(text)]
    if not text or (numbers and not any(numbers)):
        return ""
    currency = reading.label(listing.get("currency"), cap=10)
    return text if not currency or currency.casefold() in text.casefold() else f"{text} {currency}"
