"""What associations elsewhere say about being partners. Each handler runs inside the transaction of its dedup row.

Only the side concerned may say it (SECURITY 0.3): the one that offers is the subject, the one that answers was asked,
and answers that very Offer. A message signed before the one that stands changes nothing: others may keep a proved word
and bring it again.
"""

from collections.abc import Callable

from msgspec.structs import replace

from fedishare.features.conversations.model import Notice
from fedishare.features.conversations.notices import notify
from fedishare.features.partners import activities, bonds, store
from fedishare.features.partners.model import (
    ANSWER_AGAIN_AFTER,
    ASKS_AGAIN_AFTER,
    MOST_WAITING,
    MOST_WAITING_OF_A_SERVER,
    Partnership,
    State,
)
from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.inbox.handling import Handler, Outcome, Received
from fedishare.federation.outbox.send import send
from fedishare.federation.policy.circles import NOBODY
from fedishare.foundation.db.access import Tx
from fedishare.foundation.values.here import Here


async def receive_offer(tx: Tx, received: Received, here: Here) -> Outcome:
    """They want to be partners: an administrator answers, unless we have asked them the same."""
    us, them = await actors.association(tx), received.actor
    if activities.read_relationship(received.object) != (them.uri, us.uri):
        return Outcome.dropped("it offers what is not theirs, or not to us")
    if not received.activity.id or them.kind == "Application":
        return Outcome.dropped("it is no offer of an association")
    known = await store.partnership(tx, them.id)
    if known is not None and _came_late(known, received):
        return Outcome.dropped("it is older than what stands between us")
    offered = _offered(known, received)
    if known is not None and known.state is State.ASKED:
        await _answer(tx, received, us, activities.accept, here=here)
        await bonds.begin(tx, replace(known, signed_at=received.signed_at), them, here=here, now=received.received_at)
        await _tell(tx, us, them, Notice.PARTNER, received, here=here)
        return Outcome.APPLIED
    if known is not None and known.state is State.PARTNER:
        return await _repeat_yes(tx, known, received, us, here=here)
    if known is not None and _was_refused_lately(known, received):
        await _answer(tx, received, us, activities.reject, here=here)
        return Outcome.APPLIED
    if not await _may_wait(tx, known, received):
        return Outcome.dropped("too many wait for an answer already")
    await store.save(tx, offered)
    if known is None or known.state is not State.WAITING:
        await _tell(tx, us, them, Notice.PARTNER_REQUEST, received, here=here)
    return Outcome.APPLIED


async def receive_accept(tx: Tx, received: Received, here: Here) -> Outcome:
    """Of our Offer, by the one we asked."""
    known = await _asked_of_them(tx, received)
    if known is None or known.state is not State.ASKED:
        return Outcome.dropped("they were not asked")
    us, now = await actors.association(tx), received.received_at
    heard = replace(known, signed_at=received.signed_at)
    await bonds.begin(tx, heard, received.actor, here=here, now=now)
    await _tell(tx, us, received.actor, Notice.PARTNER, received, here=here)
    return Outcome.APPLIED


async def receive_reject(tx: Tx, received: Received, here: Here) -> Outcome:
    """Of our Offer, by the one we asked: at once, or years later."""
    known = await _asked_of_them(tx, received)
    if known is None or known.state not in (State.ASKED, State.PARTNER):
        return Outcome.dropped("they were not asked")
    state = State.REFUSED if known.state is State.ASKED else State.ENDED
    return await _finish(tx, known, received, state, here=here)


async def receive_undo(tx: Tx, received: Received, here: Here) -> Outcome:
    """Of their Offer, by themselves: it was withdrawn, or they are partners no longer."""
    us, them = await actors.association(tx), received.actor
    told = activities.read_offer(received.object)
    if received.object is not None and told != activities.Offer(actor=them.uri, subject=them.uri, object=us.uri):
        return Outcome.dropped("it undoes what is not theirs")
    known = await store.partnership(tx, them.id)
    if known is None or known.state not in (State.WAITING, State.PARTNER) or _came_late(known, received):
        return Outcome.dropped("there is nothing of theirs to undo")
    if received.object is None and received.activity.object_id != known.offer_uri:
        return Outcome.dropped("it undoes something else")
    return await _finish(tx, known, received, State.ENDED, here=here)


