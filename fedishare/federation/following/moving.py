"""Somebody elsewhere is another actor from now on: who followed the old one here follows the new one.

Sources: INTEROP B.8.13, FEP-7628, WIRE "Move"; attack A096. The old account says so and the new one names the old in
`alsoKnownAs`; or the new one says so and the old shows `movedTo` as well. Both are asked anew, outside of any
transaction, and believed once in thirty days. Nobody moves to here: our actors have no former names.
"""

from contextlib import suppress

import structlog
from msgspec import Struct

from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.fetching.fetcher import Fetcher
from fedishare.federation.following import operations, store
from fedishare.federation.following.model import Moved
from fedishare.federation.inbox.handling import Outcome, Received
from fedishare.federation.vocabulary.actor import read_actor
from fedishare.foundation.db.access import Tx
from fedishare.foundation.db.database import Database
from fedishare.foundation.jobs.queue import enqueue
from fedishare.foundation.values.clock import DAY, HOUR, Clock, Instant, later
from fedishare.foundation.values.errors import Gone, Malformed, RemotelyGone, Untrusted
from fedishare.foundation.values.here import Here

log = structlog.get_logger()

FOLLOW_ON = "following.move"
ONCE_IN = 30 * DAY
ASKED_AGAIN_AFTER = HOUR
MOST_FOLLOWERS = 1_000


class Move(Struct, frozen=True):
    """A job: ask whether it is true, and follow on. `by_target`: the new account says so, not the old one."""

    actor_id: int
    target_uri: str
    by_target: bool


async def receive_move(tx: Tx, received: Received, here: Here) -> Outcome:
    """Nothing is believed yet, and nobody is asked where it would change nothing."""
    said, by = received.activity, received.actor.uri
    if said.object_id is None or said.target is None or said.object_id == said.target:
        return Outcome.dropped("it does not say who moves, and where to")
    if by not in (said.object_id, said.target):
        return Outcome.dropped("only who moves says so")
    old = await actors.by_uri(tx, said.object_id)
    if old is None or old.local or not await store.local_followers(tx, old.id, 1):
        return Outcome.dropped("nobody here follows who moves")
    now, since = received.received_at, later(received.received_at, -ONCE_IN)
    # What somebody else says of it takes nothing from the word of the one who moves: each has a place of their own.
    asked = not await store.moved_since(tx, old.id, since) and await store.ask_to_move(
        tx,
        received.actor.id,
        target_uri=said.target,
        asked_before=later(now, -ASKED_AGAIN_AFTER),
        moved_before=since,
        now=now,
    )
    if not asked:
        return Outcome.dropped("they have moved, or said so, not long ago")
    work = Move(old.id, said.target, by == said.target)
    once = f"{old.id} {received.actor.id}"
    await enqueue(tx, FOLLOW_ON, work, due_at=now, once=once, new_id=here.ids.new(now))
    return Outcome.APPLIED


async def follow_on(work: Move, *, db: Database, fetcher: Fetcher, here: Here, clock: Clock) -> None:
    """The job. Raises Unreachable: it is tried again later."""
    old = await db.read(actors.by_id, work.actor_id)
    if old is None or old.deleted_at is not None or here.owns(work.target_uri):
        return
    try:
        await _check(work, old, fetcher=fetcher, now=clock.now())
        new = await fetcher.actor(work.target_uri, fresh=True)
    except (Untrusted, Malformed, RemotelyGone) as reason:
        log.info("move_refused", actor=old.uri, target=work.target_uri, why=str(reason))
        return
    await db.work(_follow_on, old, new, here=here, now=clock.now())


async def _check(work: Move, old: Actor, *, fetcher: Fetcher, now: Instant) -> None:
    """Raises Untrusted unless both accounts say the same, today."""
    target = read_actor(await fetcher.document(work.target_uri), now)
    if target.uri != work.target_uri or old.uri not in target.also_known_as:
        raise Untrusted("the new account does not say that it was the old one")
    if target.moved_to is not None:
        raise Untrusted("the new account has moved on itself")
    if work.by_target and read_actor(await fetcher.document(old.uri), now).moved_to != target.uri:
        raise Untrusted("the old account does not say that it has moved there")


async def _follow_on(tx: Tx, old: Actor, new: Actor, *, here: Here, now: Instant) -> None:
    """Whoever moved away from the new account not long ago is going in circles."""
    since = later(now, -ONCE_IN)
    if await store.moved_since(tx, new.id, since):
        return
    if not await store.mark_moved(tx, old.id, target_uri=new.uri, moved_before=since, now=now):
        return
    await tx.tell(Moved(actor_id=old.id, target_id=new.id, at=now))
    followers = await actors.by_ids(tx, await store.local_followers(tx, old.id, MOST_FOLLOWERS))
    for follower in followers.values():
        # Whom somebody has blocked they follow under no name.
        if not await store.blocks(tx, follower.id, new.id):
            with suppress(operations.Blocked, Gone):
                await operations.follow(tx, follower, new, here=here, now=now)
        await operations.unfollow(tx, follower, old, here=here, now=now)
