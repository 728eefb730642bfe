"""What conversations do when they hear of facts from earlier rooms: tell who was followed, forget who is gone."""

from fedishare.features.conversations import objects, store
from fedishare.features.conversations.model import Notice
from fedishare.features.conversations.notices import notify
from fedishare.federation.actors import store as actors
from fedishare.federation.following import store as following
from fedishare.federation.following.model import ActorGone, FollowAccepted
from fedishare.foundation.db.access import Tx
from fedishare.foundation.values.here import Here


async def tell_followed(tx: Tx, fact: FollowAccepted, here: Here) -> None:
    """Somebody elsewhere began to follow somebody here, or somebody here did."""
    bond = await following.pair(tx, fact.follower_id, fact.followed_id)
    if bond is not None:
        await notify(
            tx, fact.followed_id, Notice.FOLLOW, of=fact.follower_id, object_id=None, here=here, now=bond.created_at
        )


async def forget_posts(tx: Tx, fact: ActorGone, here: Here) -> None:
    """What they wrote goes with them; the ids stay taken."""
    gone = await actors.by_id(tx, fact.actor_id)
    if gone is not None and gone.deleted_at is not None:
        await store.delete_posts_of(tx, gone.id, now=gone.deleted_at)
        await objects.delete_objects_of(tx, gone.id, now=gone.deleted_at)
