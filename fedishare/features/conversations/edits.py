"""Edits of what others wrote: newer words, a smaller circle, and an edit that overtook its post.

Sources: INTEROP B.8.7, SECURITY 0.3; attacks A078 to A081, A112. Only its author's, and only if it is later. What a
steward let through waits again when its words change. An edit never makes anything of its own accord.
"""

from fedishare.features.conversations import activities, early, objects, store
from fedishare.features.conversations.model import POST, Audience, Post
from fedishare.features.conversations.reception import concerns_us, named_here
from fedishare.features.conversations.wording import words
from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.following import store as following
from fedishare.federation.inbox.handling import Outcome
from fedishare.federation.policy import circles
from fedishare.federation.vocabulary.note import Note
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.here import Here


async def change(tx: Tx, note: Note, author: Actor, here: Here, *, now: Instant) -> Outcome:
    """Raises Malformed for words that are none."""
    if note.updated is None:
        return Outcome.dropped("it does not say when it was edited: it only counts something")
    known = await objects.object_by_uri(tx, note.uri)
    if known is None:
        return await _keep_for_later(tx, note, author, now=now)
    post = await store.post_by_id(tx, known.id) if known.kind == POST else None
    if post is None or known.owner_id != author.id:
        return Outcome.dropped("it edits what is not its author's")
    if await _unwanted(tx, post, author):
        return Outcome.dropped("whom it was for wants to hear nothing of its author")
    updated = min(note.updated, now)
    if await objects.change_object(tx, known.id, note.raw, updated_at=updated):
        await store.change_post(
            tx, known.id, content=words(note), warning=note.summary, language=note.language, updated_at=updated
        )
        await _narrow(tx, note, author, post, here, now=now)
    return Outcome.APPLIED


async def _keep_for_later(tx: Tx, note: Note, author: Actor, *, now: Instant) -> Outcome:
    """Its post may be on its way, by a retry: it is then kept in its newer words (A080)."""
    if await actors.by_uri(tx, note.uri) is not None:
        return Outcome.dropped("its id is that of somebody, who is no post")
    if not await concerns_us(tx, note, author):
        return Outcome.dropped("it edits what was never kept here")
    await early.keep(tx, note, owner_id=author.id, now=now)
    return Outcome.dropped("its post has not come: it waits for that, and makes none")


async def _unwanted(read: Read, post: Post, author: Actor) -> bool:
    """Whether somebody it was for, or who answers for it here, has blocked its author since (A112)."""
    readers = await store.readers_of(read, post.circle_id) if post.circle_id != circles.PUBLIC else []
    stewards = [post.steward_id] if post.steward_id is not None else []
    return any([await following.blocks(read, one, author.id) for one in (*readers, *stewards)])


async def _narrow(tx: Tx, note: Note, author: Actor, post: Post, here: Here, *, now: Instant) -> None:
    """Fewer may read it from now on; never more: those who came later were not meant when it was written."""
    circle_id = await _smaller_circle(tx, note, author, post, here, now=now)
    if circle_id is not None:
        await store.narrow_post(tx, post.id, circle_id=circle_id)
        await objects.narrow_object(tx, post.id, circle_id=circle_id)


async def _smaller_circle(tx: Tx, note: Note, author: Actor, post: Post, here: Here, *, now: Instant) -> int | None:
    """Where it belongs from now on; None when nothing becomes narrower."""
    meant = activities.audience(note, author)
    if meant is Audience.PUBLIC:
        return None
    named = {actor.id for actor in await named_here(tx, note, author)}
    followers = await circles.followers_of(tx, author.id, here, now)
    if post.circle_id == circles.PUBLIC and meant is Audience.FOLLOWERS and not named:
        return followers
    if post.circle_id == followers and meant is Audience.FOLLOWERS:
        return None
    left = {author.id, *named}
    if post.circle_id not in (circles.PUBLIC, followers):
        readers = set(await store.readers_of(tx, post.circle_id))
        if readers <= left:
            return None
        left &= readers
    return await circles.direct(tx, left, here, now)
