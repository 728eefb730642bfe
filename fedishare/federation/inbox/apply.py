"""One transaction: the row that makes an activity count once, its effect, the mark that it is done, what it sends.

Source: SECURITY 0.18, 3.3; WIRE "Inbox and outbox". A group shares a transaction because most activities are small;
when one of them fails the whole group is undone, and the loop applies each by itself. Nothing is fetched here.
"""

from collections.abc import Sequence

from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.inbox import store
from fedishare.federation.inbox.foreseeing import Foresee, foresee
from fedishare.federation.inbox.handling import Outcome, Received
from fedishare.federation.inbox.store import said_in
from fedishare.federation.inbox.vouching import Handlers, Vouched, handler_for
from fedishare.federation.inbox.without_effect import why_without_effect
from fedishare.federation.outbox import hosts
from fedishare.federation.policy import domains
from fedishare.federation.policy.domains import Verdict
from fedishare.federation.vocabulary.origins import host
from fedishare.federation.vocabulary.reading import ids
from fedishare.foundation.db.access import Tx
from fedishare.foundation.db.recalling import Recalling
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.here import Here

DROPPED = Outcome.DROPPED.state


async def apply_group(
    tx: Tx,
    group: Sequence[Vouched],
    *,
    handlers: Handlers,
    here: Here,
    now: Instant,
    features: Sequence[Foresee] = (),
) -> None:
    """`features` foresee what their handlers ask.

    Raises what a handler raises: then nothing of the group has happened.
    """
    settled: list[tuple[int, str, str]] = []
    aside: list[tuple[int, str, str]] = []
    tx = Recalling(tx)
    await foresee(tx, group, features)
    for vouched in group:
        tx.next_one()
        state, outcome, keep = await _apply(tx, vouched, handlers=handlers, here=here, now=now)
        (aside if keep else settled).append((vouched.row.id, state, outcome))
    await store.settle(tx, settled)
    await store.put_aside(tx, aside)
    for origin in dict.fromkeys(vouched.row.origin for vouched in group):
        await hosts.heard_from(tx, origin, now=now)
    await tx.end()


async def _apply(tx: Tx, vouched: Vouched, *, handlers: Handlers, here: Here, now: Instant) -> tuple[str, str, bool]:
    """The state, the words for it, and whether what was sent is kept."""
    activity, row = vouched.activity, vouched.row
    handler = handler_for(handlers, vouched)
    if handler is None:
        return DROPPED, why_without_effect(activity.type, vouched.object_type), True
    actor = await actors.by_uri(tx, activity.actor)
    if actor is None or actor.deleted_at is not None:
        return DROPPED, "its actor is not known, or is gone", True
    if await _unwelcome(tx, vouched, actor, here=here):
        return DROPPED, "this instance does not speak with them", True
    if not await store.count_once(tx, said_in(row), now=now):
        return DROPPED, "came before", False
    if activity.type == "Undo" and await _misnames(tx, vouched):
        return DROPPED, "it undoes what was never said under that id", True
    await hosts.inbox_is_back(tx, actor)
    received = Received(
        activity=activity,
        actor=actor,
        object=vouched.object,
        signed_at=row.signed_at,
        received_at=row.received_at,
    )
    outcome = await handler(tx, received, here)
    return outcome.state, outcome.why, outcome.kept


async def _misnames(tx: Tx, vouched: Vouched) -> bool:
    """Whether the id that it undoes was said as something else: a Like's, shown as a Follow (A086).

    An id that nothing came with is no contradiction: Lemmy and Misskey make up new ones for old Follows.
    """
    uri = vouched.activity.object_id
    if uri is None or not vouched.object_type:
        return False
    said = await store.said_under(tx, origin=vouched.row.origin, uri=uri)
    return bool(said) and vouched.object_type not in said


async def _unwelcome(tx: Tx, vouched: Vouched, actor: Actor, *, here: Here) -> bool:
    """Whoever says it is blocked here, or whoever wrote what it is about (A093)."""
    authors = ids((vouched.object or {}).get("attributedTo"))
    found = await domains.verdicts(tx, [actor.uri, *authors], here=here)
    if actor.domain != host(actor.uri):
        found[actor.domain] = await domains.verdict_of(tx, actor.uri, actor.domain, here=here)
    return Verdict.BLOCK in found.values()
