"""What other servers read here: a proposal as a Note and stand-alone, its thread, and collections of proposals.

An id answers ActivityPub alone; a browser is shown the way to the page. What is deleted is 410 for ever.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from fedishare.features.conversations import store as posts
from fedishare.features.proposals import activities, store
from fedishare.features.proposals.feed import atom
from fedishare.features.proposals.listing import asked, listing
from fedishare.features.proposals.model import Proposal
from fedishare.features.proposals.store import Cursor
from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.actors.views import local_actor, not_for_servers
from fedishare.federation.fetching.readers import FOR_THEM_ALONE, reader_id
from fedishare.federation.policy.circles import PUBLIC
from fedishare.federation.vocabulary.collections import Page, asked_page, collection, collection_page, cut, tombstone
from fedishare.federation.vocabulary.context import with_context
from fedishare.foundation.db.access import Read
from fedishare.foundation.text.translate import current_language
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.errors import Gone, NotFound
from fedishare.foundation.values.here import Here
from fedishare.foundation.web.negotiation import activity_json, wants_activity
from fedishare.foundation.web.sessions import viewer_id


class _Found(Struct, frozen=True):
    proposal: Proposal
    owner: Actor
    headers: Mapping[str, str]


async def note_document(request: Request) -> Response:
    """GET /proposals/{id}"""
    found = await _found(request, "Note")
    if isinstance(found, Response):
        return found
    said = activities.note(found.proposal, found.owner, request.state.here)
    return activity_json(with_context(said), headers=found.headers)


async def standalone_document(request: Request) -> Response:
    """GET /proposals/{id}/proposal"""
    found = await _found(request, "Proposal", suffix="/proposal")
    if isinstance(found, Response):
        return found
    said = activities.standalone(found.proposal, found.owner, request.state.here)
    return activity_json(with_context(said), headers=found.headers)


async def replies_document(request: Request) -> Response:
    """GET /proposals/{id}/replies: ids of what is shown under it, oldest first."""
    found = await _found(request, "Note")
    if isinstance(found, Response):
        return found
    uri = f"{found.proposal.uri}/replies"
    shown = [card.uri for card in await request.state.db.read(posts.shown_under, found.proposal.id, viewer=0)]
    first = {"id": f"{uri}?page=true", "type": "CollectionPage", "partOf": uri, "items": shown}
    said = {"id": uri, "type": "Collection", "totalItems": len(shown), "first": first}
    return activity_json(with_context(said), headers=found.headers)


async def context_document(request: Request) -> Response:
    """GET /proposals/{id}/context: the whole conversation, with the proposal first (FEP-7888)."""
    found = await _found(request, "Note")
    if isinstance(found, Response):
        return found
    shown = [card.uri for card in await request.state.db.read(posts.shown_under, found.proposal.id, viewer=0)]
    items = [found.proposal.uri, *shown]
    document = {
        "id": f"{found.proposal.uri}/context",
        "type": "OrderedCollection",
        "attributedTo": found.owner.uri,
        "totalItems": len(items),
        "orderedItems": items,
    }
    return activity_json(with_context(document), headers=found.headers)


async def proposals_collection(request: Request) -> Response:
    """GET /users/{name}/proposals: what is open, newest first, embedded. The association's has everybody's."""
    actor = await local_actor(request)
    refused = not_for_servers(request, actor)
    if refused is not None:
        return refused
    state, query = request.state, request.query_params
    wanted = asked_page(query.get("page"), query.get("before"))
    read = await state.db.read(_collection, actor, wanted, here=state.here, now=state.clock.now())
    return activity_json(with_context(read))


async def search_feed(request: Request) -> Response:
    """GET /search.atom: the first page of the same list."""
    state, wants = request.state, asked(request.query_params)
    found = await state.db.read(listing, wants, viewer=viewer_id(request), now=state.clock.now(), before=Cursor())
    feed = atom(found, site=state.site.name, here=state.here, language=current_language())
    return Response(feed, media_type="application/atom+xml", headers={"Vary": "Accept-Language, Cookie"})


async def _collection(read: Read, actor: Actor, wanted: Page | None, *, here: Here, now: Instant) -> dict[str, Any]:
    association = await actors.association(read)
    owner_id = None if actor.id == association.id else actor.id
    uri = actor.proposals or f"{actor.uri}/proposals"
    if wanted is None:
        total = await store.count_documents(read, owner_id=owner_id, now=now)
        return collection(uri, total=total) | {"attributedTo": actor.uri}
    found = await store.documents_of(
        read, owner_id=owner_id, viewer=0, now=now, before=wanted.before, size=wanted.size + 1
    )
    rows, goes_on = cut(found, wanted.size)
    owners = await actors.by_ids(read, {row.owner_id for row in rows})
    items = [activities.standalone(row, owners[row.owner_id], here) for row in rows]
    return collection_page(uri, wanted, items, next_before=rows[-1].id if goes_on else None)


async def _found(request: Request, former_type: str, *, suffix: str = "") -> _Found | Response:
    """The proposal for a server, or the answer for whoever asks for something else. Raises NotFound, Gone."""
    state, number = request.state, request.path_params["id"]
    proposal = await state.db.read(store.proposal_seen, number, viewer=viewer_id(request))
    if proposal is None and (reader := await reader_id(request)):
        proposal = await state.db.read(store.proposal_seen, number, viewer=reader)
    if proposal is None:
        raise NotFound(f"no proposal {number}")
    if not wants_activity(request):
        if proposal.deleted_at is not None:
            raise Gone(proposal.uri)
        return RedirectResponse(await _page_here(request, proposal), 302, headers={"Vary": "Accept"})
    if not proposal.here:
        raise NotFound(f"proposal {number} lives elsewhere")
    headers = {} if proposal.circle_id == PUBLIC else FOR_THEM_ALONE
    if proposal.deleted_at is not None:
        gone = tombstone(proposal.uri + suffix, former_type=former_type)
        return activity_json(with_context(gone), 410, headers)
    owner = (await state.db.read(actors.by_ids, [proposal.owner_id]))[proposal.owner_id]
    return _Found(proposal, owner, headers)


async def _page_here(request: Request, proposal: Proposal) -> str:
    """Remote ones have a page here too, where members answer them."""
    owner = (await request.state.db.read(actors.by_ids, [proposal.owner_id]))[proposal.owner_id]
    return f"/@{owner.name if owner.local else owner.handle}/{proposal.id}"
