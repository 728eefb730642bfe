"""Pages that belong to no single feature: home and about."""

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from fedishare import __version__
from fedishare.features.people.first_run import is_set_up
from fedishare.features.proposals import words
from fedishare.features.proposals.model import ProposalCard, Purpose
from fedishare.features.proposals.store import COUNTED, Cursor, Wanted, count_open, open_proposals
from fedishare.federation.actors import store as actors
from fedishare.federation.following.model import Relation
from fedishare.federation.following.store import partners
from fedishare.foundation.db.access import Read
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.web.pages import page
from fedishare.foundation.web.sessions import viewer_id

SHOWN = 5
"""Of each kind on the home page; the rest is one link away."""


DRAWINGS = {
    "use": "repeat-2",
    "transfer": "gift",
    "deliverService": "hand-helping",
    "work": "users",
    "cite": "book-open",
}
"""What stands for a proposal without a photo, by its action."""


class Notice(Struct, frozen=True, kw_only=True):
    """A proposal as a row of a list."""

    path: str
    purpose: str
    kind: str
    drawing: str
    title: str
    language: str
    place: str
    conditions: str
    ends_at: Instant | None
    published_at: Instant
    owner: str
    home: str


class Column(Struct, frozen=True, kw_only=True):
    """Offers, or needs. `count` is exact up to `COUNTED`."""

    purpose: str
    notices: list[Notice]
    count: int
    more: bool


class HomePage(Struct, frozen=True, kw_only=True):
    offers: Column
    needs: Column


class NotYetPage(Struct, frozen=True, kw_only=True):
    """Before the site is set up there is nothing to say."""


class AboutPage(Struct, frozen=True, kw_only=True):
    summary: str
    uri: str
    partners: list[Relation]
    open: bool
    version: str


async def home(request: Request) -> Response:
    """GET /: what is offered and needed, newest first, and how to follow."""
    state, viewer, now = request.state, viewer_id(request), request.state.clock.now()
    if not await state.db.read(is_set_up):
        return page(request, "site/not_yet.html", NotYetPage(), indexed=False)
    return page(request, "site/home.html", await state.db.read(_home, viewer=viewer, now=now))


async def about(request: Request) -> Response:
    """GET /about: whose site this is, its partners, privacy, accessibility.."""
    state = request.state
    if not await state.db.read(is_set_up):
        return page(request, "site/not_yet.html", NotYetPage(), indexed=False)
    return page(request, "site/about.html", await state.db.read(_about, open_=state.here.open))


async def _home(read: Read, *, viewer: int, now: Instant) -> HomePage:
    return HomePage(
        offers=await _column(read, Purpose.OFFER, viewer=viewer, now=now),
        needs=await _column(read, Purpose.REQUEST, viewer=viewer, now=now),
    )


async def _column(read: Read, purpose: Purpose, *, viewer: int, now: Instant) -> Column:
    wanted = Wanted(purpose=purpose.value)
    cards = await open_proposals(read, wanted, viewer=viewer, now=now, before=Cursor(), size=SHOWN)
    count = await count_open(read, wanted, viewer=viewer, now=now)
    notices = [_notice(card) for card in cards]
    return Column(purpose=purpose.value, notices=notices, count=min(count, COUNTED - 1), more=count >= COUNTED)


def _notice(card: ProposalCard) -> Notice:
    return Notice(
        path=card.path,
        purpose=card.purpose,
        kind=words.kind(card.purpose, card.action),
        drawing=DRAWINGS.get(card.action, "package"),
        title=card.title,
        language=card.language,
        place=card.place_name,
        conditions=card.conditions,
        ends_at=card.ends_at,
        published_at=card.published_at,
        owner=card.owner_name,
        home="" if card.here else card.origin,
    )


async def _about(read: Read, *, open_: bool) -> AboutPage:
    association = await actors.association(read)
    return AboutPage(
        summary=association.summary,
        uri=association.uri,
        partners=await partners(read),
        open=open_,
        version=__version__,
    )
