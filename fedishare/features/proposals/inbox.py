"""What others do with proposals; every Note passes here first, since a proposal is one (WIRE "A proposal").

A Note without FEP-0837's properties is handed to `conversations/inbox.py`. Nothing is fetched here: an announced
proposal of somebody we do not know yet is a job.
"""

from msgspec.structs import replace

from fedishare.features.conversations import inbox as conversations
from fedishare.features.conversations import objects
from fedishare.features.conversations import store as posts
from fedishare.features.conversations.activities import audience
from fedishare.features.conversations.model import PROPOSAL, Audience
from fedishare.features.proposals import reading, reception, store
from fedishare.features.proposals.jobs import fetch_later
from fedishare.features.proposals.reading import Reading
from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.inbox.handling import Handler, Outcome, Received
from fedishare.foundation.db.access import Tx
from fedishare.foundation.values.here import Here


async def create(tx: Tx, received: Received, here: Here) -> Outcome:
    """Create of a Note or a Proposal. Raises Malformed when it cannot be read."""
    found = reading.read(received.object or {}, by=received.actor.uri)
    if found is None:
        return await conversations.receive_note(tx, received, here)
    return await _receive(tx, found, received, here)


async def _receive(tx: Tx, found: Reading, received: Received, here: Here) -> Outcome:
    known = await objects.object_by_uri(tx, found.uri)
    direct = audience(found.note, received.actor) is Audience.DIRECT
    if known is None and direct and not await reception.is_for_partners(tx, found.note, received.actor):
        return await conversations.receive_note(tx, received, here)
    if found.note.attributed_to != received.actor.uri:
        return Outcome.dropped("it is said in the name of somebody else")
    if known is None and not await _is_heard(tx, received.actor):
        # A stranger's: kept only as the message that it may also be, when it names one of ours.
        return await conversations.receive_note(tx, received, here)
    kept = await reception.keep(tx, found, received.actor, live=True, here=here, now=received.received_at)
    return Outcome.APPLIED if kept or known is not None else Outcome.dropped("it was deleted before it came")


async def _is_heard(tx: Tx, actor: Actor) -> bool:
    """Somebody here follows them or their association; or their whole server, which is what one does with flohmarkt."""
    return await posts.is_heard(tx, actor) or await store.server_is_heard(tx, actor.domain)


async def update(tx: Tx, received: Received, here: Here) -> Outcome:
    """Update of a Note or a Proposal: only by its owner, only if it is later. Raises Malformed."""
    found = reading.read(received.object or {}, by=received.actor.uri)
    if found is None:
        return await conversations.change_note(tx, received, here)
    if found.note.updated is None:
        # flohmarkt says nowhere when it changed something: it is as new as its signature.
        found = replace(found, note=replace(found.note, updated=received.signed_at))
    return await _receive(tx, found, received, here)


async def delete(tx: Tx, received: Received, here: Here) -> Outcome:
    """Delete of anything, named by its id or shown; that of an actor is `following`'s."""
    uri = received.activity.object_id
    known = await objects.object_by_uri(tx, uri) if uri and not here.owns(uri) else None
    if known is None or known.kind != PROPOSAL:
        return await conversations.remove_note(tx, received, here)
    removed = await reception.remove(tx, known, received.actor, now=received.received_at)
    return Outcome.APPLIED if removed else Outcome.dropped("it deletes what is not its author's")


async def announce(tx: Tx, received: Received, here: Here) -> Outcome:
    """An association points at what its members publish; others boost what they like."""
    uri = received.activity.object_id
    known = uri is None or here.owns(uri) or await objects.object_by_uri(tx, uri) is not None
    if known and uri is not None and received.actor.kind == "Group" and not here.owns(uri):
        # The second of the two that a group sends for each post (FEP-1b12, WIRE "Feeds and groups").
        return Outcome.dropped("a group has told of it before: this is no boost")
    if uri is None or known:
        return await conversations.announce(tx, received, here)
    if not await posts.is_heard(tx, received.actor):
        return Outcome.dropped("nobody here follows who passes it on")
    embedded = received.object is received.activity.object
    found = None if embedded else reading.read(received.object or {})
    owner = await actors.by_uri(tx, found.note.attributed_to) if found else None
    if found is not None and owner is not None:
        await reception.keep(tx, found, owner, live=True, here=here, now=received.received_at)
    elif embedded or found is not None:
        await fetch_later(tx, uri, live=True, due_at=received.received_at, here=here, now=received.received_at)
    else:
        return Outcome.dropped("what it passes on is no listing: posts of strangers are not kept")
    return Outcome.APPLIED


HANDLERS: dict[tuple[str, str], Handler] = {
    ("Create", "Note"): create,
    ("Create", "Proposal"): create,
    ("Update", "Note"): update,
    ("Update", "Proposal"): update,
    ("Delete", "*"): delete,
    ("Delete", "Tombstone"): delete,
    ("Delete", "Note"): delete,
    ("Delete", "Proposal"): delete,
    ("Announce", "*"): announce,
}
