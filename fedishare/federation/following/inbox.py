"""What others say about following and blocking. Each handler runs inside the transaction of its dedup row.

Only the side concerned may say it: the follower undoes, the one followed accepts and rejects (SECURITY 0.3). A pair is
found by who they are first, by the id of an activity second: Misskey and Lemmy make up new ids for old Follows.
"""

from msgspec.structs import replace

from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.following import activities, bonds, store
from fedishare.federation.following.model import Follow, Followed, State
from fedishare.federation.following.operations import asked
from fedishare.federation.inbox.handling import Outcome, Received
from fedishare.federation.outbox import send as outbox
from fedishare.federation.policy.circles import NOBODY, PARTNERS, sees
from fedishare.federation.vocabulary.origins import same_origin
from fedishare.federation.vocabulary.reading import first_id
from fedishare.foundation.db.access import Tx
from fedishare.foundation.values.clock import MINUTE
from fedishare.foundation.values.here import Here

ANSWER_AGAIN_AFTER = MINUTE
MOST_WAITING = 1_000
"""Of one server, for one of ours: more of them are no people (A102)."""
_NOT_ASKED = "it answers nothing that was asked of this actor from here"


async def receive_follow(tx: Tx, received: Received, here: Here) -> Outcome:
    """Whoever follows the instance follows the association: flohmarkt knows no other address (WIRE "A proposal")."""
    followed = await _local(tx, received.activity.object_id)
    if followed is None:
        return Outcome.dropped("nobody here is who it wants to follow")
    if await store.blocks(tx, followed.id, received.actor.id):
        return Outcome.dropped("whom it wants to follow wants to hear nothing of this actor")
    known = await store.pair(tx, received.actor.id, followed.id)
    if known is not None and _came_late(known, received):
        return Outcome.dropped("it is older than the end of that follow")
    if known is None and followed.approves_followers and await _too_many_wait(tx, received.actor, followed):
        return Outcome.dropped("too many of its server wait for an answer already")
    await _be_followed(tx, received, followed, known, here=here)
    if followed.kind == "Application":
        await _count_for_association(tx, received, here=here)
    return Outcome.APPLIED


async def _too_many_wait(tx: Tx, by: Actor, followed: Actor) -> bool:
    waiting = await store.pending_of_domain(tx, followed.id, domain=by.domain, most=MOST_WAITING)
    return waiting >= MOST_WAITING


async def _be_followed(tx: Tx, received: Received, followed: Actor, known: Follow | None, *, here: Here) -> None:
    now, by = received.received_at, received.actor
    uri = received.activity.id
    wanted = asked(known, by, followed, uri=uri, signed_at=received.signed_at, here=here, now=now)
    standing = known.state if known else None
    pending = followed.approves_followers and followed.kind != "Application" and standing is not State.ACCEPTED
    pending = pending and not await _is_agreed(tx, by, followed)
    if standing not in (State.PENDING, State.ACCEPTED):
        await tx.tell(Followed(follower_id=by.id, followed_id=followed.id, pending=pending, at=now))
    if pending:
        await store.save(tx, wanted)
    elif standing is State.ACCEPTED and known is not None and _just_answered(known, received):
        await bonds.hold(tx, wanted, before=standing, by_remote=False, here=here, now=now)
    else:
        answered = replace(wanted, answered_at=now)
        await bonds.hold(tx, answered, before=standing, by_remote=False, here=here, now=now)
        said = activities.accept(activities.as_asked(received.activity), by=followed.uri, to=by.uri)
        await outbox.send(tx, said, by=followed, here=here, now=now, circle_id=NOBODY)


async def _is_agreed(tx: Tx, by: Actor, followed: Actor) -> bool:
    """Associations that are partners have agreed to follow each other; whoever lives here has agreed to nothing."""
    return followed.id == (await actors.association(tx)).id and await sees(tx, PARTNERS, by.id)


