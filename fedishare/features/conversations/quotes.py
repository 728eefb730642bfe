"""Somebody elsewhere wants to quote what was written here: everybody may quote what everybody may read.

Source: FEP-044f. The answer to a QuoteRequest is an Accept with the address of a QuoteAuthorization, which other
servers fetch to believe it; it is served as long as the quoted thing is. What we read of quotes by others: `wording`.
"""

import hashlib
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from fedishare.features.conversations import objects, store
from fedishare.features.conversations.model import POST, SAID, PostState, StoredObject
from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.actors.store import NOBODY_SIGNED_IN
from fedishare.federation.following import store as following
from fedishare.federation.inbox.handling import Outcome, Received
from fedishare.federation.outbox.send import send
from fedishare.federation.policy import circles
from fedishare.federation.vocabulary.context import with_context
from fedishare.federation.vocabulary.origins import same_origin
from fedishare.federation.vocabulary.parsing import parse
from fedishare.federation.vocabulary.reading import first_id
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.values.errors import Gone, NotFound
from fedishare.foundation.values.here import Here
from fedishare.foundation.web.negotiation import activity_json

AUTHORIZATION = "QuoteAuthorization"


async def answer(tx: Tx, received: Received, here: Here) -> Outcome:
    """QuoteRequest: Accept for what is public, Reject for what only some may read, and nothing where the one who asks
    may not even know that it is there."""
    by, quoting = received.actor, first_id(received.activity.raw.get("instrument"))
    quoted = await objects.object_by_uri(tx, received.activity.object_id or "")
    if quoted is None or quoted.kind not in SAID or quoted.deleted_at is not None or not here.owns(quoted.uri):
        return Outcome.dropped("what it wants to quote is not here")
    if not await _readable(tx, quoted, by):
        return Outcome.dropped("what it wants to quote is not for the one who asks")
    owner = (await actors.by_ids(tx, [quoted.owner_id]))[quoted.owner_id]
    if quoting is None or not same_origin(quoting, by.uri) or owner.deleted_at is not None:
        return Outcome.dropped("it does not say which post of its own would quote")
    public = quoted.circle_id == circles.PUBLIC and not await following.blocks(tx, owner.id, by.id)
    said = _answer(received, owner, quoting, kind="Accept" if public else "Reject")
    if public:
        said["result"] = await _authorize(tx, quoted, owner, quoting, received, here)
    await send(tx, said, by=owner, here=here, now=received.received_at, circle_id=circles.NOBODY)
    return Outcome.APPLIED


async def authorization_document(request: Request) -> Response:
    """GET /posts/{id}/quotes/{mark} and /proposals/{id}/quotes/{mark}: gone with what it lets quote."""
    asked = request.path_params
    found = await request.state.db.read(_authorization, asked["id"], asked["mark"])
    return activity_json(with_context(parse(found.json.encode())))


async def _authorization(read: Read, quoted_id: int, mark: str) -> StoredObject:
    """Raises NotFound, Gone."""
    quoted = await objects.object_seen(read, quoted_id, viewer=NOBODY_SIGNED_IN)
    found = await objects.object_by_uri(read, f"{quoted.uri}/quotes/{mark}") if quoted is not None else None
    if quoted is None or found is None or found.kind != AUTHORIZATION:
        raise NotFound(f"{quoted_id} {mark[:40]}")
    if quoted.deleted_at is not None:
        raise Gone(found.uri)
    return found


async def _readable(read: Read, quoted: StoredObject, by: Actor) -> bool:
    """An answer that waits for a steward is nobody's to quote."""
    post = await store.post_by_id(read, quoted.id) if quoted.kind == POST else None
    shown = post is None or post.state == PostState.SHOWN
    return shown and await circles.sees(read, quoted.circle_id, by.id)


async def _authorize(tx: Tx, quoted: StoredObject, owner: Actor, quoting: str, received: Received, here: Here) -> str:
    """One for each pair, however often it is asked for: its address is made of both."""
    mark = hashlib.sha256(quoting.encode()).hexdigest()[:32]
    uri = f"{quoted.uri}/quotes/{mark}"
    await objects.keep_object(
        tx,
        object_id=here.ids.new(received.received_at),
        uri=uri,
        kind=AUTHORIZATION,
        owner_id=owner.id,
        circle_id=circles.PUBLIC,
        document={
            "id": uri,
            "type": AUTHORIZATION,
            "attributedTo": owner.uri,
            "interactingObject": quoting,
            "interactionTarget": quoted.uri,
        },
        published_at=received.received_at,
        updated_at=received.received_at,
    )
    return uri


def _answer(received: Received, owner: Actor, quoting: str, *, kind: str) -> dict[str, Any]:
    asked = received.activity
    request = {"type": "QuoteRequest", "actor": asked.actor, "object": asked.object_id, "instrument": quoting}
    return {
        "type": kind,
        "actor": owner.uri,
        "to": [asked.actor],
        "object": {**({"id": asked.id} if asked.id else {}), **request},
    }
