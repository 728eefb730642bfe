"""Pages that belong to no single feature: home and about."""

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from fedishare import __version__
from fedishare.features.conversations.model import PostCard
from fedishare.features.conversations.stewards import acts_for
from fedishare.features.conversations.store import held_for
from fedishare.features.partners.model import Listed, State
from fedishare.features.partners.store import in_state
from fedishare.features.people.first_run import is_set_up
from fedishare.features.proposals.listing import Notice, notices
from fedishare.features.proposals.model import Purpose
from fedishare.features.proposals.store import COUNTED, Cursor, Wanted, count_open, open_proposals
from fedishare.federation.actors import store as actors
from fedishare.foundation.db.access import Read
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.web.pages import page
from fedishare.foundation.web.sessions import SignedIn

SHOWN = 5
"""Of each kind on the home page; the rest is one link away."""


class Column(Struct, frozen=True, kw_only=True):
    """Offers, or needs. `count` is exact up to `COUNTED`."""

    purpose: str
    notices: list[Notice]
    count: int
    more: bool


class HomePage(Struct, frozen=True, kw_only=True):
    """`held` are replies that wait for who is signed in."""

    held: list[PostCard]
    offers: Column
    needs: Column


class NotYetPage(Struct, frozen=True, kw_only=True):
    """Before the site is set up there is nothing to say."""


class AboutPage(Struct, frozen=True, kw_only=True):
    summary: str
    uri: str
    partners: list[Listed]
    open: bool
    version: str


async def home(request: Request) -> Response:
    """GET /: what is offered and needed, newest first, and how to follow."""
    state, now = request.state, request.state.clock.now()
    if not await state.db.read(is_set_up):
        return page(request, "site/not_yet.html", NotYetPage(), indexed=False)
    return page(request, "site/home.html", await state.db.read(_home, state.viewer, now=now))


async def about(request: Request) -> Response:
    """GET /about: whose site this is, its partners, privacy, accessibility.."""
    state = request.state
    if not await state.db.read(is_set_up):
        return page(request, "site/not_yet.html", NotYetPage(), indexed=False)
    return page(request, "site/about.html", await state.db.read(_about, open_=state.here.open))


async def _home(read: Read, person: SignedIn | None, *, now: Instant) -> HomePage:
    viewer = person.actor_id if person else 0
    return HomePage(
        held=[card for actor_id in await acts_for(read, person) for card in await held_for(read, actor_id)],
        offers=await _column(read, Purpose.OFFER, viewer=viewer, now=now),
        needs=await _column(read, Purpose.REQUEST, viewer=viewer, now=now),
    )


async def _column(read: Read, purpose: Purpose, *, viewer: int, now: Instant) -> Column:
    wanted = Wanted(purpose=purpose.value)
    cards = await open_proposals(read, wanted, viewer=viewer, now=now, before=Cursor(), size=SHOWN)
    count = await count_open(read, wanted, viewer=viewer, now=now)
    return Column(purpose=purpose.value, notices=notices(cards), count=min(count, COUNTED - 1), more=count >= COUNTED)


async def _about(read: Read, *, open_: bool) -> AboutPage:
    association = await actors.association(read)
    return AboutPage(
        summary=association.summary,
        uri=association.uri,
        partners=await in_state(read, State.PARTNER, association_id=association.id),
        open=open_,
        version=__version__,
    )
