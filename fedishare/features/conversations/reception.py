"""What is kept of what others write: which posts, for whom, and what waits for a steward.

Source: WIRE.md "Posts from strangers", "Changes"; INTEROP A.10, B.8. A post is kept if its author or the author's
association is followed here, or it answers or names one of ours; else it is dropped. Everything may come twice, late,
or in the wrong order. Whether a Note is a proposal was asked before (`proposals/inbox.py`); edits: `edits.py`.
"""

from msgspec import Struct

from fedishare.features.conversations import activities, early, objects, store
from fedishare.features.conversations.model import (
    POST,
    PROPOSAL,
    SAID,
    Audience,
    Notice,
    Post,
    PostState,
    StoredObject,
)
from fedishare.features.conversations.notices import notify
from fedishare.features.conversations.operations import root_of
from fedishare.features.conversations.wording import words
from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.following import store as following
from fedishare.federation.inbox.handling import Outcome
from fedishare.federation.policy import circles
from fedishare.federation.vocabulary.note import Note
from fedishare.federation.vocabulary.origins import same_origin
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.here import Here


class _Place(Struct, frozen=True, kw_only=True):
    """Where a post belongs: whom it names here, what it answers, and what that hangs from."""

    named: list[Actor]
    parent: StoredObject | None
    root: StoredObject | None
    parent_owner: Actor | None
    root_owner: Actor | None


async def receive(tx: Tx, note: Note, author: Actor, here: Here, *, now: Instant) -> Outcome:
    """Keep a post that came in, or say why it is none of our business."""
    if await objects.object_by_uri(tx, note.uri) is not None:
        return Outcome.APPLIED
    if await objects.was_deleted(tx, note.uri, owner_uri=author.uri):
        return Outcome.dropped("it was deleted before it came")
    if note.name and not note.content and note.type == "Note":
        return Outcome.dropped("it votes in a poll, and nothing here has one")  # INTEROP B.9
    if await actors.by_uri(tx, note.uri) is not None:
        return Outcome.dropped("its id is that of somebody, who is no post")
    note = await early.newest(tx, note, author)
    place = await _place(tx, note, author)
    heard = await store.is_heard(tx, author)
    audience = activities.audience(note, author)
    if not _concerns_us(place, audience, heard=heard):
        return Outcome.dropped("nobody here follows its author, and it neither names nor answers anybody here")
    if place.root_owner is not None and place.root_owner.local and await _blocks(tx, place.root_owner, author):
        return Outcome.dropped("whom it answers wants to hear nothing of its author")
    post = await _post(tx, note, author, place, audience, heard=heard, here=here, now=now)
    await _keep(tx, note, post)
    await _tell(tx, post, author, place, audience, here=here, now=now)
    return Outcome.APPLIED


async def concerns_us(read: Read, note: Note, author: Actor) -> bool:
    """Whether it would be kept, were it new."""
    place, heard = await _place(read, note, author), await store.is_heard(read, author)
    return _concerns_us(place, activities.audience(note, author), heard=heard)


async def remove(tx: Tx, uri: str, owner: Actor, *, now: Instant) -> Outcome:
    """Its owner deleted it. What never came is remembered, so that it does not come later."""
    known = await objects.object_by_uri(tx, uri)
    if known is None:
        if not same_origin(uri, owner.uri):
            return Outcome.dropped("it deletes what lives elsewhere")
        await objects.keep_tombstone(tx, uri, owner_uri=owner.uri, now=now)
        await early.forget(tx, uri, owner_id=owner.id)
        return Outcome.APPLIED
    if known.owner_id != owner.id:
        return Outcome.dropped("it deletes what is not its author's")
    await objects.delete_object(tx, known.id, now=now)
    if known.kind == POST:
        await store.delete_post(tx, known.id, now=now)
    return Outcome.APPLIED


async def _place(read: Read, note: Note, author: Actor) -> _Place:
    """An answer to what its author cannot have read belongs nowhere: an id is no key to a private thread."""
    named = await named_here(read, note, author)
    parent = await objects.object_by_uri(read, note.in_reply_to) if note.in_reply_to else None
    shown = parent is not None and await circles.was_shown(read, parent.circle_id, author)
    if parent is not None and not (shown and parent.kind in SAID):
        parent = None
    root = None if parent is None else await root_of(read, parent)
    known = await actors.by_ids(read, {found.owner_id for found in (parent, root) if found is not None})
    return _Place(
        named=named,
        parent=parent,
        root=root,
        parent_owner=known.get(parent.owner_id) if parent else None,
        root_owner=known.get(root.owner_id) if root else None,
    )


