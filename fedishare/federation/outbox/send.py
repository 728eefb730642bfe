"""Say something to the world: the activity and one delivery for each inbox, in the caller's transaction.

Source: WIRE.md "Inbox and outbox", SECURITY.md 3.3. Nothing is sent here: the loop in `loop.py` does that after the
commit, and nothing but the rows remembers what is to be done. Nobody is looked up elsewhere either: an actor that was
never fetched cannot be told, so whoever names one fetches it before.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.outbox import store
from fedishare.federation.policy import domains
from fedishare.federation.policy.domains import Verdict
from fedishare.federation.vocabulary.context import CONTEXT
from fedishare.federation.vocabulary.origins import host
from fedishare.federation.vocabulary.reading import first_id, ids, is_public
from fedishare.foundation.db.access import Tx
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.here import Here

_ABOUT_AN_ACTIVITY = frozenset({"Undo", "Accept", "Reject"})
_IN_SPITE_OF_BLOCKS = frozenset({"Block", "Delete", "Reject", "Undo"})
"""They end what was between two, or take back what the other has: these must arrive."""
_NEVER_SENT = frozenset({"bto", "bcc"})


async def send(
    tx: Tx,
    activity: dict[str, Any],
    *,
    by: Actor,
    here: Here,
    now: Instant,
    circle_id: int = 1,
    also: Sequence[str] = (),
    but_not: Sequence[str] = (),
    key_uri: str | None = None,
) -> str:
    """The id of what `by` says to everybody in its `to` and `cc`, and to `also` (actors, local followers collections),
    except to the inboxes of `but_not` (actors), whoever else reads there.

    An activity without an id gets one; `key_uri` signs it in place of their newest key. Who lives here is not written
    to; neither is who is blocked, nor anybody while this instance is closed. Raises ValueError when somebody speaks in
    another's name.
    """
    if activity["actor"] != by.uri:
        raise ValueError(f"{by.uri} cannot say what {activity['actor']} says")
    number = here.ids.new(now)
    uri: str = activity.get("id") or here.url(f"/activities/{number}")
    said = _as_sent(activity, uri)
    await store.keep_activity(
        tx,
        number=number,
        uri=uri,
        actor_id=by.id,
        kind=said["type"],
        object_uri=first_id(said.get("object")) or "",
        circle_id=circle_id,
        json=msgspec.json.encode(said).decode(),
        key_uri=key_uri,
        now=now,
    )
    if here.open:
        recipients = [*ids(said.get("to")), *ids(said.get("cc")), *also]
        left_out = await _inboxes_of(tx, but_not)
        inboxes = [
            inbox
            for inbox in await _inboxes(tx, recipients, by=by, kind=said["type"], here=here)
            if inbox not in left_out
        ]
        await _keep_deliveries(tx, number, inboxes, topic=_topic(said), here=here, now=now)
    return uri


def _as_sent(activity: dict[str, Any], uri: str) -> dict[str, Any]:
    said = {"@context": CONTEXT, "id": uri, **activity}
    return {name: value for name, value in said.items() if name not in _NEVER_SENT}


def _topic(said: dict[str, Any]) -> str:
    """What an inbox must hear about in our order: the object; for an Undo or an answer, that of what it is about."""
    about = said.get("object")
    if said["type"] in _ABOUT_AN_ACTIVITY and isinstance(about, dict):
        return first_id(about.get("object")) or first_id(about) or ""
    return first_id(about) or ""


async def _inboxes(tx: Tx, recipients: Sequence[str], *, by: Actor, kind: str, here: Here) -> list[str]:
    collections = [uri for uri in recipients if here.owns(uri)]
    to_many = bool(collections) or any(is_public(uri) for uri in recipients)
    found: dict[str, None] = {}
    for collection in dict.fromkeys(collections):
        found.update(dict.fromkeys(await store.inboxes_of_followers(tx, collection=collection)))
    for uri in await _spoken_with(tx, list(_elsewhere(recipients, here)), here=here):
        actor = await actors.by_uri(tx, uri)
        if actor is None or actor.deleted_at is not None or await _is_blocked(tx, actor, here=here):
            continue
        if not await _silenced(tx, by, actor, kind=kind):
            # What concerns few goes to their own inboxes: not every server sorts out its shared one by `to` alone.
            found[(actor.shared_inbox or actor.inbox) if to_many else actor.inbox] = None
    spoken_with = await _spoken_with(tx, [inbox for inbox in found if not here.owns(inbox)], here=here)
    return [inbox for inbox in spoken_with if not await store.inbox_gone(tx, inbox=inbox)]


async def _inboxes_of(tx: Tx, uris: Sequence[str]) -> set[str | None]:
    found = [await actors.by_uri(tx, uri) for uri in uris]
    return {inbox for actor in found if actor is not None for inbox in (actor.inbox, actor.shared_inbox)}


async def _spoken_with(tx: Tx, uris: Sequence[str], *, here: Here) -> list[str]:
    verdicts = await domains.verdicts(tx, uris, here=here)
    return [uri for uri in uris if verdicts[uri] is not Verdict.BLOCK]


async def _is_blocked(tx: Tx, actor: Actor, *, here: Here) -> bool:
    """By the domain of a handle that is not that of the id; what the id says was asked before."""
    if actor.domain == host(actor.uri):
        return False
    return await domains.verdict_of(tx, actor.uri, actor.domain, here=here) is Verdict.BLOCK


async def _silenced(tx: Tx, by: Actor, to: Actor, *, kind: str) -> bool:
    """Whether either has blocked the other: nothing new is said between the two."""
    return kind not in _IN_SPITE_OF_BLOCKS and await store.block_between(tx, one=by.id, other=to.id)


def _elsewhere(recipients: Sequence[str], here: Here) -> Iterator[str]:
    for uri in dict.fromkeys(recipients):
        if not is_public(uri) and not here.owns(uri):
            yield uri


async def _keep_deliveries(
    tx: Tx, activity_id: int, inboxes: Sequence[str], *, topic: str, here: Here, now: Instant
) -> None:
    if not inboxes:
        return
    await store.keep_deliveries(
        tx,
        [
            {
                "id": here.ids.new(now),
                "activity_id": activity_id,
                "host": host(inbox),
                "inbox": inbox,
                "topic": topic,
                "now": now,
            }
            for inbox in inboxes
        ],
    )
    tx.wake("deliveries")
