"""One page of a list of proposals, as every door shows it: the site's home, `/search`, a profile, the feed.

What the address asks for is read here; where a list lives and how it looks is not known.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

from msgspec import Struct

from fedishare.features.proposals import places, store, words
from fedishare.features.proposals.model import HERE, PAGE_SIZE, Action, ProposalCard, Purpose
from fedishare.features.proposals.store import Cursor, Wanted
from fedishare.federation.policy.circles import PARTNERS
from fedishare.foundation.db.access import Read
from fedishare.foundation.db.database import Database
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.web.standing import Moment

ORIGINS = ("all", HERE, "partners")


class Notice(Struct, frozen=True, kw_only=True):
    """A row: the proposal, and what is said of it in the current language; put into words only when it is drawn."""

    card: ProposalCard

    @property
    def id(self) -> int:
        return self.card.id

    @property
    def kind(self) -> str:
        return words.kind(self.card.purpose, self.card.action)

    @property
    def quantity(self) -> str:
        """'' for one."""
        return words.quantity(self.card.quantity, self.card.unit)

    @property
    def home(self) -> str:
        """The server it comes from; '' for ours."""
        return "" if self.card.here else self.card.origin


class Asked(Struct, frozen=True, kw_only=True):
    """What a list's address asks for: texts that may stand in it, each checked; '' leaves a filter out."""

    purpose: str = ""
    action: str = ""
    category: str = ""
    place: str = ""
    origin: str = ""

    def query(self, **changed: str) -> str:
        """The same address with some of it changed; no `?` when nothing is asked."""
        kept = {name: getattr(self, name) for name in self.__struct_fields__} | changed
        text = urlencode({name: value for name, value in kept.items() if value})
        return f"?{text}" if text else ""


class Listing(Struct, frozen=True, kw_only=True):
    """A page of a list. `next` is '' on the last page."""

    asked: Asked
    notices: list[Notice]
    next: str
    first: bool


def asked(query: Mapping[str, str]) -> Asked:
    """What makes no sense in an address counts as not asked."""
    purpose = query.get("purpose", "")
    action = query.get("action", "")
    origin = query.get("origin", "")
    return Asked(
        purpose=purpose if purpose in set(Purpose) else "",
        action=action if action in set(Action) else "",
        category=query.get("category", "").strip().lower()[:100],
        place=_place(query.get("place", "").strip()[:100]),
        origin=origin if origin in ORIGINS and origin != "all" else "",
    )


async def listing(read: Read, wants: Asked, *, viewer: int, now: Instant, before: Cursor) -> Listing:
    rows = await store.open_proposals(read, wanted_by(wants), viewer=viewer, now=now, before=before)
    shown = rows[:PAGE_SIZE]
    return Listing(
        asked=wants,
        notices=notices(shown),
        next=str(store.next_cursor(shown[-1])) if len(rows) > PAGE_SIZE else "",
        first=before == Cursor(),
    )


async def total(db: Database, moment: Moment, wants: Asked, *, viewer: int, now: Instant) -> int:
    """How many there are for this reader; counts to 200, one more means "plus de 200"."""
    wanted = wanted_by(wants)
    key = ("total", viewer, wants)
    return await moment.once(key, db.read, store.count_open, wanted, viewer=viewer, now=now)


def wanted_by(wants: Asked) -> Wanted:
    partners = wants.origin == "partners"
    return Wanted(
        purpose=wants.purpose or None,
        action=wants.action or None,
        category=wants.category or None,
        place=wants.place or None,
        ours=wants.origin == HERE,
        partners_of=PARTNERS if partners else None,
    )


def _place(text: str) -> str:
    """The commune's own spelling where it is one that we know."""
    found = places.find(text)
    return found[0].name if found else text


def notices(cards: list[ProposalCard]) -> list[Notice]:
    return [Notice(card=card) for card in cards]
