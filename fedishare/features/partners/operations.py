"""What administrators do about partners: ask, answer, end. Each is one transaction, and tells the other side.

Source: WIRE.md "Instances". What others do: `inbox.py`. Nobody is looked up on the network: whoever is asked is stored
already.
"""

from typing import Any

from msgspec.structs import replace

from fedishare.features.partners import activities, bonds, store
from fedishare.features.partners.model import TRIED_FOR, Partnership, State
from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.following import operations as following
from fedishare.federation.following import store as follows
from fedishare.federation.outbox.send import send
from fedishare.federation.policy import domains
from fedishare.federation.policy.circles import NOBODY
from fedishare.federation.policy.domains import Verdict
from fedishare.federation.vocabulary.origins import host
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.errors import N_, Conflict, Gone, NotAllowed, NotFound
from fedishare.foundation.values.here import Here

NOTHING_SAID = Instant(0)
"""By nobody elsewhere, so that whatever they answer is later."""


class NotElsewhere(Conflict):
    slug = "not-elsewhere"
    title = N_("A partner is an association on another server.")
    advice = N_("Give its address, such as @association@example.org.")


class BlockedHere(NotAllowed):
    slug = "blocked-here"
    title = N_("Their server is blocked here.")
    advice = N_("Take back that rule first: `fedishare policy list` shows it.")


class NoPartner(NotFound):
    slug = "no-partner"
    title = N_("There is nothing between this association and us.")
    advice = N_("`fedishare partner list` shows partners and requests.")


class NothingToAnswer(Conflict):
    slug = "nothing-to-answer"
    title = N_("This association is not waiting for our answer.")
    advice = N_("Ask it to be a partner instead.")


async def ask(tx: Tx, them: Actor, *, here: Here, now: Instant) -> State:
    """We want to be partners. Asking again asks again once nothing is tried any more; when they have asked already,
    this is our yes.

    Other software knows no such question: there it takes a follow both ways. Raises NotElsewhere, Gone, BlockedHere,
    Blocked.
    """
    await _check_may_be_asked(tx, them, here=here)
    known = await store.partnership(tx, them.id)
    if known is not None and known.state is State.PARTNER:
        return State.PARTNER
    if known is not None and known.state is State.WAITING:
        await accept(tx, them, here=here, now=now)
        return State.PARTNER
    if known is not None and _is_under_way(known, now):
        return State.ASKED
    us = await actors.association(tx)
    await domains.let_in(tx, host(them.uri))
    uri = ""
    if them.speaks_fedishare:
        offer = activities.offer(us.uri, them.uri)
        uri = await send(tx, offer, by=us, here=here, now=now, circle_id=NOBODY)
    asked = _asked(known, them, uri=uri, now=now)
    await store.save(tx, asked)
    if not uri:
        await following.follow(tx, us, them, here=here, now=now)
        return await weigh_follows(tx, them, here=here, now=now)
    return State.ASKED


async def weigh_follows(tx: Tx, them: Actor, *, here: Here, now: Instant) -> State:
    """Where a follow both ways is all that can be had, it is enough once an administrator has asked for it."""
    us = await actors.association(tx)
    known = await _known(tx, them)
    mutual = await follows.follows(tx, us.id, them.id) and await follows.follows(tx, them.id, us.id)
    if known.state is not State.ASKED or known.offer_uri or not mutual:
        return known.state
    await bonds.begin(tx, known, them, here=here, now=now)
    return State.PARTNER


async def accept(tx: Tx, them: Actor, *, here: Here, now: Instant) -> None:
    """Yes to their request. Raises NoPartner, NothingToAnswer, BlockedHere, Blocked."""
    await _check_may_be_asked(tx, them, here=here)
    known = await _waiting(tx, them)
    us = await actors.association(tx)
    said = activities.accept(_offer(known, us, them), by=us.uri, to=them.uri)
    await domains.let_in(tx, host(them.uri))
    await send(tx, said, by=us, here=here, now=now, circle_id=NOBODY)
    await bonds.begin(tx, known, them, here=here, now=now)


async def refuse(tx: Tx, them: Actor, *, here: Here, now: Instant) -> None:
    """No to their request. Raises NoPartner, NothingToAnswer."""
    known = await _waiting(tx, them)
    us = await actors.association(tx)
    said = activities.reject(_offer(known, us, them), by=us.uri, to=them.uri)
    await send(tx, said, by=us, here=here, now=now, circle_id=NOBODY)
    await store.save(tx, replace(known, state=State.REFUSED, changed_at=now))


async def end(tx: Tx, them: Actor, *, here: Here, now: Instant) -> None:
    """We are partners no longer, or take our question back. Raises NoPartner."""
    known = await _known(tx, them)
    if known.state is State.WAITING:
        await refuse(tx, them, here=here, now=now)
        return
    if known.state not in (State.PARTNER, State.ASKED):
        raise NoPartner(them.uri)
    us = await actors.association(tx)
    if known.offer_uri:
        ending = activities.undo if known.by_us else activities.reject
        said = ending(_offer(known, us, them), by=us.uri, to=them.uri)
        await send(tx, said, by=us, here=here, now=now, circle_id=NOBODY)
    await bonds.finish(tx, known, them, State.ENDED, here=here, now=now)


def _is_under_way(known: Partnership, now: Instant) -> bool:
    """Whether our Offer may still arrive: only an answer to that very one counts, so there is one at a time."""
    return known.state is State.ASKED and bool(known.offer_uri) and now - known.changed_at < TRIED_FOR


def _asked(known: Partnership | None, them: Actor, *, uri: str, now: Instant) -> Partnership:
    """What they said before is not said again by whoever kept it: `signed_at` only grows."""
    created_at = known.created_at if known is not None else now
    return Partnership(
        actor_id=them.id,
        state=State.ASKED,
        by_us=True,
        offer_uri=uri,
        signed_at=known.signed_at if known is not None else NOTHING_SAID,
        changed_at=now,
        created_at=created_at,
    )


def _offer(known: Partnership, us: Actor, them: Actor) -> dict[str, Any]:
    """The Offer that stands, as its sender made it."""
    by, to = (us, them) if known.by_us else (them, us)
    return activities.offer(by.uri, to.uri, uri=known.offer_uri)


async def _check_may_be_asked(tx: Tx, them: Actor, *, here: Here) -> None:
    if them.local or them.kind == "Application":
        raise NotElsewhere(them.uri)
    if them.deleted_at is not None:
        raise Gone(them.uri)
    # In the mode "partners" everybody is blocked who is none yet: what counts is what was decided about them.
    decided = await domains.verdict_of(tx, them.uri, them.domain, here=replace(here, partners_only=False))
    if decided is Verdict.BLOCK:
        raise BlockedHere(them.uri)


async def _known(read: Read, them: Actor) -> Partnership:
    known = await store.partnership(read, them.id)
    if known is None:
        raise NoPartner(them.uri)
    return known


async def _waiting(read: Read, them: Actor) -> Partnership:
    known = await _known(read, them)
    if known.state is not State.WAITING:
        raise NothingToAnswer(them.uri)
    return known