async def _finish(tx: Tx, known: Partnership, received: Received, state: State, *, here: Here) -> Outcome:
    heard = replace(known, signed_at=received.signed_at)
    await bonds.finish(tx, heard, received.actor, state, here=here, now=received.received_at)
    return Outcome.APPLIED


async def _asked_of_them(tx: Tx, received: Received) -> Partnership | None:
    """What we asked the actor who answers now; nobody else's answer counts, and none to another question."""
    us, them = await actors.association(tx), received.actor
    known = await store.partnership(tx, them.id)
    if known is None or _came_late(known, received) or not known.by_us:
        return None
    if not known.offer_uri or received.activity.object_id != known.offer_uri:
        return None
    if received.object is None:
        return known
    told = activities.read_offer(received.object)
    return known if told == activities.Offer(actor=us.uri, subject=us.uri, object=them.uri) else None


async def _answer(
    tx: Tx, received: Received, us: Actor, answering: Callable[..., activities.Object], *, here: Here
) -> None:
    """To the Offer that has just come."""
    them = received.actor
    offer = activities.offer(them.uri, us.uri, uri=received.activity.id)
    said = answering(offer, by=us.uri, to=them.uri)
    await send(tx, said, by=us, here=here, now=received.received_at, circle_id=NOBODY)


async def _repeat_yes(tx: Tx, known: Partnership, received: Received, us: Actor, *, here: Here) -> Outcome:
    """They may have lost our answer, or all they knew: they get it again, once a minute at most."""
    now = received.received_at
    if now - known.changed_at < ANSWER_AGAIN_AFTER:
        return Outcome.dropped("it was answered a moment ago")
    await store.save(tx, replace(_offered(known, received), state=State.PARTNER, changed_at=now))
    await _answer(tx, received, us, activities.accept, here=here)
    return Outcome.APPLIED


def _was_refused_lately(known: Partnership, received: Received) -> bool:
    """The same question on the same day has the same answer, and asks nobody."""
    refused = known.state is State.REFUSED and not known.by_us
    return refused and received.received_at - known.changed_at < ASKS_AGAIN_AFTER


async def _may_wait(tx: Tx, known: Partnership | None, received: Received) -> bool:
    if known is not None and known.state is State.WAITING:
        return True
    waiting = await store.count_waiting(tx, domain=received.actor.domain)
    return waiting.everywhere < MOST_WAITING and waiting.of_server < MOST_WAITING_OF_A_SERVER


async def _tell(tx: Tx, us: Actor, them: Actor, notice: Notice, received: Received, *, here: Here) -> None:
    await notify(tx, us.id, notice, of=them.id, object_id=None, here=here, now=received.received_at)


def _offered(known: Partnership | None, received: Received) -> Partnership:
    now = received.received_at
    return Partnership(
        actor_id=received.actor.id,
        state=State.WAITING,
        by_us=False,
        offer_uri=received.activity.id,
        signed_at=received.signed_at,
        changed_at=now,
        created_at=known.created_at if known is not None else now,
    )


def _came_late(known: Partnership, received: Received) -> bool:
    """Dates have whole seconds: within one, the very Offer that has ended is late, and nothing else is."""
    over = known.state in (State.REFUSED, State.ENDED) and received.activity.id == known.offer_uri
    return received.signed_at < known.signed_at or (over and received.signed_at == known.signed_at)


HANDLERS: dict[tuple[str, str], Handler] = {
    ("Offer", "Relationship"): receive_offer,
    ("Accept", "Offer"): receive_accept,
    ("Accept", "*"): receive_accept,
    ("Reject", "Offer"): receive_reject,
    ("Reject", "*"): receive_reject,
    ("Undo", "Offer"): receive_undo,
    ("Undo", "*"): receive_undo,
}
