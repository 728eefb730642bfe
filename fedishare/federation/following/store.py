"""The rows of `follow` and `block`. Nothing is decided here."""

from msgspec import Struct

from fedishare.federation.following.model import Counts, Follow, Relation, State
from fedishare.federation.vocabulary.collections import NEWEST
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.db.queries import load
from fedishare.foundation.values.clock import Instant

sql = load(__file__)

LISTED = 200
"""As many as any list without pages shows."""


class Peer(Struct, frozen=True, kw_only=True):
    """A server, as the administrator sees it."""

    host: str
    followers: int
    following: int
    software: str
    failures: int
    last_heard_at: Instant | None
    last_success_at: Instant | None


async def pair(read: Read, follower_id: int, followed_id: int) -> Follow | None:
    return await read.one(Follow, sql.pair, follower_id=follower_id, followed_id=followed_id)


async def by_uri(read: Read, uri: str, *, actor_id: int) -> Follow | None:
    """By the id of its activity, where `actor_id` is one of its two sides."""
    return await read.one(Follow, sql.by_uri, uri=uri, actor_id=actor_id)


async def save(tx: Tx, follow: Follow) -> None:
    """Whatever stood between the two before, this does now."""
    await tx.run(
        sql.save,
        id=follow.id,
        uri=follow.uri,
        follower_id=follow.follower_id,
        followed_id=follow.followed_id,
        state=follow.state.value,
        signed_at=follow.signed_at,
        answered_at=follow.answered_at,
        created_at=follow.created_at,
    )


async def all_of(read: Read, actor_id: int) -> list[Follow]:
    """Every follow from or to somebody that holds or waits."""
    return await read.all(Follow, sql.all_of, actor_id=actor_id)


async def followers(
    read: Read, actor_id: int, before: int = NEWEST, size: int = LISTED, *, state: State = State.ACCEPTED
) -> list[Relation]:
    """Newest first; the key of the next page is the last one's `id`."""
    return await read.all(Relation, sql.followers, actor_id=actor_id, before=before, size=size, state=state.value)


async def following(
    read: Read, actor_id: int, before: int = NEWEST, size: int = LISTED, *, state: State = State.ACCEPTED
) -> list[Relation]:
    """Newest first; the key of the next page is the last one's `id`."""
    return await read.all(Relation, sql.following, actor_id=actor_id, before=before, size=size, state=state.value)


async def counts(read: Read, actor_id: int) -> Counts:
    found = await read.one(Counts, sql.counts, actor_id=actor_id)
    return found or Counts(followers=0, following=0)


async def follows(read: Read, follower_id: int, followed_id: int) -> bool:
    """Whether it was accepted and still holds."""
    found = await pair(read, follower_id, followed_id)
    return found is not None and found.state is State.ACCEPTED


async def partners(read: Read, size: int = LISTED) -> list[Relation]:
    """Associations elsewhere that follow ours and that ours follows, newest first."""
    return await read.all(Relation, sql.partners, size=size)


async def is_partner(read: Read, actor_id: int) -> bool:
    return await read.value(sql.is_partner, actor_id=actor_id) is not None


async def save_block(tx: Tx, *, blocker_id: int, blocked_id: int, uri: str, now: Instant) -> None:
    await tx.run(sql.save_block, blocker_id=blocker_id, blocked_id=blocked_id, uri=uri, now=now)


async def delete_block(tx: Tx, *, blocker_id: int, blocked_id: int) -> bool:
    return bool(await tx.run(sql.delete_block, blocker_id=blocker_id, blocked_id=blocked_id))


async def blocks(read: Read, blocker_id: int, blocked_id: int) -> bool:
    return await read.value(sql.blocks, blocker_id=blocker_id, blocked_id=blocked_id) is not None


async def blocked_by_uri(read: Read, *, blocker_id: int, uri: str) -> int | None:
    found: int | None = await read.value(sql.blocked_by_uri, blocker_id=blocker_id, uri=uri)
    return found


async def peers(read: Read, size: int = LISTED) -> list[Peer]:
    return await read.all(Peer, sql.peers, size=size)


async def one_of_each_inbox(read: Read) -> list[str]:
    """Actors elsewhere, one for each place where they are told things."""
    return [row[0] for row in await read.all(tuple, sql.one_of_each_inbox)]
