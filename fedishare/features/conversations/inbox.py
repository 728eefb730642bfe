"""What others do to posts: write, edit, delete, like, announce, and take it back.

`receive_note` and its like are called by `proposals/inbox.py`, which sees every Note first; what else is read as a post
comes here. Reactions count for public things that are kept here; the rest is dropped. Emoji reactions count as likes
(FEP-c0e0).
"""

from fedishare.features.conversations import edits, objects, quotes, reception, store
from fedishare.features.conversations.model import SAID, Notice, Reaction
from fedishare.features.conversations.notices import notify
from fedishare.features.conversations.wording import KINDS
from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.following import store as following
from fedishare.federation.inbox.handling import Handler, Outcome, Received
from fedishare.federation.policy import circles
from fedishare.federation.vocabulary import reading
from fedishare.federation.vocabulary.note import Note, read_note
from fedishare.federation.vocabulary.origins import same_origin
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.values.here import Here


async def receive_note(tx: Tx, received: Received, here: Here) -> Outcome:
    """Create of a Note, or of what is read like one. Raises Malformed when it cannot be read."""
    if received.object is None:
        return Outcome.dropped("it does not show what is written")
    note = read_note(received.object, by=received.actor.uri)
    author = await _author(tx, note, received)
    if author is None:
        return Outcome.dropped("it is written by somebody else, or in the name of a group that is not known here")
    return await reception.receive(tx, note, author, here, now=received.received_at)


async def change_note(tx: Tx, received: Received, here: Here) -> Outcome:
    """Update of a Note, or of what is read like one. Raises Malformed when it cannot be read."""
    if received.object is None:
        return Outcome.dropped("it does not show what is written")
    note = read_note(received.object, by=received.actor.uri)
    author = await _author(tx, note, received)
    if author is None:
        return Outcome.dropped("it is written by somebody else, or in the name of a group that is not known here")
    return await edits.change(tx, note, author, here, now=received.received_at)


async def _author(read: Read, note: Note, received: Received) -> Actor | None:
    """Whoever says it, or the group in whose name a member of it does, on one server (INTEROP B.8.3)."""
    if note.attributed_to == received.actor.uri:
        return received.actor
    by_a_member = reading.first_id(note.raw.get("actor")) == received.actor.uri
    if not by_a_member or not same_origin(note.attributed_to, received.actor.uri):
        return None
    group = await actors.by_uri(read, note.attributed_to)
    return group if group is not None and group.kind == "Group" and group.deleted_at is None else None


async def remove_note(tx: Tx, received: Received, here: Here) -> Outcome:
    """Delete of anything that is not an actor, given as a Tombstone, an object or an id."""
    uri = received.activity.object_id
    if uri is None or here.owns(uri) or uri == received.actor.uri:
        return Outcome.dropped("it deletes nothing that its actor could have written")
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
    if uri is None:
        return Outcome.dropped("it does not say what it takes back")
    if await store.delete_reaction_by_id(tx, actor_id=received.actor.id, uri=uri):
        return Outcome.APPLIED
    return await _remember(tx, received, uri)


async def _remember(tx: Tx, received: Received, uri: str) -> Outcome:
    """A retry may bring what was taken back after it was: that id counts no more."""
    if same_origin(uri, received.actor.uri):
        await objects.keep_tombstone(tx, uri, owner_uri=received.actor.uri, now=received.received_at)
    return Outcome.dropped("there is nothing of that id to take back")


async def _react(tx: Tx, received: Received, here: Here, kind: Reaction, notice: Notice) -> Outcome:
    uri, said_as = received.activity.object_id, received.activity.id
    known = await objects.object_by_uri(tx, uri) if uri else None
    if known is None or known.kind not in SAID or known.deleted_at is not None or known.circle_id != circles.PUBLIC:
        return Outcome.dropped("it is about nothing that everybody may read here")
    if await objects.was_deleted(tx, said_as, owner_uri=received.actor.uri):
        return Outcome.dropped("it was taken back before it came")
    if await following.blocks(tx, known.owner_id, received.actor.id):
        return Outcome.dropped("whom it is about wants to hear nothing of this actor")
    fresh = await store.insert_reaction(
        tx,
        kind,
        actor_id=received.actor.id,
        object_uri=known.uri,
        uri=said_as,
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
    inner = received.activity.object or {}
    if reading.first_id(inner.get("actor")) not in (None, received.actor.uri):
        return Outcome.dropped("only who has said a thing takes it back")
    about = reading.first_id(inner.get("object"))
    if about is None:
        return await take_back_by_id(tx, received, here)
    if await store.delete_reaction(tx, kind, actor_id=received.actor.id, object_uri=about):
        return Outcome.APPLIED
    return await _remember(tx, received, reading.id_of(inner) or "")


HANDLERS: dict[tuple[str, str], Handler] = {
    ("Like", "*"): like,
    ("EmojiReact", "*"): like,
    ("Undo", "*"): take_back_by_id,
    ("Undo", "Like"): unlike,
    ("Undo", "EmojiReact"): unlike,
    ("Undo", "Announce"): unannounce,
    ("QuoteRequest", "*"): quotes.answer,
    **{("Create", kind): receive_note for kind in KINDS if kind != "Note"},
    **{("Update", kind): change_note for kind in KINDS if kind != "Note"},
}
