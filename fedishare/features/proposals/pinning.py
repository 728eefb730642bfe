"""What others put first on their profile (Add and Remove of `featured`): worth reading, where it is new to us.

Source: INTEROP B.8.12, B.9; attack A098. Only one's own things in one's own collection. Nothing here shows what is
pinned elsewhere, so an Add has what it names read from its origin, as a backfill does, and a Remove changes nothing.
"""

from fedishare.features.conversations import objects
from fedishare.features.conversations import store as posts
from fedishare.features.proposals.jobs import fetch_later
from fedishare.federation.inbox.handling import Handler, Outcome, Received
from fedishare.federation.vocabulary.origins import same_origin
from fedishare.foundation.db.access import Tx
from fedishare.foundation.values.here import Here

_NOT_THEIRS = "it changes a collection that is not its actor's own"


async def add(tx: Tx, received: Received, here: Here) -> Outcome:
    uri, by = received.activity.object_id, received.actor
    if not _own_collection(received):
        return Outcome.dropped(_NOT_THEIRS)
    if uri is None or not same_origin(uri, by.uri):
        return Outcome.dropped("it pins what is not its actor's own")
    if not await posts.is_heard(tx, by) or await objects.object_by_uri(tx, uri) is not None:
        return Outcome.dropped("nobody here follows its actor, or the pinned thing is known: pins are not shown here")
    await fetch_later(tx, uri, live=False, due_at=received.received_at, here=here, now=received.received_at)
    return Outcome.APPLIED


async def remove(tx: Tx, received: Received, here: Here) -> Outcome:
    if not _own_collection(received):
        return Outcome.dropped(_NOT_THEIRS)
    return Outcome.dropped("what others pin is not shown here, so nothing is unpinned")


def _own_collection(received: Received) -> bool:
    return received.actor.featured is not None and received.activity.target == received.actor.featured


HANDLERS: dict[tuple[str, str], Handler] = {("Add", "*"): add, ("Remove", "*"): remove}
