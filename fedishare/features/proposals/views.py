"""Pages about proposals that exist: one of them with its thread, lists, a profile, one's own. No form but the reply.

Publishing and changing are `editing.py`; documents for other servers are `documents.py`.
"""

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from fedishare.features.conversations import store as posts
from fedishare.features.conversations.model import PostCard, Thread
from fedishare.features.conversations.stewards import acts_for
from fedishare.features.conversations.views import page_key, post_page
from fedishare.features.people.profile import ProfileHeader, header_of
from fedishare.features.proposals import listing, store, words
from fedishare.features.proposals.listing import Listing, Notice
from fedishare.features.proposals.model import PAGE_SIZE, Action, Proposal, State
from fedishare.features.proposals.store import COUNTED, Cursor, Wanted
from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.vocabulary.collections import NEWEST, cut
from fedishare.foundation.db.access import Read
from fedishare.foundation.text.translate import N_
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.errors import Gone, NotFound
from fedishare.foundation.web.negotiation import wants_activity
from fedishare.foundation.web.pages import page
from fedishare.foundation.web.sessions import SignedIn, signed_in, viewer_id

ACTIONS = {
    Action.USE: N_("Lend"),
    Action.TRANSFER: N_("Give"),
    Action.DELIVER_SERVICE: N_("Help out"),
    Action.WORK: N_("Give time"),
    Action.CITE: N_("Pass on"),
}


class ProposalPage(Struct, frozen=True, kw_only=True):
    """`home` is the server of a remote one. `held` waits for the reader, who answers for it."""

    proposal: Proposal
    owner: Actor
    kind: str
    quantity: str
    home: str
    is_open: bool
    thread: Thread
    first: bool
    held: list[PostCard]
    acts_for: list[int]
    may_change: bool
    likes: int
    announces: int


class SearchPage(Struct, frozen=True, kw_only=True):
    """`total` counts to 200; one more means "plus de 200"."""

    listing: Listing
    total: int
    actions: tuple[tuple[str, str], ...] = tuple((action.value, said) for action, said in ACTIONS.items())
    next: str

    @property
    def many(self) -> bool:
        return self.total >= COUNTED


class ProfilePage(Struct, frozen=True, kw_only=True):
    header: ProfileHeader
    notices: list[Notice]
    next: str
    first: bool


class ListingsPage(Struct, frozen=True, kw_only=True):
    notices: list[Notice]
    next: str
    first: bool


async def proposal_page(request: Request) -> Response:
    """GET /@{name}/{id}: a proposal, ours or another's, or a post of somebody here. `before`: earlier answers."""
    state, number = request.state, request.path_params["id"]
    before = page_key(request.query_params.get("before", ""))
    view = await state.db.read(_proposal, number, viewer=state.viewer, now=state.clock.now(), before=before)
    if view is None:
        return await _post(request, number)
    if wants_activity(request) and view.proposal.here:
        return RedirectResponse(view.proposal.uri, 302, headers={"Vary": "Accept"})
    if request.path_params["name"].lower() != _path_name(view.owner).lower():
        return RedirectResponse(f"/@{_path_name(view.owner)}/{number}", 302)
    indexed = view.proposal.here and view.owner.indexable
    return page(request, "proposals/proposal.html", view, alternate=view.proposal.uri, indexed=indexed)


async def answered_page(request: Request) -> Response:
    """The page again, when a reply was refused."""
    state, number = request.state, request.path_params["id"]
    view = await state.db.read(_proposal, number, viewer=state.viewer, now=state.clock.now())
    if view is None:
        raise NotFound
    return page(request, "proposals/proposal.html", view, alternate=view.proposal.uri, indexed=False)


async def search_page(request: Request) -> Response:
    """GET /search: what is open, newest first."""
    view = await _search(request)
    return page(request, "proposals/search.html", view)


