"""Reports from other servers: `Flag`, usually said by an instance (INTEROP B.9), about somebody who lives here.

The list names an actor and what they published; Akkoma embeds objects, and has named an activity where the object was
meant. Attack A100: 30 of a server an hour, 5,000 characters each.
"""

import msgspec

from fedishare.features.conversations import objects
from fedishare.features.moderation import store
from fedishare.features.moderation.model import (
    LONGEST_TEXT,
    MOST_OBJECTS,
    MOST_OF_A_SERVER,
    MOST_OPEN_OF_A_SERVER,
    WINDOW,
    Report,
)
from fedishare.features.moderation.operations import keep
from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.inbox.handling import Handler, Outcome, Received
from fedishare.federation.vocabulary.origins import host
from fedishare.federation.vocabulary.reading import text
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.text.sanitise import plain
from fedishare.foundation.values.clock import later
from fedishare.foundation.values.here import Here

_OF_AN_OBJECT = "/activity"


async def take(tx: Tx, received: Received, here: Here) -> Outcome:
    """Flag of a list of ids."""
    now, server = received.received_at, host(received.actor.uri)
    named = [uri for uri in received.activity.objects[:MOST_OBJECTS] if here.owns(uri)]
    target = await _target(tx, named)
    if target is None:
        return Outcome.dropped("it reports nobody who lives here")
    if await store.count_of_host(tx, server, since=later(now, -WINDOW)) >= MOST_OF_A_SERVER:
        return Outcome.forgotten("its server sends more reports than anybody can read")
    if await store.count_open_of_host(tx, server) >= MOST_OPEN_OF_A_SERVER:
        return Outcome.forgotten("nobody has read the reports of its server yet")
    about = [uri for uri in named if uri != target.uri]
    made = Report(
        id=here.ids.new(now),
        target_id=target.id,
        reporter_id=received.actor.id,
        host=server,
        objects=msgspec.json.encode(about).decode(),
        content=plain(text(received.activity.raw.get("content")) or "")[:LONGEST_TEXT],
        created_at=now,
    )
    await keep(tx, made, here=here)
    return Outcome.APPLIED


async def _target(read: Read, named: list[str]) -> Actor | None:
    """Whoever is named, else whose thing is."""
    for uri in named:
        actor = await actors.by_uri(read, uri)
        if actor is not None and actor.local and actor.deleted_at is None:
            return actor
    for uri in named:
        known = await objects.object_by_uri(read, uri.removesuffix(_OF_AN_OBJECT))
        if known is not None:
            return (await actors.by_ids(read, [known.owner_id])).get(known.owner_id)
    return None


HANDLERS: dict[tuple[str, str], Handler] = {("Flag", "*"): take}