async def _count_for_association(tx: Tx, received: Received, *, here: Here) -> None:
    """Nothing is answered in the association's name: nobody asked it. Its own no is not gone round this way."""
    by, association = received.actor, await actors.association(tx)
    known = await store.pair(tx, by.id, association.id)
    if await store.blocks(tx, association.id, by.id) or (known is not None and known.state is State.ACCEPTED):
        return
    now, uri, before = received.received_at, received.activity.id, known.state if known else None
    wanted = asked(known, by, association, uri=uri, signed_at=received.signed_at, here=here, now=now)
    if not association.approves_followers or await _is_agreed(tx, by, association):
        await bonds.hold(tx, wanted, before=before, by_remote=False, here=here, now=now)
    elif before is State.PENDING or not await _too_many_wait(tx, by, association):
        await store.save(tx, wanted)
        if before is not State.PENDING:
            await tx.tell(Followed(follower_id=by.id, followed_id=association.id, pending=True, at=now))


async def receive_accept(tx: Tx, received: Received, here: Here) -> Outcome:
    """Of a Follow of ours, by the one we asked. Accepting twice changes nothing."""
    known = await _follow_of_ours(tx, received)
    if known is None:
        return Outcome.dropped(_NOT_ASKED)
    if known.state is State.UNDONE or received.signed_at < known.signed_at:
        return Outcome.dropped("it answers a follow that has ended since")
    heard = replace(known, signed_at=received.signed_at)
    await bonds.hold(tx, heard, before=known.state, by_remote=True, here=here, now=received.received_at)
    return Outcome.APPLIED


async def receive_reject(tx: Tx, received: Received, here: Here) -> Outcome:
    """Of a Follow of ours, by the one we asked: at once or years later."""
    known = await _follow_of_ours(tx, received)
    if known is None:
        return Outcome.dropped(_NOT_ASKED)
    if known.state in (State.UNDONE, State.REJECTED) or received.signed_at < known.signed_at:
        return Outcome.dropped("it answers a follow that has ended since")
    await _release(tx, known, State.REJECTED, received, here)
    return Outcome.APPLIED


async def receive_undo_follow(tx: Tx, received: Received, here: Here) -> Outcome:
    """By the follower. What was followed through the instance actor ends with it."""
    known = await _follow_of_theirs(tx, received)
    if known is None or known.state is State.UNDONE:
        await _remember_undo(tx, received, known, here=here)
    if known is None or known.state not in (State.PENDING, State.ACCEPTED) or received.signed_at < known.signed_at:
        return Outcome.dropped("no follow of its actor's stands that it could end")
    await _release(tx, known, State.UNDONE, received, here)
    followed = await actors.by_id(tx, known.followed_id)
    if followed is not None and followed.kind == "Application":
        association = await actors.association(tx)
        through = await store.pair(tx, received.actor.id, association.id)
        if through is not None and through.uri == known.uri and through.state in (State.PENDING, State.ACCEPTED):
            await _release(tx, through, State.UNDONE, received, here)
    return Outcome.APPLIED


async def _remember_undo(tx: Tx, received: Received, known: Follow | None, *, here: Here) -> None:
    """A retry may bring the Follow after its Undo: what is older than this counts no more."""
    told, by, uri = received.object or {}, received.actor, received.activity.object_id
    followed = await _local(tx, first_id(told.get("object")))
    if followed is None or uri is None or not same_origin(uri, by.uri):
        return
    if first_id(told.get("actor")) not in (None, by.uri):
        return
    if known is not None and received.signed_at <= known.signed_at:
        return
    now = received.received_at
    undone = asked(known, by, followed, uri=uri, signed_at=received.signed_at, here=here, now=now)
    await store.save(tx, replace(undone, state=State.UNDONE))


async def receive_block(tx: Tx, received: Received, here: Here) -> Outcome:
    """Somebody elsewhere blocks somebody here: nothing flows between the two any more.

    With a `target` it is Lemmy's ban from a community, which is no business between the two.
    """
    if received.activity.target is not None:
        return Outcome.dropped("it bans somebody from a community, which is no business of ours")
    blocked = await _local(tx, received.activity.object_id)
    if blocked is None:
        return Outcome.dropped("nobody here is whom it blocks")
    now, by = received.received_at, received.actor
    await store.save_block(tx, blocker_id=by.id, blocked_id=blocked.id, uri=received.activity.id, now=now)
    for known, state in (
        (await store.pair(tx, by.id, blocked.id), State.UNDONE),
        (await store.pair(tx, blocked.id, by.id), State.REJECTED),
    ):
        if known is not None and known.state in (State.PENDING, State.ACCEPTED):
            await _release(tx, known, state, received, here)
    return Outcome.APPLIED


