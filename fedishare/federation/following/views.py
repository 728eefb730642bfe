"""Who follows somebody here, and whom they follow, as collections for other servers.

Only of those who want to be found; of others the collection counts and lists nobody (SECURITY 5, "Consent for being
found"). The pages for people: `features/people`.
"""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from fedishare.federation.actors.views import local_actor, not_for_servers
from fedishare.federation.following import store
from fedishare.federation.following.model import Relation
from fedishare.federation.vocabulary.collections import asked_page, collection, collection_page, cut
from fedishare.federation.vocabulary.context import with_context
from fedishare.foundation.db.access import Read
from fedishare.foundation.web.negotiation import activity_json

Listing = Callable[[Read, int, int, int], Awaitable[list[Relation]]]


async def followers(request: Request) -> Response:
    """GET /users/{name}/followers"""
    return await _listed(request, "followers", store.followers)


async def following(request: Request) -> Response:
    """GET /users/{name}/following"""
    return await _listed(request, "following", store.following)


async def _listed(request: Request, name: str, listing: Listing) -> Response:
    actor = await local_actor(request)
    refused = not_for_servers(request, actor)
    if refused is not None:
        return refused
    uri = f"{actor.uri}/{name}"
    page = asked_page(request.query_params.get("page"), request.query_params.get("before"))
    if page is None or not actor.discoverable:
        counts = await request.state.db.read(store.counts, actor.id)
        total = counts.followers if name == "followers" else counts.following
        return activity_json(with_context(collection(uri, total=total, listed=actor.discoverable)))
    found = await request.state.db.read(listing, actor.id, page.before, page.size + 1)
    shown, more = cut(found, page.size)
    items = [relation.uri for relation in shown]
    return activity_json(with_context(collection_page(uri, page, items, next_before=shown[-1].id if more else None)))
