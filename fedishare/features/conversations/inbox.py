"""What others do to posts: write, edit, delete, like, announce, and take it back.

`receive_note` and its like are called by `proposals/inbox.py`, which sees every Note first. Reactions count for public
things that are kept here; the rest is dropped. Emoji reactions count as likes (FEP-c0e0).
"""

from fedishare.features.conversations import objects, reception, store
from fedishare.features.conversations.model import Notice, Reaction
from fedishare.features.conversations.notices import notify
from fedishare.federation.actors import store as actors
from fedishare.federation.inbox.handling import Handler, Outcome, Received
from fedishare.federation.policy import circles
from fedishare.federation.vocabulary import reading
from fedishare.federation.vocabulary.note import read_note
from fedishare.foundation.db.access import Tx
from fedishare.foundation.values.here import Here


async def receive_note(tx: Tx, received: Received, here: Here) -> Outcome:
    """Create of a Note. Raises Malformed when it cannot be read."""
    if received.object is None:
        return Outcome.DROPPED
    note = read_note(received.object, by=received.actor.uri)
    if note.attributed_to != received.actor.uri:
        return Outcome.DROPPED
    return await reception.receive(tx, note, received.actor, here, now=received.received_at)


async def change_note(tx: Tx, received: Received, here: Here) -> Outcome:
    """Update of a Note. Raises Malformed when it cannot be read."""
    if received.object is None:
        return Outcome.DROPPED
    note = read_note(received.object, by=received.actor.uri)
    if note.attributed_to != received.actor.uri:
        return Outcome.DROPPED
    return await reception.change(tx, note, received.actor, now=received.received_at)


async def remove_note(tx: Tx, received: Received, here: Here) -> Outcome:
    """Delete of anything that is not an actor, given as a Tombstone, an object or an id."""
    uri = received.activity.object_id
    if uri is None or here.owns(uri) or uri == received.actor.uri:
        return Outcome.DROPPED
    return await reception.remove(tx, uri, received.actor, now=received.received_at)


async def like(tx: Tx, received: Received, here: Here) -> Outcome:
    return await _react(tx, received, here, Reaction.LIKE, Notice.LIKE)


async def announce(tx: Tx, received: Received, here: Here) -> Outcome:
    return await _react(tx, received, here, Reaction.ANNOUNCE, Notice.ANNOUNCE)


async def unlike(tx: Tx, received: Received, here: Here) -> Outcome:
    return await _take_back(tx, received, here, Reaction.LIKE)


async def unannounce(tx: Tx, received: Received, here: Here) -> Outcome:
    return await _take_back(tx, received, here, Reaction.ANNOUNCE)


async def take_back_by_id(tx: Tx, received: Received, here: Here) -> Outcome:
    """Undo of a reaction that is only named (Akkoma, Mitra): found by the id that it came with."""
    uri = received.activity.object_id
    removed = await store.delete_reaction_by_id(tx, actor_id=received.actor.id, uri=uri) if uri else 0
    return Outcome.APPLIED if removed else Outcome.DROPPED


async def _react(tx: Tx, received: Received, here: Here, kind: Reaction, notice: Notice) -> Outcome:
    uri = received.activity.object_id
    known = await objects.object_by_uri(tx, uri) if uri else None
    if known is None or known.deleted_at is not None or known.circle_id != circles.PUBLIC:
        return Outcome.DROPPED
    fresh = await store.insert_reaction(
        tx,
        kind,
        actor_id=received.actor.id,
        object_uri=known.uri,
        uri=received.activity.id,
        here=here,
        now=received.received_at,
    )
    owner = (await actors.by_ids(tx, [known.owner_id])).get(known.owner_id)
    if fresh and owner is not None and owner.local:
        await notify(
            tx, owner.id, notice, of=received.actor.id, object_id=known.id, here=here, now=received.received_at
        )
    return Outcome.APPLIED


async def _take_back(tx: Tx, received: Received, here: Here, kind: Reaction) -> Outcome:
    """By what it was about: Lemmy gives the inner activity a new id each time (INTEROP D.29)."""
    inner = received.activity.object
    about = reading.first_id(inner.get("object")) if inner else None
    if about is None:
        return await take_back_by_id(tx, received, here)
    await store.delete_reaction(tx, kind, actor_id=received.actor.id, object_uri=about)
    return Outcome.APPLIED


HANDLERS: dict[tuple[str, str], Handler] = {
    ("Like", "*"): like,
    ("EmojiReact", "*"): like,
    ("Undo", "*"): take_back_by_id,
    ("Undo", "Like"): unlike,
    ("Undo", "EmojiReact"): unlike,
    ("Undo", "Announce"): unannounce,
}
