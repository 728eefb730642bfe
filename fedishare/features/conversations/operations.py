"""What people here can write, and decide about what others wrote. Each is one transaction.

Replies to what is published here wait for its steward, wherever they come from; those of the steward do not. What
others send comes in through `reception.py`.
"""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from fedishare.features.conversations import activities, objects, store
from fedishare.features.conversations.model import (
    LONGEST_TEXT,
    POST,
    PROPOSAL,
    Notice,
    Post,
    PostState,
    StoredObject,
)
from fedishare.features.conversations.notices import notify
from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.following import store as following
from fedishare.federation.outbox.send import send
from fedishare.federation.policy import circles
from fedishare.federation.vocabulary.reading import first_id
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.text.markdown import render
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.errors import N_, Conflict, Gone, Invalid, NotAllowed, NotFound
from fedishare.foundation.values.here import Here


class AlreadyDecided(Conflict):
    slug = "already-decided"
    title = N_("Somebody has decided about this reply already.")
    advice = N_("Load the page again and see how it stands now.")


class NothingPasses(NotAllowed):
    """One of the two has blocked the other."""

    slug = "nothing-passes"
    title = N_("Nothing passes between the two of you.")
    advice = N_("One of you does not want to hear of the other. Nothing was sent.")


async def reply(tx: Tx, parent_uri: str, source: str, *, by: Actor, language: str, here: Here, now: Instant) -> Post:
    """Answer a proposal or a post. Raises NotFound, Gone, Invalid, NothingPasses.

    Where the answer waits for a steward here, the network hears of it only once it is shown. What not everybody may
    read is answered in private.
    """
    parent = await _parent(tx, parent_uri, viewer=by.id)
    root = await root_of(tx, parent)
    answered = await actors.by_ids(tx, {parent.owner_id, root.owner_id})
    if parent.circle_id != circles.PUBLIC:
        about = await store.post_by_id(tx, parent.id) or parent
        others = list(answered.values())
        return await send_direct(tx, source, by=by, to=others, answering=about, language=language, here=here, now=now)
    steward = answered[root.owner_id]
    if await _silent(tx, steward, by):
        raise NothingPasses(f"{by.uri} {steward.uri}")
    held = steward.local and steward.id != by.id
    post = replace(
        _written(source, by=by, language=language, here=here, now=now),
        thread_id=root.id,
        proposal_id=root.id if root.kind == PROPOSAL else None,
        in_reply_to=parent.uri,
        state=PostState.HELD if held else PostState.SHOWN,
        steward_id=steward.id if held else None,
    )
    to = [actor for actor in answered.values() if actor.id != by.id and actor.deleted_at is None]
    said = activities.reply_note(post, by, to=to, context=_context_of(root, here))
    await _keep(tx, post, said)
    if not held:
        await _send_reply(tx, post, said, by=by, here=here, now=now)
    for actor in to:
        if actor.local:
            await notify(tx, actor.id, Notice.REPLY, of=by.id, object_id=post.id, here=here, now=now)
    return post


async def publish_note(tx: Tx, source: str, *, by: Actor, language: str, here: Here, now: Instant) -> Post:
    """A public post of its own, such as the digest of an import. Raises Invalid."""
    post = _written(source, by=by, language=language, here=here, now=now)
    said = activities.public_note(post, by)
    await _keep(tx, post, said)
    await send(tx, activities.create(said), by=by, here=here, now=now)
    return post


