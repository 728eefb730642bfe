"""What holds as long as somebody follows somebody: a place in the circle of followers.

The one place where the state of a follow changes, so that circles and facts cannot be forgotten.
"""

from msgspec.structs import replace

from fedishare.federation.following import store
from fedishare.federation.following.model import Follow, FollowAccepted, State
from fedishare.federation.policy import circles
from fedishare.foundation.db.access import Tx
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.here import Here


async def hold(tx: Tx, follow: Follow, *, before: State | None, by_remote: bool, here: Here, now: Instant) -> None:
    """The follow is accepted; `before` is what it was. Tells FollowAccepted unless it already held."""
    await store.save(tx, replace(follow, state=State.ACCEPTED))
    if before is State.ACCEPTED:
        return
    await circles.join(tx, await circles.followers_of(tx, follow.followed_id, here, now), follow.follower_id)
    await tx.tell(FollowAccepted(follower_id=follow.follower_id, followed_id=follow.followed_id, by_remote=by_remote))


async def release(tx: Tx, follow: Follow, state: State, *, signed_at: Instant, here: Here, now: Instant) -> None:
    """The follow ends, as `state` says who ended it."""
    await store.save(tx, replace(follow, state=state, signed_at=signed_at, answered_at=None))
    if follow.state is State.ACCEPTED:
        await circles.leave(tx, await circles.followers_of(tx, follow.followed_id, here, now), follow.follower_id)