async def profile_page(request: Request) -> Response:
    """GET /@{name}: who they are and what they offer and need. Of the association: everything from here."""
    state, name = request.state, request.path_params["name"]
    if "@" in name:
        return await _remote_profile(request, name)
    header = await state.db.read(header_of, name)
    if wants_activity(request):
        return RedirectResponse(header.uri, 302, headers={"Vary": "Accept"})
    before = Cursor.parse(request.query_params.get("before", ""))
    wanted = Wanted(ours=True) if header.is_association else Wanted(owner_id=header.actor_id)
    now = state.clock.now()
    rows = await state.db.read(store.open_proposals, wanted, viewer=viewer_id(request), now=now, before=before)
    following = f"?before={store.next_cursor(rows[PAGE_SIZE - 1])}" if len(rows) > PAGE_SIZE else ""
    view = ProfilePage(
        header=header, notices=listing.notices(rows[:PAGE_SIZE]), next=following, first=before == Cursor()
    )
    return page(request, "proposals/profile.html", view, alternate=header.uri, indexed=header.indexable)


async def listings_page(request: Request) -> Response:
    """GET /settings/listings: one's own, and the association's for those who act in its name."""
    viewer, text = signed_in(request), request.query_params.get("before", "")
    before = min(int(text), NEWEST) if text.isascii() and text.isdecimal() and len(text) < 20 else NEWEST
    acting = await request.state.db.read(acts_for, viewer)
    or_of = acting[1] if len(acting) > 1 else 0
    found = await request.state.db.read(store.listings_of, viewer.actor_id, or_of=or_of, before=before)
    rows, goes_on = cut(found, PAGE_SIZE)
    following = f"?before={rows[-1].id}" if goes_on else ""
    view = ListingsPage(notices=listing.notices(list(rows)), next=following, first=before == NEWEST)
    return page(request, "proposals/listings.html", view, indexed=False)


async def _search(request: Request) -> SearchPage:
    state, viewer, now = request.state, viewer_id(request), request.state.clock.now()
    asked = listing.asked(request.query_params)
    before = Cursor.parse(request.query_params.get("before", ""))
    found = await state.db.read(listing.listing, asked, viewer=viewer, now=now, before=before)
    return SearchPage(
        listing=found,
        total=await listing.total(state.db, state.moment, asked, viewer=viewer, now=now),
        next=f"/search{asked.query(before=found.next)}" if found.next else "",
    )


async def _proposal(
    read: Read, number: int, *, viewer: SignedIn | None, now: Instant, before: int = NEWEST
) -> ProposalPage | None:
    """None when it is no proposal. Raises Gone for one that was deleted."""
    reader = viewer.actor_id if viewer else 0
    proposal = await store.proposal_seen(read, number, viewer=reader)
    if proposal is None:
        return None
    if proposal.deleted_at is not None:
        raise Gone(proposal.uri)
    acting = await acts_for(read, viewer)
    steward = proposal.owner_id in acting
    held = await posts.held_for(read, proposal.owner_id) if steward else []
    reactions = await posts.count_reactions(read, proposal.uri)
    mine = proposal.owner_id in acting or proposal.author_id in acting
    return ProposalPage(
        proposal=proposal,
        owner=(await actors.by_ids(read, [proposal.owner_id]))[proposal.owner_id],
        kind=words.kind(proposal.purpose, proposal.action),
        quantity=words.quantity(proposal.quantity, proposal.unit),
        home="" if proposal.here else proposal.origin,
        is_open=proposal.open_at(now),
        thread=await posts.thread_under(read, number, viewer=reader, before=before),
        first=before == NEWEST,
        held=[card for card in held if card.proposal_id == number],
        acts_for=acting,
        may_change=proposal.here and mine and proposal.state == State.OPEN,
        likes=reactions.get("like", 0),
        announces=reactions.get("announce", 0),
    )


async def _post(request: Request, number: int) -> Response:
    post = await request.state.db.read(posts.post_card, number, viewer=viewer_id(request))
    if post is None or (post.state != "shown" and post.author_id != viewer_id(request)):
        raise NotFound(f"nothing is numbered {number}")
    if post.proposal_id is not None and post.state == "shown":
        return RedirectResponse(f"/proposals/{post.proposal_id}#post-{post.id}", 302)
    return await post_page(request, post)


async def _remote_profile(request: Request, handle: str) -> Response:
    """Somebody elsewhere: their page is at home."""
    name, _at, domain = handle.partition("@")
    actor = await request.state.db.read(actors.by_handle, name, domain)
    if actor is None:
        raise NotFound(handle)
    return RedirectResponse(actor.page_url, 302)


def _path_name(owner: Actor) -> str:
    return owner.name if owner.local else owner.handle
