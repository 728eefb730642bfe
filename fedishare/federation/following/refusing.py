"""Somebody elsewhere is blocked here: every follow between them and us ends, and nobody is told.

Source: WIRE.md "Instances". Nothing can be sent to them any more, and what is undone later brings no follow back.
"""

from fedishare.federation.following import bonds, store
from fedishare.federation.following.model import State
from fedishare.federation.policy.ruling import Blocked
from fedishare.foundation.db.access import Tx
from fedishare.foundation.values.here import Here


async def end_follows(tx: Tx, fact: Blocked, here: Here) -> None:
    """Theirs of us as if we had rejected them, ours of them as if we had undone them."""
    for actor_id in fact.actor_ids:
        for follow in await store.all_of(tx, actor_id):
            ended = State.REJECTED if follow.follower_id == actor_id else State.UNDONE
            await bonds.release(tx, follow, ended, signed_at=follow.signed_at, here=here, now=fact.now)
