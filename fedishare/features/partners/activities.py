"""The handshake of partners on the wire, both ways. Pure.

Source: WIRE.md "Instances": `Offer{object: Relationship{subject, relationship, object}}`, answered by `Accept` or
`Reject`, ended by `Undo` or `Reject`. The Offer is always embedded whole, with the id that its sender gave it.
"""

from typing import Any

from msgspec import Struct

from fedishare.federation.vocabulary import reading

COLLABORATES = "http://purl.org/vocab/relationship/collaboratesWith"

Object = dict[str, Any]


class Offer(Struct, frozen=True, kw_only=True):
    """What somebody is said to have offered: `subject` collaborates with `object`. `actor` is None where not told."""

    actor: str | None
    subject: str
    object: str


def offer(by: str, to: str, *, uri: str = "") -> Object:
    """Without an id when it is still to be given one."""
    named = {"id": uri} if uri else {}
    relationship = {"type": "Relationship", "subject": by, "relationship": COLLABORATES, "object": to}
    return {**named, "type": "Offer", "actor": by, "to": [to], "object": relationship}


def accept(offered: Object, *, by: str, to: str) -> Object:
    return {"type": "Accept", "actor": by, "to": [to], "object": offered}


def reject(offered: Object, *, by: str, to: str) -> Object:
    return {"type": "Reject", "actor": by, "to": [to], "object": offered}


def undo(offered: Object, *, by: str, to: str) -> Object:
    return {"type": "Undo", "actor": by, "to": [to], "object": offered}


def read_offer(document: Object | None) -> Offer | None:
    """An embedded Offer; None when it offers anything but to be partners."""
    told = document or {}
    found = read_relationship(told.get("object"))
    if reading.kind(told) != "Offer" or found is None:
        return None
    subject, other = found
    return Offer(actor=reading.first_id(told.get("actor")), subject=subject, object=other)


def read_relationship(document: object) -> tuple[str, str] | None:
    """Who collaborates with whom; None for any other relationship."""
    if not isinstance(document, dict) or reading.kind(document) != "Relationship":
        return None
    # One each: of several, another reader would take another.
    sides = (reading.ids(document.get("subject")), reading.ids(document.get("object")))
    if reading.ids(document.get("relationship")) != (COLLABORATES,) or any(len(side) != 1 for side in sides):
        return None
    return sides[0][0], sides[1][0]
