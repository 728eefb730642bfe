"""Proposals in the database, ours and others'. Nothing is decided here."""

from collections.abc import Mapping, Sequence
from enum import Enum

import msgspec
from msgspec import Struct

from fedishare.features.proposals.model import PAGE_SIZE, Photo, Proposal, ProposalCard
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.db.queries import load
from fedishare.foundation.values.clock import DAY, Instant, later
from fedishare.foundation.values.errors import Conflict
from fedishare.foundation.values.ids import first_id_at

sql = load(__file__)

COUNTED = 201
"""Lists count exactly to 200 (HOUSE "Lists")."""

ALL_PAGE = 500

MOST_READERS = 500
"""Servers of listings that are told one by one."""

_FIRST = (2**62, 2**62)


class Cursor(Struct, frozen=True):
    """Where a page begins: below this time and number."""

    at: int = _FIRST[0]
    id: int = _FIRST[1]

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """The first page for anything that is no cursor."""
        at, _, number = text.partition("-")
        plain = text.isascii() and at.isdecimal() and number.isdecimal() and len(text) < 40
        if plain and max(int(at), int(number)) <= _FIRST[0]:
            return cls(int(at), int(number))
        return cls()

    def __str__(self) -> str:
        return f"{self.at}-{self.id}"


class Wanted(Struct, frozen=True, kw_only=True):
    """What a list is narrowed to; None leaves a filter out. `ours`: this instance's alone; `partners_of` is the circle
    of partners."""

    purpose: str | None = None
    action: str | None = None
    category: str | None = None
    place: str | None = None
    owner_id: int | None = None
    ours: bool = False
    partners_of: int | None = None


async def proposal_by_id(read: Read, proposal_id: int) -> Proposal | None:
    return await read.one(Proposal, sql.proposal_by_id, id=proposal_id)


async def proposal_seen(read: Read, proposal_id: int, *, viewer: int) -> Proposal | None:
    """None when there is none, or it is not for this reader."""
    return await read.one(Proposal, sql.proposal_seen, id=proposal_id, viewer=viewer)


async def proposal_by_uri(read: Read, uri: str) -> Proposal | None:
    """By its id, or the address of its page."""
    return await read.one(Proposal, sql.proposal_by_uri, uri=uri)


async def all_proposals(
    read: Read, *, home: str | None, partners_of: int | None, state: str | None, before: Cursor
) -> list[ProposalCard]:
    """Whatever is known, closed ones too: `ALL_PAGE` at a time."""
    query = sql.all_proposals.filtered(home=home, partners_of=partners_of, state=state)
    given = _given({"home": home, "partners_of": partners_of, "state": state})
    return await read.all(ProposalCard, query, before_at=before.at, before_id=before.id, size=ALL_PAGE, **given)


async def insert_proposal(tx: Tx, proposal: Proposal) -> None:
    values = _columns(proposal)
    del values["deleted_at"]
    await tx.keep(sql.insert_proposal, **values)


async def narrow_proposal(tx: Tx, proposal_id: int, *, circle_id: int) -> None:
    await tx.run(sql.narrow_proposal, id=proposal_id, circle_id=circle_id)


async def change_proposal(tx: Tx, proposal: Proposal, *, former_at: Instant) -> None:
    """Raises Conflict when it was changed or deleted since it was read as of `former_at`."""
    fixed = {"uri", "origin", "owner_id", "author_id", "circle_id", "live", "published_at", "sent_at", "deleted_at"}
    values = {name: value for name, value in _columns(proposal).items() if name not in fixed}
    if await tx.run(sql.change_proposal, former_at=former_at, **values) == 0:
        raise Conflict(f"proposal {proposal.id}")


async def mark_sent(tx: Tx, proposal_id: int, *, sent_at: Instant) -> None:
    await tx.run(sql.mark_sent, id=proposal_id, sent_at=sent_at)


async def delete_proposal(tx: Tx, proposal_id: int, *, now: Instant) -> None:
    await tx.run(sql.delete_proposal, id=proposal_id, now=now)
    await keep_photos(tx, proposal_id, [])


async def delete_proposals_of(tx: Tx, owner_id: int, *, now: Instant) -> None:
    await tx.run(sql.delete_proposals_of, owner_id=owner_id, now=now)
    await tx.run(sql.delete_photos_of, owner_id=owner_id)


async def keep_photos(tx: Tx, proposal_id: int, photos: Sequence[Photo]) -> None:
    """These and no others."""
    await tx.run(sql.delete_photos, id=proposal_id)
    await add_photos(tx, proposal_id, photos)