async def named_here(read: Read, note: Note, author: Actor) -> list[Actor]:
    """Whom of ours it is addressed to or names, but for those who want to hear nothing of its author."""
    return [
        actor
        for uri in dict.fromkeys((*note.to, *note.cc, *note.mentions))
        if (actor := await actors.by_uri(read, uri)) is not None
        and actor.local
        and actor.deleted_at is None
        and not await _blocks(read, actor, author)
    ]


async def _blocks(read: Read, one: Actor, other: Actor) -> bool:
    return await following.blocks(read, one.id, other.id)


def _concerns_us(place: _Place, audience: Audience, *, heard: bool) -> bool:
    """A direct message only when it is to one of ours: a partner's private word to others is not for our disk."""
    if audience is Audience.DIRECT:
        return bool(place.named)
    answers_ours = any(owner is not None and owner.local for owner in (place.parent_owner, place.root_owner))
    return heard or answers_ours or bool(place.named)


async def _post(
    tx: Tx, note: Note, author: Actor, place: _Place, audience: Audience, *, heard: bool, here: Here, now: Instant
) -> Post:
    post_id = here.ids.new(now)
    circle_id = await _circle(tx, author, place, audience, here=here, now=now)
    joined = place.root if _joins(place, circle_id) else None
    steward = _steward(place, author, heard=heard) if joined and circle_id == circles.PUBLIC else None
    published = min(note.published or now, now)
    return Post(
        id=post_id,
        uri=note.uri,
        author_id=author.id,
        circle_id=circle_id,
        thread_id=joined.id if joined else post_id,
        proposal_id=place.root.id if place.root and place.root.kind == PROPOSAL else None,
        in_reply_to=note.in_reply_to,
        content=words(note),
        source="",
        warning=note.summary,
        language=note.language,
        page_url=note.page_url or note.uri,
        state=PostState.SHOWN if steward is None else PostState.HELD,
        steward_id=None if steward is None else steward.id,
        published_at=published,
        updated_at=max(min(note.updated or published, now), published),
    )


async def _circle(tx: Tx, author: Actor, place: _Place, audience: Audience, *, here: Here, now: Instant) -> int:
    """For followers and naming one of ours is as private as direct: the steward must be able to read it."""
    if audience is Audience.PUBLIC:
        return circles.PUBLIC
    if audience is Audience.FOLLOWERS and not place.named:
        return await circles.followers_of(tx, author.id, here, now)
    return await circles.direct(tx, [author.id, *(actor.id for actor in place.named)], here, now)


def _joins(place: _Place, circle_id: int) -> bool:
    """A public post joins a public thread, a private one a private thread; a thread never changes its kind.

    flohmarkt answers a public offer with a direct message: that begins a private thread about it.
    """
    if place.root is None:
        return False
    public = circle_id == circles.PUBLIC
    return public == (place.root.circle_id == circles.PUBLIC)


def _steward(place: _Place, author: Actor, *, heard: bool) -> Actor | None:
    """Who has to validate it here: whoever published the thing, or whoever of ours it answers or names elsewhere."""
    root_owner, parent_owner = place.root_owner, place.parent_owner
    if root_owner is None or author.id == root_owner.id:
        return None
    if root_owner.local:
        return root_owner
    if heard:
        return None
    return parent_owner if parent_owner is not None and parent_owner.local else next(iter(place.named), None)


async def _keep(tx: Tx, note: Note, post: Post) -> None:
    await objects.keep_object(
        tx,
        object_id=post.id,
        uri=post.uri,
        kind=POST,
        owner_id=post.author_id,
        circle_id=post.circle_id,
        document=note.raw,
        published_at=post.published_at,
        updated_at=post.updated_at,
    )
    await store.insert_post(tx, post)


async def _tell(
    tx: Tx, post: Post, author: Actor, place: _Place, audience: Audience, *, here: Here, now: Instant
) -> None:
    answered = [owner for owner in (place.parent_owner, place.root_owner) if owner is not None and owner.local]
    why = {actor.id: Notice.MENTION for actor in place.named} | {actor.id: Notice.REPLY for actor in answered}
    if audience is not Audience.PUBLIC:
        why = dict.fromkeys((actor.id for actor in place.named), Notice.DIRECT)
    for actor_id, notice in why.items():
        if not await following.blocks(tx, actor_id, author.id):
            await notify(tx, actor_id, notice, of=author.id, object_id=post.id, here=here, now=now)