async def send_direct(
    tx: Tx,
    source: str,
    *,
    by: Actor,
    to: Sequence[Actor],
    answering: Post | StoredObject | None = None,
    language: str,
    here: Here,
    now: Instant,
) -> Post:
    """Write to somebody alone: on in a private thread (`answering` its last post), about a proposal, or out of the
    blue. Raises Invalid without anybody to write to, NothingPasses with nobody who wants to read it.

    A direct thread never becomes public: whoever wrote in it agreed to a private one.
    """
    others = [actor for actor in to if actor.id != by.id]
    if not others:
        raise Invalid({"text": N_("There is nobody else to write to.")})
    others = [actor for actor in others if not await _silent(tx, actor, by)]
    if not others:
        raise NothingPasses(by.uri)
    circle_id = await circles.direct(tx, [by.id, *(actor.id for actor in others)], here, now)
    post = replace(_written(source, by=by, language=language, here=here, now=now), circle_id=circle_id)
    if isinstance(answering, Post):
        thread = answering.thread_id
        post = replace(post, thread_id=thread, in_reply_to=answering.uri, proposal_id=answering.proposal_id)
    elif answering is not None:
        post = replace(post, in_reply_to=answering.uri, proposal_id=answering.id)
    said = activities.direct_note(post, by, to=others)
    await _keep(tx, post, said)
    await send(tx, activities.create(said), by=by, here=here, now=now, circle_id=circle_id)
    for actor in others:
        if actor.local:
            await notify(tx, actor.id, Notice.DIRECT, of=by.id, object_id=post.id, here=here, now=now)
    return post


async def write_about(
    tx: Tx, proposal_id: int, source: str, *, by: Actor, language: str, here: Here, now: Instant
) -> Post:
    """Begin a private thread with whoever published something. Raises NotFound, Gone, Invalid."""
    found = await objects.object_seen(tx, proposal_id, viewer=by.id)
    if found is None or found.kind != PROPOSAL:
        raise NotFound(f"no proposal {proposal_id}")
    if found.deleted_at is not None:
        raise Gone(found.uri)
    owner = (await actors.by_ids(tx, [found.owner_id]))[found.owner_id]
    return await send_direct(tx, source, by=by, to=[owner], answering=found, language=language, here=here, now=now)


async def answer_direct(
    tx: Tx, thread_id: int, source: str, *, by: Actor, language: str, here: Here, now: Instant
) -> Post:
    """Go on in a private thread, with everybody who had its last post. Raises NotFound, Invalid."""
    posts = await store.direct_posts(tx, thread_id, viewer=by.id)
    last = await store.post_by_id(tx, posts[-1].id) if posts else None
    if last is None:
        raise NotFound(f"no thread {thread_id} for {by.uri}")
    readers = await actors.by_ids(tx, await store.readers_of(tx, last.circle_id))
    to = list(readers.values())
    return await send_direct(tx, source, by=by, to=to, answering=last, language=language, here=here, now=now)


async def approve(tx: Tx, post_id: int, *, by: Sequence[int], here: Here, now: Instant) -> Post:
    """The steward lets a reply appear. `by` are the actors in whose name this person may act.

    Raises NotFound, NotAllowed, AlreadyDecided.
    """
    post = await _decided(tx, post_id, PostState.SHOWN, by=by)
    author = (await actors.by_ids(tx, [post.author_id]))[post.author_id]
    if author.local:
        kept = await objects.object_by_uri(tx, post.uri)
        if kept is not None:
            await _send_reply(tx, post, msgspec.json.decode(kept.json), by=author, here=here, now=now)
    return post


async def refuse(tx: Tx, post_id: int, *, by: Sequence[int]) -> Post:
    """The steward does not want it here. Its author is not told. Raises NotFound, NotAllowed, AlreadyDecided."""
    return await _decided(tx, post_id, PostState.REFUSED, by=by)


async def delete_post(tx: Tx, post_id: int, *, by: Sequence[int], here: Here, now: Instant) -> None:
    """Take back what one wrote, everywhere it was sent. Raises NotFound, NotAllowed."""
    post = await _existing(tx, post_id, by=by)
    if post.author_id not in by:
        raise NotAllowed(f"post {post_id} belongs to {post.author_id}")
    kept = await objects.object_by_uri(tx, post.uri)
    await store.delete_post(tx, post.id, now=now)
    await objects.delete_object(tx, post.id, now=now)
    if kept is not None and post.state == PostState.SHOWN:
        author = (await actors.by_ids(tx, [post.author_id]))[post.author_id]
        said = activities.delete(msgspec.json.decode(kept.json))
        await send(tx, said, by=author, here=here, now=now, circle_id=post.circle_id)