async def add_photos(tx: Tx, proposal_id: int, photos: Sequence[Photo]) -> None:
    """Of a new one."""
    for at, photo in enumerate(photos):
        await tx.keep(sql.insert_photo, proposal_id=proposal_id, position=at, **_columns(photo))


async def photos_of(read: Read, proposal_id: int) -> list[Photo]:
    return await read.all(Photo, sql.photos_of, id=proposal_id)


async def open_proposals(
    read: Read, wanted: Wanted, *, viewer: int, now: Instant, before: Cursor, size: int = PAGE_SIZE + 1
) -> list[ProposalCard]:
    """One page and one more, newest first: the one more tells that there is another page."""
    query = sql.open_proposals.filtered(
        purpose=wanted.purpose,
        action=wanted.action,
        category=wanted.category,
        place=wanted.place,
        owner_id=wanted.owner_id,
        ours=wanted.ours or None,
        partners_of=wanted.partners_of,
    )
    values = {"viewer": viewer, "now": now, "before_at": before.at, "before_id": before.id, "size": size}
    return await read.all(ProposalCard, query, **values, **_given(msgspec.structs.asdict(wanted)))


async def count_open(read: Read, wanted: Wanted, *, viewer: int, now: Instant) -> int:
    """At most `COUNTED`, which means more than 200."""
    query = sql.count_open.filtered(
        purpose=wanted.purpose,
        action=wanted.action,
        category=wanted.category,
        place=wanted.place,
        owner_id=wanted.owner_id,
        ours=wanted.ours or None,
        partners_of=wanted.partners_of,
    )
    above = Cursor()
    values = {"viewer": viewer, "now": now, "before_at": above.at, "before_id": above.id, "most": COUNTED}
    return int(await read.value(query, **values, **_given(msgspec.structs.asdict(wanted))))


async def listings_of(read: Read, actor_id: int, *, or_of: int, before: int) -> list[ProposalCard]:
    """What one wrote or published, and what `or_of` did; 0 for nobody else. One page and one more."""
    return await read.all(
        ProposalCard, sql.listings_of, actor_id=actor_id, other_id=or_of, before=before, size=PAGE_SIZE + 1
    )


async def documents_of(
    read: Read, *, owner_id: int | None, viewer: int, now: Instant, before: int, size: int
) -> list[Proposal]:
    """Open proposals of one actor here; of everybody here for None."""
    query = sql.documents_of.filtered(owner_id=owner_id)
    given = _given({"owner_id": owner_id})
    return await read.all(Proposal, query, viewer=viewer, now=now, before=before, size=size, **given)


async def count_documents(read: Read, *, owner_id: int | None, now: Instant) -> int:
    query = sql.count_documents.filtered(owner_id=owner_id)
    return int(await read.value(query, now=now, **_given({"owner_id": owner_id})))


async def listing_readers(read: Read) -> list[str]:
    """Ids of those who follow this instance as flohmarkt does."""
    return [row[0] for row in await read.all(tuple, sql.listing_readers, size=MOST_READERS)]


async def server_is_heard(read: Read, domain: str) -> bool:
    """Whether somebody here follows the instance's actor of a flohmarkt: its members send us what they offer."""
    return await read.value(sql.server_is_heard, domain=domain) is not None


async def updates_since(read: Read, proposal: Proposal, *, now: Instant) -> int:
    """Changes told to others within the last day."""
    first_id = first_id_at(later(now, -DAY))
    return int(await read.value(sql.updates_since, actor_id=proposal.owner_id, first_id=first_id, uri=proposal.uri))


async def keep_listed(tx: Tx, *, owner_id: int, purpose: str, listed: Sequence[str]) -> None:
    """What was read from a list that is their owner's only word about them is open while it stands there."""
    given = {"owner_id": owner_id, "purpose": purpose, "listed": msgspec.json.encode(listed).decode()}
    await tx.run(sql.close_unlisted, **given)
    await tx.run(sql.open_listed, **given)


async def expire_proposal(tx: Tx, proposal_id: int, *, now: Instant) -> bool:
    """False when its end was moved, or it was closed before."""
    return await tx.run(sql.expire_proposal, id=proposal_id, now=now) == 1


def next_cursor(card: ProposalCard) -> Cursor:
    """Where the page after this one begins."""
    return Cursor(card.published_at, card.id)


def _given(filters: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in filters.items() if value is not None}


def _columns(row: Struct) -> dict[str, object]:
    """Enums as the texts they are: engines do not know them."""
    values = msgspec.structs.asdict(row)
    return {name: str(value) if isinstance(value, Enum) else value for name, value in values.items()}