async def receive_undo_block(tx: Tx, received: Received, here: Here) -> Outcome:
    """By whoever blocked. Nobody follows again by itself."""
    by = received.actor.id
    blocked = await _local(tx, first_id((received.object or {}).get("object")))
    blocked_id = blocked.id if blocked else await _blocked_by_id(tx, received)
    if blocked_id is None or not await store.delete_block(tx, blocker_id=by, blocked_id=blocked_id):
        return Outcome.dropped("no block of its actor's stands that it could end")
    return Outcome.APPLIED


async def receive_undo_by_id(tx: Tx, received: Received, here: Here) -> Outcome:
    """An Undo that names a Follow or a Block by its id alone, as Mitra and Pleroma do; others may know it better."""
    if received.object is not None:
        return Outcome.DROPPED
    for handler in (receive_undo_follow, receive_undo_block):
        if (await handler(tx, received, here)).applied:
            return Outcome.APPLIED
    return Outcome.DROPPED


async def receive_accept_by_id(tx: Tx, received: Received, here: Here) -> Outcome:
    """An Accept that names our Follow by its id alone, as Mitra does; of anything else it is none of ours."""
    if received.object is not None:
        return Outcome.dropped(_NOT_ASKED)
    return await receive_accept(tx, received, here)


async def receive_reject_by_id(tx: Tx, received: Received, here: Here) -> Outcome:
    """As `receive_accept_by_id`."""
    if received.object is not None:
        return Outcome.dropped(_NOT_ASKED)
    return await receive_reject(tx, received, here)


async def _release(tx: Tx, known: Follow, state: State, received: Received, here: Here) -> None:
    now = received.received_at
    await bonds.release(tx, known, state, signed_at=received.signed_at, here=here, now=now)


async def _follow_of_ours(tx: Tx, received: Received) -> Follow | None:
    """The Follow that somebody here sent to the actor who answers now: nobody else's answer counts (A087, A089)."""
    asked_by = first_id((received.object or {}).get("actor"))
    if asked_by is not None:
        meant = first_id((received.object or {}).get("object"))
        follower = await _local(tx, asked_by)
        if follower is None or meant not in (None, received.actor.uri):
            return None
        return await store.pair(tx, follower.id, received.actor.id)
    named = await store.by_uri(tx, received.activity.object_id or "", actor_id=received.actor.id)
    return named if named is not None and named.followed_id == received.actor.id else None


async def _follow_of_theirs(tx: Tx, received: Received) -> Follow | None:
    """The Follow of the actor who undoes now. One embedded in another's name is not theirs (A085, A086)."""
    told = received.object or {}
    if first_id(told.get("actor")) not in (None, received.actor.uri):
        return None
    followed = await _local(tx, first_id(told.get("object")))
    if followed is not None:
        return await store.pair(tx, received.actor.id, followed.id)
    named = await store.by_uri(tx, received.activity.object_id or "", actor_id=received.actor.id)
    return named if named is not None and named.follower_id == received.actor.id else None


async def _blocked_by_id(tx: Tx, received: Received) -> int | None:
    uri = received.activity.object_id
    return await store.blocked_by_uri(tx, blocker_id=received.actor.id, uri=uri) if uri else None


async def _local(tx: Tx, uri: str | None) -> Actor | None:
    found = await actors.by_uri(tx, uri) if uri else None
    return found if found is not None and found.local and found.deleted_at is None else None


def _came_late(known: Follow, received: Received) -> bool:
    """Whether the Follow is older than the Undo or Reject that stands, or the very one that was undone (A022).

    Dates have whole seconds: within one, another id tells another Follow.
    """
    if known.state in (State.PENDING, State.ACCEPTED):
        return False
    same = known.uri == received.activity.id
    return received.signed_at < known.signed_at or (received.signed_at == known.signed_at and same)


def _just_answered(known: Follow, received: Received) -> bool:
    return known.answered_at is not None and received.received_at - known.answered_at < ANSWER_AGAIN_AFTER
