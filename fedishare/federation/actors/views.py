"""The doors through which other servers find somebody here: actor documents, WebFinger, host-meta, NodeInfo.

An id answers ActivityPub alone; a browser that knocks there is shown the way to the page (WIRE "Actors and URLs").
"""

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from fedishare.federation.actors import documents, nodeinfo, store, urls, webfinger
from fedishare.federation.actors.model import Actor
from fedishare.federation.vocabulary.context import with_context
from fedishare.foundation.values.errors import Gone, NotFound, Refusal
from fedishare.foundation.web.negotiation import activity_json, wants_activity

OPEN_TO_ALL = {"Access-Control-Allow-Origin": "*"}
"""Programs in browsers read these (INTEROP A.1, A.2): they say nothing that depends on who asks."""

SIGNER = "fedishare.signer"
"""Where a request carries the actor who signed it, once that is proved (`fetching/readers.py`)."""

A_DAY_OR_THREE = {**OPEN_TO_ALL, "Cache-Control": "public, max-age=259200"}
AN_HOUR = {**OPEN_TO_ALL, "Cache-Control": "public, max-age=3600"}


async def actor_document(request: Request) -> Response:
    """GET /users/{name}. Nobody needs a signature for it, least of all for the instance's own: two servers that both
    wanted one would wait for each other (INTEROP A.5). Where signatures are wanted, who does not sign gets a stub."""
    actor = await local_actor(request)
    refused = not_for_servers(request, actor)
    if refused is not None:
        return refused
    here, db = request.state.here, request.state.db
    if here.signed_only and actor.kind != "Application" and SIGNER not in request.scope:
        return activity_json(await db.read(documents.stub_bytes, actor))
    return activity_json(await db.read(documents.document_bytes, actor, here))


async def actor_alias(request: Request) -> Response:
    """GET /actor: where others have their instance actor."""
    return RedirectResponse(urls.instance_uri(request.state.here), 301)


async def local_actor(request: Request) -> Actor:
    """Whom `{name}` in the path means, also after the end. Raises NotFound."""
    name: str = request.path_params["name"]
    if name == urls.INSTANCE:
        instance: Actor = await request.state.db.read(store.instance_actor)
        return instance
    actor: Actor | None = await request.state.db.read(store.local_by_name, name)
    if actor is None or actor.uri != urls.actor_uri(request.state.here, name):
        raise NotFound(name)
    return actor


def not_for_servers(request: Request, actor: Actor) -> Response | None:
    """The way to the page for a browser; for servers 410 and a tombstone, for ever, in place of who is gone.

    None when a server asks for somebody who is here. Raises Gone for a browser.
    """
    if actor.deleted_at is not None:
        if wants_activity(request):
            return activity_json(with_context(documents.gone(actor)), 410)
        raise Gone(actor.uri)
    return None if wants_activity(request) else RedirectResponse(actor.page_url, 302, headers={"Vary": "Accept"})


async def webfinger_document(request: Request) -> Response:
    """GET /.well-known/webfinger?resource=acct:name@domain"""
    resources = request.query_params.getlist("resource")
    if len(resources) != 1:
        return Response(status_code=400, headers=OPEN_TO_ALL)
    try:
        actor = await request.state.db.read(webfinger.find, resources[0], request.state.here)
    except Refusal as refusal:
        # Programs ask here, in browsers too: the status is the whole answer, and a page would lack the open door.
        return Response(status_code=refusal.status, headers=OPEN_TO_ALL)
    body = msgspec.json.encode(webfinger.jrd(actor))
    return Response(body, headers=A_DAY_OR_THREE, media_type="application/jrd+json")


async def host_meta(request: Request) -> Response:
    """GET /.well-known/host-meta: XML for everybody but those who ask for JSON by its name (INTEROP A.2)."""
    if request.headers.get("accept", "").split(";")[0].strip() == "application/json":
        return await host_meta_json(request)
    xml = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">'
        f'<Link rel="lrdd" template="{_lookup(request)}"/></XRD>\n'
    )
    return Response(xml, headers={**A_DAY_OR_THREE, "Vary": "Accept"}, media_type="application/xrd+xml; charset=utf-8")


async def host_meta_json(request: Request) -> Response:
    """GET /.well-known/host-meta.json"""
    body = msgspec.json.encode({"links": [{"rel": "lrdd", "template": _lookup(request)}]})
    return Response(body, headers={**A_DAY_OR_THREE, "Vary": "Accept"}, media_type="application/json")


def _lookup(request: Request) -> str:
    lookup: str = request.state.here.url("/.well-known/webfinger?resource={uri}")
    return lookup


async def nodeinfo_links(request: Request) -> Response:
    """GET /.well-known/nodeinfo"""
    body = msgspec.json.encode(nodeinfo.links(request.state.here))
    return Response(body, headers=A_DAY_OR_THREE, media_type="application/json")


async def nodeinfo_document(request: Request) -> Response:
    """GET /nodeinfo/2.0 and /nodeinfo/2.1"""
    version = request.path_params["version"]
    if version not in nodeinfo.VERSIONS:
        raise NotFound(version)
    found = await request.state.db.read(nodeinfo.document, version, request.state.here)
    return Response(msgspec.json.encode(found), headers=AN_HOUR, media_type=nodeinfo.content_type(version))
