"""What holds as long as two associations are partners: the circle, the follows both ways, the open door.

The one place where a partnership begins and ends, so that none of them can be forgotten. Source: WIRE.md "Instances".
"""

from msgspec.structs import replace

from fedishare.features.partners import store
from fedishare.features.partners.model import Partnership, State
from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.following import bonds as following_bonds
from fedishare.federation.following import operations as following
from fedishare.federation.following import store as follows
from fedishare.federation.following.model import State as FollowState
from fedishare.federation.policy import circles, domains
from fedishare.federation.vocabulary.origins import host
from fedishare.foundation.db.access import Tx
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.here import Here


async def begin(tx: Tx, known: Partnership, them: Actor, *, here: Here, now: Instant) -> None:
    """From now on they are partners: each association follows the other, and what they published is read.

    Raises Blocked when they want to hear nothing of us.
    """
    us = await actors.association(tx)
    await store.save(tx, replace(known, state=State.PARTNER, changed_at=now))
    await circles.join(tx, circles.PARTNERS, them.id)
    await domains.let_in(tx, host(them.uri))
    await following.follow(tx, us, them, here=here, now=now)
    theirs = await follows.pair(tx, them.id, us.id)
    if theirs is not None and theirs.state is FollowState.PENDING:
        await following.accept(tx, them, us, here=here, now=now)


async def finish(tx: Tx, known: Partnership, them: Actor, state: State, *, here: Here, now: Instant) -> None:
    """They are no partners, or no longer; `state` says how it came. Our follow of them is undone; in the mode
    "partners" theirs ends as well, since what they say about it is not heard any more."""
    us = await actors.association(tx)
    await store.save(tx, replace(known, state=state, changed_at=now))
    await circles.leave(tx, circles.PARTNERS, them.id)
    ours = await follows.pair(tx, us.id, them.id)
    if ours is not None and ours.state in (FollowState.PENDING, FollowState.ACCEPTED):
        await following.unfollow(tx, us, them, here=here, now=now)
    theirs = await follows.pair(tx, them.id, us.id)
    if here.partners_only and theirs is not None and theirs.state in (FollowState.PENDING, FollowState.ACCEPTED):
        await following_bonds.release(tx, theirs, FollowState.UNDONE, signed_at=theirs.signed_at, here=here, now=now)
    # Last, for what is said above must still reach them.
    if host(them.uri) not in {host(uri) for uri in await store.spoken_with_uris(tx)}:
        await domains.let_go(tx, host(them.uri))