async def _silent(read: Read, one: Actor, other: Actor) -> bool:
    """Whether either wants to hear nothing of the other."""
    return await following.blocks(read, one.id, other.id) or await following.blocks(read, other.id, one.id)


async def root_of(read: Read, found: StoredObject) -> StoredObject:
    """What a thread hangs from: a proposal, or the post that began it. The thing itself when that is not here."""
    if found.kind != POST:
        return found
    post = await store.post_by_id(read, found.id)
    if post is None or post.thread_id == found.id:
        return found
    root = await objects.object_by_id(read, post.thread_id)
    return found if root is None else root


def _context_of(root: StoredObject, here: Here) -> str | None:
    """The address of the whole conversation, where its first post has one."""
    if here.owns(root.uri):
        return f"{root.uri}/context" if root.kind == PROPOSAL else None
    known = msgspec.json.decode(root.json)
    return first_id(known.get("context")) or first_id(known.get("conversation"))


async def _parent(read: Read, uri: str, *, viewer: int) -> StoredObject:
    known = await objects.object_by_uri(read, uri)
    seen = None if known is None else await objects.object_seen(read, known.id, viewer=viewer)
    if seen is None:
        raise NotFound(f"nothing here is {uri}")
    if seen.deleted_at is not None:
        raise Gone(uri)
    return seen


async def _existing(read: Read, post_id: int, *, by: Sequence[int]) -> Post:
    """Raises NotFound, also for what none of these may know of: a refusal would tell that it is there."""
    post = await store.post_by_id(read, post_id)
    if post is None or post.deleted_at is not None or not await _known_to(read, post, by):
        raise NotFound(f"no post {post_id}")
    return post


async def _known_to(read: Read, post: Post, actor_ids: Sequence[int]) -> bool:
    if post.author_id in actor_ids or post.steward_id in actor_ids:
        return True
    return post.state == PostState.SHOWN and any([await circles.sees(read, post.circle_id, one) for one in actor_ids])


async def _decided(tx: Tx, post_id: int, state: PostState, *, by: Sequence[int]) -> Post:
    post = await _existing(tx, post_id, by=by)
    if post.steward_id not in by:
        raise NotAllowed(f"post {post_id} waits for {post.steward_id}")
    if not await store.decide_post(tx, post_id, state):
        raise AlreadyDecided(f"post {post_id} is {post.state}")
    return replace(post, state=state)


async def _send_reply(tx: Tx, post: Post, said: activities.Object, *, by: Actor, here: Here, now: Instant) -> None:
    await send(tx, activities.create(said), by=by, here=here, now=now, circle_id=post.circle_id)


async def _keep(tx: Tx, post: Post, said: activities.Object) -> None:
    await objects.keep_object(
        tx,
        object_id=post.id,
        uri=post.uri,
        kind=POST,
        owner_id=post.author_id,
        circle_id=post.circle_id,
        document=said,
        published_at=post.published_at,
        updated_at=post.updated_at,
    )
    await store.insert_post(tx, post)


def _written(source: str, *, by: Actor, language: str, here: Here, now: Instant) -> Post:
    """Raises Invalid for no text, or too long a one."""
    if not source.strip():
        raise Invalid({"text": N_("Write something first.")})
    if len(source) > LONGEST_TEXT:
        raise Invalid({"text": N_("Make the text shorter: 5000 characters at most.")})
    post_id = here.ids.new(now)
    return Post(
        id=post_id,
        uri=here.url(f"/posts/{post_id}"),
        author_id=by.id,
        circle_id=circles.PUBLIC,
        thread_id=post_id,
        proposal_id=None,
        in_reply_to=None,
        content=render(source),
        source=source,
        warning="",
        language=language,
        page_url=here.url(f"/@{by.name}/{post_id}"),
        state=PostState.SHOWN,
        steward_id=None,
        published_at=now,
        updated_at=now,
    )
