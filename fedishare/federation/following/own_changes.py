"""Somebody here changes their profile, or leaves for good: the rows, and who is told."""

from fedishare.federation.actors import documents
from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.following import store
from fedishare.federation.following.actor_changes import forget
from fedishare.federation.outbox import send as outbox
from fedishare.federation.vocabulary.reading import PUBLIC
from fedishare.foundation.db.access import Tx
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.errors import Gone
from fedishare.foundation.values.here import Here


async def update_profile(
    tx: Tx,
    actor: Actor,
    *,
    display_name: str,
    summary: str,
    approves_followers: bool,
    discoverable: bool,
    indexable: bool,
    here: Here,
    now: Instant,
) -> Actor:
    """`summary` is sanitised HTML. The Update shows the same key as ever: Mastodon drops all followers of an actor
    whose key is missing (INTEROP D.14). Raises Gone."""
    changed = await actors.change_profile(
        tx,
        actor.id,
        display_name=display_name,
        summary=summary,
        approves_followers=approves_followers,
        discoverable=discoverable,
        indexable=indexable,
        now=now,
    )
    fresh = await actors.by_id(tx, actor.id)
    if not changed or fresh is None:
        raise Gone(actor.uri)
    shown = documents.document(fresh, await actors.keys_of(tx, actor.id), here)
    activity = {"type": "Update", "actor": actor.uri, "to": [PUBLIC], "cc": [actor.followers], "object": shown}
    await outbox.send(tx, activity, by=fresh, here=here, now=now)
    return fresh


async def leave(tx: Tx, actor: Actor, *, here: Here, now: Instant) -> None:
    """Every server ever heard of is told once; the key stays until they all have been (SECURITY 5, "Erasure")."""
    activity = {"type": "Delete", "actor": actor.uri, "to": [PUBLIC], "object": actor.uri}
    everywhere = await store.one_of_each_inbox(tx)
    await outbox.send(tx, activity, by=actor, here=here, now=now, also=everywhere)
    await forget(tx, actor.id, here=here, now=now)
