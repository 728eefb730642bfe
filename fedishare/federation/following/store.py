"""The rows of `follow` and `block`. Nothing is decided here."""

from collections.abc import Collection

import msgspec
from msgspec import Struct

from fedishare.federation.following.model import Counts, Follow, Relation, State
from fedishare.federation.vocabulary.collections import NEWEST
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.db.queries import load
from fedishare.foundation.db.recalling import Recalling
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


class Blocked(Struct, frozen=True, kw_only=True):
    """Somebody whom somebody here wants to hear nothing of."""

    uri: str
    name: str
    domain: str
    created_at: Instant

    @property
    def handle(self) -> str:
        return f"{self.name}@{self.domain}"


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


async def save_block(tx: Tx, *, blocker_id: int, blocked_id: int, uri: str, now: Instant) -> None:
    await tx.run(sql.save_block, blocker_id=blocker_id, blocked_id=blocked_id, uri=uri, now=now)


async def delete_block(tx: Tx, *, blocker_id: int, blocked_id: int) -> bool:
    return bool(await tx.run(sql.delete_block, blocker_id=blocker_id, blocked_id=blocked_id))


async def foresee(tx: Recalling, ours: Collection[int], theirs: Collection[int]) -> None:
    """`blocks` asks the database for none of these pairs again."""
    first, second = (msgspec.json.encode(sorted(side)).decode() for side in (ours, theirs))
    found = set(await tx.all(tuple, sql.blocks_between, ours=first, theirs=second)) if ours and theirs else set()
    pairs = [pair for one in ours for other in theirs for pair in ((one, other), (other, one))]
    answers = (({"blocker_id": one, "blocked_id": other}, 1 if (one, other) in found else None) for one, other in pairs)
    tx.learn("value", None, sql.blocks, answers)


async def blocks(read: Read, blocker_id: int, blocked_id: int) -> bool:
    return await read.value(sql.blocks, blocker_id=blocker_id, blocked_id=blocked_id) is not None


async def uri_of_block(read: Read, *, blocker_id: int, blocked_id: int) -> str | None:
    found: str | None = await read.value(sql.uri_of_block, blocker_id=blocker_id, blocked_id=blocked_id)
    return found


async def blocked_by(read: Read, blocker_id: int, size: int = LISTED) -> list[Blocked]:
    return await read.all(Blocked, sql.blocked_by, blocker_id=blocker_id, size=size)


async def blocked_by_uri(read: Read, *, blocker_id: int, uri: str) -> int | None:
    found: int | None = await read.value(sql.blocked_by_uri, blocker_id=blocker_id, uri=uri)
    return found


async def peers(read: Read, size: int = LISTED) -> list[Peer]:
    return await read.all(Peer, sql.peers, size=size)


async def one_of_each_inbox(read: Read) -> list[str]:
    """Actors elsewhere, one for each place where they are told things."""
    return [row[0] for row in await read.all(tuple, sql.one_of_each_inbox)]


async def pending_of_domain(read: Read, followed_id: int, *, domain: str, most: int) -> int:
    """At most `most`."""
    return int(await read.value(sql.pending_of_domain, followed_id=followed_id, domain=domain, most=most))


async def local_followers(read: Read, followed_id: int, size: int) -> list[int]:
    return [row[0] for row in await read.all(tuple, sql.local_followers, followed_id=followed_id, size=size)]


async def local_follower_uris(read: Read, followed_id: int, size: int) -> list[str]:
    return [row[0] for row in await read.all(tuple, sql.local_follower_uris, followed_id=followed_id, size=size)]


async def ask_to_move(
    tx: Tx, actor_id: int, *, target_uri: str, asked_before: Instant, moved_before: Instant, now: Instant
) -> bool:
    """False when they said so after `asked_before`, or have moved after `moved_before`."""
    asked = await tx.run(
        sql.ask_to_move,
        actor_id=actor_id,
        target_uri=target_uri,
        asked_before=asked_before,
        moved_before=moved_before,
        now=now,
    )
    return asked == 1


async def mark_moved(tx: Tx, actor_id: int, *, target_uri: str, moved_before: Instant, now: Instant) -> bool:
    """False when it was done after `moved_before`."""
    marked = await tx.run(sql.mark_moved, actor_id=actor_id, target_uri=target_uri, moved_before=moved_before, now=now)
    return marked == 1


async def moved_since(read: Read, actor_id: int, since: Instant) -> bool:
    return await read.value(sql.moved_since, actor_id=actor_id, since=since) is not None
