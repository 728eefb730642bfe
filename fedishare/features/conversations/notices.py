"""Telling people here that something happened: one row each, once, in the transaction of what happened.

Who is behind an actor: its person; the administrators where it is the association. No mails yet.
"""

from fedishare.features.conversations import store
from fedishare.features.conversations.model import Notice
from fedishare.federation.actors import store as actors
from fedishare.federation.policy import domains
from fedishare.federation.policy.domains import Verdict
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.here import Here


async def _is_limited(read: Read, actor_id: int, *, here: Here) -> bool:
    actor = await actors.by_id(read, actor_id)
    if actor is None or actor.local:
        return False
    return await domains.verdict_of(read, actor.uri, actor.domain, here=here) is not Verdict.ALLOW


async def notify(
    tx: Tx, actor_id: int, kind: Notice, *, of: int, object_id: int | None, here: Here, now: Instant
) -> None:
    """Whoever is behind `actor_id` hears that `of` did something. Nobody is told of what they did themselves, nor of
    what the limited do (WIRE "Instances"). What can be done and undone for ever is told once, until it was read."""
    if actor_id == of or await _is_limited(tx, of, here=here):
        return
    for person_id in await _behind(tx, actor_id):
        if object_id is None and await store.waits_unread_of(tx, person_id, kind, actor_id=of):
            continue
        await store.insert_notification(tx, person_id, kind, actor_id=of, object_id=object_id, here=here, now=now)


async def notify_once(tx: Tx, actor_id: int, kind: Notice, *, of: int, here: Here, now: Instant) -> None:
    """As `notify`, unless one of this kind waits to be read: it stands for all that come meanwhile. What is wrong here
    may be reported by the limited as well."""
    if kind is not Notice.REPORT and await _is_limited(tx, of, here=here):
        return
    for person_id in await _behind(tx, actor_id):
        if not await store.waits_unread(tx, person_id, kind):
            await store.insert_notification(tx, person_id, kind, actor_id=of, object_id=None, here=here, now=now)


async def _behind(read: Read, actor_id: int) -> list[int]:
    association = await actors.association(read)
    return await store.persons_behind(read, actor_id, for_admins=actor_id == association.id)
