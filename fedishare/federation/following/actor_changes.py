"""Somebody elsewhere changed their profile, or is gone for good. Only they themselves may say so."""

from fedishare.federation.actors import store as actors
from fedishare.federation.following import bonds, store
from fedishare.federation.following.model import ActorGone, State
from fedishare.federation.inbox.handling import Outcome, Received
from fedishare.federation.policy import circles
from fedishare.federation.vocabulary.actor import read_actor
from fedishare.foundation.db.access import Tx
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.errors import Malformed
from fedishare.foundation.values.here import Here


async def receive_update(tx: Tx, received: Received, here: Here) -> Outcome:
    """Keys that the document does not show at all stay as they are; those it shows in place of others replace them."""
    if received.object is None:
        return Outcome.dropped("it does not show whom it changes")
    try:
        document = read_actor(received.object, received.received_at)
        if document.uri != received.actor.uri:
            # A moderator's Update of a group (Lemmy, Mobilizon): the next look at the group tells what is true.
            return Outcome.dropped("a profile is its owner's")
        await actors.save_remote(tx, document, here=here, now=received.received_at)
    except Malformed as reason:
        return Outcome.dropped(str(reason))
    return Outcome.APPLIED


async def receive_delete(tx: Tx, received: Received, here: Here) -> Outcome:
    """Of themselves. Misskey says the same on suspension: who is fetched again later is back."""
    if received.activity.object_id != received.actor.uri:
        return Outcome.DROPPED
    await forget(tx, received.actor.id, here=here, now=received.received_at)
    return Outcome.APPLIED


async def forget(tx: Tx, actor_id: int, *, here: Here, now: Instant) -> None:
    """The profile is erased, every follow ends, no circle has them; the name and the id stay taken. Tells ActorGone."""
    if not await actors.erase(tx, actor_id, now=now):
        return
    for follow in await store.all_of(tx, actor_id):
        ended = State.UNDONE if follow.follower_id == actor_id else State.REJECTED
        await bonds.release(tx, follow, ended, signed_at=follow.signed_at, here=here, now=now)
    await circles.leave_all(tx, actor_id)
    await tx.tell(ActorGone(actor_id=actor_id))
