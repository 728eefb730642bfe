"""Somebody here wants to hear nothing of somebody elsewhere, until they change their mind. Each is one transaction.

What it means for what comes in is asked where it comes in (`inbox.py`, conversations); what goes out, by `outbox.send`.
"""

from typing import Any

from fedishare.federation.actors.model import Actor
from fedishare.federation.following import activities, operations, store
from fedishare.federation.following.model import State
from fedishare.federation.outbox import send as outbox
from fedishare.federation.policy.circles import NOBODY
from fedishare.foundation.db.access import Tx
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.errors import N_, Conflict, NotFound
from fedishare.foundation.values.here import Here


class BlocksOneself(Conflict):
    slug = "blocks-oneself"
    title = N_("Nobody can block themselves.")
    advice = N_("Choose somebody else.")


class NotBlocked(NotFound):
    slug = "not-blocked"
    title = N_("They are not blocked.")
    advice = N_("Look at the list of who is blocked.")


async def block(tx: Tx, blocker: Actor, blocked: Actor, *, here: Here, now: Instant) -> None:
    """Follows end both ways, and their server is told, so that it shows them nothing either. Raises BlocksOneself."""
    if blocker.id == blocked.id:
        raise BlocksOneself()
    if await store.blocks(tx, blocker.id, blocked.id):
        return
    if await _holds(tx, blocked, blocker):
        await operations.remove_follower(tx, blocked, blocker, here=here, now=now)
    if await _holds(tx, blocker, blocked):
        await operations.unfollow(tx, blocker, blocked, here=here, now=now)
    uri = f"{blocker.uri}#blocks/{here.ids.new(now)}"
    await store.save_block(tx, blocker_id=blocker.id, blocked_id=blocked.id, uri=uri, now=now)
    if not blocked.local:
        said = {**_block(blocker, blocked, uri), "to": [blocked.uri]}
        await outbox.send(tx, said, by=blocker, here=here, now=now, circle_id=NOBODY)


async def unblock(tx: Tx, blocker: Actor, blocked: Actor, *, here: Here, now: Instant) -> None:
    """Nobody follows again by itself. Raises NotBlocked."""
    uri = await store.uri_of_block(tx, blocker_id=blocker.id, blocked_id=blocked.id)
    if uri is None:
        raise NotBlocked(f"{blocker.uri} {blocked.uri}")
    await store.delete_block(tx, blocker_id=blocker.id, blocked_id=blocked.id)
    if not blocked.local:
        said = activities.undo(_block(blocker, blocked, uri), by=blocker.uri, to=blocked.uri)
        await outbox.send(tx, said, by=blocker, here=here, now=now, circle_id=NOBODY)


async def _holds(tx: Tx, follower: Actor, followed: Actor) -> bool:
    known = await store.pair(tx, follower.id, followed.id)
    return known is not None and known.state in (State.PENDING, State.ACCEPTED)


def _block(blocker: Actor, blocked: Actor, uri: str) -> dict[str, Any]:
    return {"id": uri, "type": "Block", "actor": blocker.uri, "object": blocked.uri}
