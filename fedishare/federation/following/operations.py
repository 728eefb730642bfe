"""What people here do about following: each is one transaction, and tells the other side.

What others do to us: `inbox.py`. Nobody is looked up on the network: whoever is followed is stored already.
"""

from typing import Any

from msgspec.structs import replace

from fedishare.federation.actors.model import Actor
from fedishare.federation.following import activities, bonds, store
from fedishare.federation.following.model import Follow, Followed, State
from fedishare.federation.outbox import send as outbox
from fedishare.federation.policy.circles import NOBODY
from fedishare.foundation.db.access import Tx
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.errors import N_, Conflict, Gone, NotAllowed, NotFound
from fedishare.foundation.values.here import Here

OURS = Instant(0)
"""Signed by nobody elsewhere, so that whatever they answer is later."""


class FollowsOneself(Conflict):
    slug = "follows-oneself"
    title = N_("Nobody can follow themselves.")
    advice = N_("Choose somebody else.")


class Blocked(NotAllowed):
    """They have told us that they want to hear nothing of this actor."""

    slug = "blocked"
    title = N_("They do not want to be followed from this account.")
    advice = N_("Nothing was sent. Their answer stands until they change it.")


class NotFollowed(NotFound):
    slug = "not-followed"
    title = N_("There is no such follow.")
    advice = N_("Look at the list of who follows whom.")


async def follow(tx: Tx, follower: Actor, followed: Actor, *, here: Here, now: Instant) -> State:
    """`follower`, who lives here, wants to get what `followed` says. Asking again asks again, unless it was accepted.

    Raises FollowsOneself, Gone, Blocked.
    """
    if follower.id == followed.id:
        raise FollowsOneself()
    if followed.deleted_at is not None:
        raise Gone(followed.uri)
    if await store.blocks(tx, followed.id, follower.id):
        raise Blocked(followed.uri)
    known = await store.pair(tx, follower.id, followed.id)
    if known is not None and known.state is State.ACCEPTED:
        return State.ACCEPTED
    if followed.local:
        return await _follow_here(tx, follower, followed, known, here=here, now=now)
    asking = activities.asking(follower.uri, followed.uri)
    uri = await outbox.send(tx, asking, by=follower, here=here, now=now, circle_id=NOBODY)
    await store.save(tx, asked(known, follower, followed, uri=uri, signed_at=OURS, here=here, now=now))
    return State.PENDING


async def _follow_here(
    tx: Tx, follower: Actor, followed: Actor, known: Follow | None, *, here: Here, now: Instant
) -> State:
    """Nothing is sent: both sides read the same row."""
    number = here.ids.new(now)
    uri = known.uri if known is not None else f"{follower.uri}#follows/{number}"
    wanted = asked(known, follower, followed, uri=uri, signed_at=OURS, here=here, now=now)
    if followed.approves_followers:
        await store.save(tx, wanted)
    else:
        await bonds.hold(tx, wanted, before=known.state if known else None, by_remote=False, here=here, now=now)
    await tx.tell(
        Followed(follower_id=follower.id, followed_id=followed.id, pending=followed.approves_followers, at=now)
    )
    return State.PENDING if followed.approves_followers else State.ACCEPTED


def asked(
    known: Follow | None,
    follower: Actor,
    followed: Actor,
    *,
    uri: str,
    signed_at: Instant,
    here: Here,
    now: Instant,
) -> Follow:
    """The row of a pair at the moment one asks the other."""
    if known is not None:
        return replace(known, uri=uri, state=State.PENDING, signed_at=signed_at)
    return Follow(
        id=here.ids.new(now),
        uri=uri,
        follower_id=follower.id,
        followed_id=followed.id,
        state=State.PENDING,
        signed_at=signed_at,
        answered_at=None,
        created_at=now,
    )


async def unfollow(tx: Tx, follower: Actor, followed: Actor, *, here: Here, now: Instant) -> None:
    """`follower`, who lives here, has had enough. Raises NotFollowed."""
    known = await _standing(tx, follower, followed)
    await bonds.release(tx, known, State.UNDONE, signed_at=OURS, here=here, now=now)
    if not followed.local:
        undone = activities.undo(_said(known, follower, followed), by=follower.uri, to=followed.uri)
        await outbox.send(tx, undone, by=follower, here=here, now=now, circle_id=NOBODY)


async def accept(tx: Tx, follower: Actor, followed: Actor, *, here: Here, now: Instant) -> None:
    """`followed`, who lives here, lets `follower` follow. Raises NotFollowed."""
    known = await _standing(tx, follower, followed)
    answered = replace(known, answered_at=now)
    await bonds.hold(tx, answered, before=known.state, by_remote=False, here=here, now=now)
    if not follower.local:
        said = activities.accept(_said(known, follower, followed), by=followed.uri, to=follower.uri)
        await outbox.send(tx, said, by=followed, here=here, now=now, circle_id=NOBODY)


async def reject(tx: Tx, follower: Actor, followed: Actor, *, here: Here, now: Instant) -> None:
    """`followed`, who lives here, does not let `follower` follow, or no longer. Raises NotFollowed."""
    known = await _standing(tx, follower, followed)
    await bonds.release(tx, known, State.REJECTED, signed_at=known.signed_at, here=here, now=now)
    if not follower.local:
        said = activities.reject(_said(known, follower, followed), by=followed.uri, to=follower.uri)
        await outbox.send(tx, said, by=followed, here=here, now=now, circle_id=NOBODY)


async def remove_follower(tx: Tx, follower: Actor, followed: Actor, *, here: Here, now: Instant) -> None:
    """On the wire this is a Reject of what was accepted: every server knows it (INTEROP B.9). Raises NotFollowed."""
    await reject(tx, follower, followed, here=here, now=now)


async def _standing(tx: Tx, follower: Actor, followed: Actor) -> Follow:
    known = await store.pair(tx, follower.id, followed.id)
    if known is None or known.state not in (State.PENDING, State.ACCEPTED):
        raise NotFollowed(f"{follower.uri} {followed.uri}")
    return known


def _said(known: Follow, follower: Actor, followed: Actor) -> dict[str, Any]:
    return activities.follow(follower.uri, followed.uri, uri=known.uri)
