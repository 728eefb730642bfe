"""What partners do when they hear of facts from earlier rooms: a follow may be the yes, who is gone is no partner."""

from fedishare.features.partners import bonds, operations, store
from fedishare.features.partners.model import State
from fedishare.federation.actors import store as actors
from fedishare.federation.following import store as follows
from fedishare.federation.following.model import ActorGone, FollowAccepted
from fedishare.federation.policy.ruling import Blocked
from fedishare.foundation.db.access import Tx
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.here import Here


async def weigh(tx: Tx, fact: FollowAccepted, here: Here) -> None:
    """Of the two, the one elsewhere may be other software that we have asked."""
    for actor_id in (fact.follower_id, fact.followed_id):
        known = await store.partnership(tx, actor_id)
        them = await actors.by_id(tx, actor_id)
        if known is None or them is None or known.state is not State.ASKED:
            continue
        bond = await follows.pair(tx, fact.follower_id, fact.followed_id)
        now = known.changed_at if bond is None else max(known.changed_at, bond.created_at)
        await operations.weigh_follows(tx, them, here=here, now=now)


async def end_with(tx: Tx, fact: ActorGone, here: Here) -> None:
    gone = await actors.by_id(tx, fact.actor_id)
    if gone is not None and gone.deleted_at is not None:
        await _end(tx, gone.id, here=here, now=gone.deleted_at)


async def end_blocked(tx: Tx, fact: Blocked, here: Here) -> None:
    """In silence: nothing can be told them any more."""
    for actor_id in fact.actor_ids:
        await _end(tx, actor_id, here=here, now=fact.now)


async def _end(tx: Tx, actor_id: int, *, here: Here, now: Instant) -> None:
    known, them = await store.partnership(tx, actor_id), await actors.by_id(tx, actor_id)
    if known is not None and them is not None and known.state not in (State.REFUSED, State.ENDED):
        await bonds.finish(tx, known, them, State.ENDED, here=here, now=now)
