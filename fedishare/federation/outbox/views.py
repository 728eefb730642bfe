"""What somebody here has said in public, read by other servers: the outbox, what is pinned, one activity by its id.

A Create shows its object as it is now, and nothing of one that was deleted: what `activity_out` keeps is what was sent
then. Sending: `send.py` and the loop.
"""

from typing import Any

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from fedishare.federation.actors import store as actors
from fedishare.federation.actors import urls
from fedishare.federation.actors.views import local_actor, not_for_servers
from fedishare.federation.policy.circles import ANYONE
from fedishare.federation.vocabulary.collections import (
    Page,
    asked_page,
    collection,
    collection_page,
    cut,
    inline_collection,
    tombstone,
)
from fedishare.federation.vocabulary.context import with_context
from fedishare.foundation.db.access import Read
from fedishare.foundation.db.queries import load
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.errors import NotFound
from fedishare.foundation.web.negotiation import activity_json, wants_activity

sql = load(__file__, "views.sql")


class Said(Struct, frozen=True, kw_only=True):
    """An activity of ours and, if it is a Create, its object as it stands now."""

    id: int
    uri: str
    type: str
    json: str
    object_json: str | None


class One(Struct, frozen=True, kw_only=True):
    """The same, asked for by its id."""

    uri: str
    type: str
    json: str
    actor_id: int
    object_json: str | None
    object_deleted_at: Instant | None


async def outbox(request: Request) -> Response:
    """GET /users/{name}/outbox"""
    actor = await local_actor(request)
    refused = not_for_servers(request, actor)
    if refused is not None:
        return refused
    uri = f"{actor.uri}/outbox"
    page = asked_page(request.query_params.get("page"), request.query_params.get("before"))
    if page is None:
        total = await request.state.db.read(_count_said_by, actor.id)
        return activity_json(with_context(collection(uri, total=total)))
    found = await request.state.db.read(_said_by, actor.id, page)
    shown, more = cut(found, page.size)
    items = [_shown(said.type, said.json, said.object_json) for said in shown]
    return activity_json(with_context(collection_page(uri, page, items, next_before=shown[-1].id if more else None)))


async def featured(request: Request) -> Response:
    """GET /users/{name}/featured: nobody here pins anything, and Mastodon reads the list on each look at a profile."""
    actor = await local_actor(request)
    if actor.featured is None:
        raise NotFound(actor.uri)
    return not_for_servers(request, actor) or activity_json(with_context(inline_collection(actor.featured, [])))


async def activity(request: Request) -> Response:
    """GET /activities/{number}"""
    uri = urls.activity_uri(request.state.here, request.path_params["number"])
    found = await request.state.db.read(_said, uri)
    if found is None:
        raise NotFound(uri)
    if not wants_activity(request):
        actor = await request.state.db.read(actors.by_id, found.actor_id)
        return RedirectResponse(actor.page_url, 302, headers={"Vary": "Accept"})
    if found.object_deleted_at is not None and found.type != "Delete":
        return activity_json(with_context(tombstone(uri, former_type=found.type)), 410)
    return activity_json(with_context(_shown(found.type, found.json, found.object_json)))


async def _said_by(read: Read, actor_id: int, page: Page) -> list[Said]:
    return await read.all(Said, sql.said_by, actor_id=actor_id, before=page.before, size=page.size + 1, viewer=ANYONE)


async def _count_said_by(read: Read, actor_id: int) -> int:
    return int(await read.value(sql.count_said_by, actor_id=actor_id, viewer=ANYONE))


async def _said(read: Read, uri: str) -> One | None:
    return await read.one(One, sql.said, uri=uri, viewer=ANYONE)


def _shown(kind: str, json: str, object_json: str | None) -> dict[str, Any]:
    said: dict[str, Any] = msgspec.json.decode(json)
    said.pop("@context", None)
    if kind == "Create" and object_json is not None:
        said["object"] = msgspec.json.decode(object_json)
        said["object"].pop("@context", None)
    return said
