"""What conversations do when they hear of facts from earlier rooms: tell who was followed, forget who is gone."""

from fedishare.features.conversations import objects, store
from fedishare.features.conversations.model import Notice
from fedishare.features.conversations.notices import notify, notify_once
from fedishare.federation.actors import store as actors
from fedishare.federation.following import store as following
from fedishare.federation.following.model import ActorGone, FollowAccepted, Followed, Moved
from fedishare.federation.following.moving import MOST_FOLLOWERS
from fedishare.foundation.db.access import Tx
from fedishare.foundation.values.here import Here


async def tell_asked(tx: Tx, fact: Followed, here: Here) -> None:
    """Somebody asks to follow. One notice until it is read, however many ask: a page lists them all (A102)."""
    if fact.pending:
        await notify_once(tx, fact.followed_id, Notice.FOLLOW_REQUEST, of=fact.follower_id, here=here, now=fact.at)


async def tell_moved(tx: Tx, fact: Moved, here: Here) -> None:
    """Who followed somebody who is another actor now is told under the new name."""
    for follower_id in await following.local_followers(tx, fact.actor_id, MOST_FOLLOWERS):
        await notify(tx, follower_id, Notice.MOVED, of=fact.target_id, object_id=None, here=here, now=fact.at)


async def tell_followed(tx: Tx, fact: FollowAccepted, here: Here) -> None:
    """Somebody elsewhere began to follow somebody here, or somebody here did."""
    bond = await following.pair(tx, fact.follower_id, fact.followed_id)
    if bond is not None:
        await notify(
            tx, fact.followed_id, Notice.FOLLOW, of=fact.follower_id, object_id=None, here=here, now=bond.created_at
        )


async def forget_posts(tx: Tx, fact: ActorGone, here: Here) -> None:
    """What they wrote, liked and passed on goes with them; the ids stay taken."""
    gone = await actors.by_id(tx, fact.actor_id)
    if gone is not None and gone.deleted_at is not None:
        await store.delete_posts_of(tx, gone.id, now=gone.deleted_at)
        await store.delete_reactions_of(tx, gone.id)
        await objects.delete_objects_of(tx, gone.id, now=gone.deleted_at)
