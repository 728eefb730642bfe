"""Le Hangar, an association elsewhere that speaks as we do: what it offers, and its collection of offers."""

from typing import Any

from fedishare.features.proposals import store
from fedishare.features.proposals.model import ProposalCard
from fedishare.features.proposals.store import Cursor, Wanted
from fedishare.federation.vocabulary.reading import PUBLIC
from tests.features.town import Town
from tests.remote import Person, Server

Json = dict[str, Any]


def association(server: Server) -> Json:
    uri = server.url("/users/hangar")
    return {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": uri,
        "type": "Organization",
        "preferredUsername": "hangar",
        "name": "Le Hangar",
        "inbox": f"{uri}/inbox",
        "outbox": f"{uri}/outbox",
        "followers": f"{uri}/followers",
        "proposals": f"{uri}/proposals",
        "url": server.url("/@hangar"),
        "generator": {"type": "Application", "implements": [{"href": "https://w3id.org/fep/0837", "name": "FEP-0837"}]},
    }


def bike(author: Person, number: int = 1, **changed: Any) -> Json:
    uri = author.server.url(f"/proposals/{number}")
    return {
        "id": uri,
        "type": "Note",
        "attributedTo": author.uri,
        "content": "<p><strong>Vélo cargo</strong></p><p>Deux enfants y tiennent.</p>",
        "published": "2026-11-23T11:00:00Z",
        "to": [PUBLIC],
        "cc": [f"{author.uri}/followers"],
        "purpose": "offer",
        "publishes": {"type": "Intent", "id": f"{uri}#primary", "action": "use"},
        **changed,
    }


async def known(town: Town, *, viewer: int = 0) -> list[ProposalCard]:
    return await town.db.read(store.open_proposals, Wanted(), viewer=viewer, now=town.now, before=Cursor(), size=500)


def pages_of_their_offers(hangar: Person, *, count: int, size: int) -> None:
    uri = hangar.document["proposals"]
    numbers = list(range(count))
    starts = range(0, count, size)
    for index, start in enumerate(starts, start=1):
        items = [bike(hangar, 100 + number) for number in numbers[start : start + size]]
        following = f"{uri}?page={index + 1}" if index < len(starts) else None
        hangar.server.serve(f"/users/hangar/proposals?page={index}", page(f"{uri}?page={index}", items, following))
    collection = {"id": uri, "type": "OrderedCollection", "totalItems": count, "first": f"{uri}?page=1"}
    hangar.server.serve("/users/hangar/proposals", {"@context": "https://www.w3.org/ns/activitystreams", **collection})


def page(uri: str, items: list[Any], following: str | None = None) -> Json:
    return {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": uri,
        "type": "OrderedCollectionPage",
        "orderedItems": items,
        **({"next": following} if following else {}),
    }
