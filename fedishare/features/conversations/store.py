"""Posts, reactions and notifications in the database. Nothing is decided here."""

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from fedishare.features.conversations.model import (
    PAGE_SIZE,
    THREAD_SIZE,
    Notice,
    NoticeCard,
    Post,
    PostCard,
    PostState,
    Reaction,
    Thread,
    ThreadCard,
)
from fedishare.federation.actors.model import Actor
from fedishare.federation.vocabulary.collections import NEWEST, cut
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.db.queries import load
from fedishare.foundation.db.recalling import Recalling
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.here import Here

sql = load(__file__)


class _Number(Struct, frozen=True):
    actor_id: int


class _Other(Struct, frozen=True):
    actor_id: int
    display_name: str
    name: str
    domain: str


class _PersonId(Struct, frozen=True):
    id: int


class _Uri(Struct, frozen=True):
    uri: str


class _Count(Struct, frozen=True):
    kind: str
    times: int


async def post_by_id(read: Read, post_id: int) -> Post | None:
    return await read.one(Post, sql.post_by_id, id=post_id)


async def insert_post(tx: Tx, post: Post) -> None:
    await tx.keep(
        sql.insert_post,
        id=post.id,
        uri=post.uri,
        author_id=post.author_id,
        circle_id=post.circle_id,
        thread_id=post.thread_id,
        proposal_id=post.proposal_id,
        in_reply_to=post.in_reply_to,
        content=post.content,
        source=post.source,
        warning=post.warning,
        language=post.language,
        page_url=post.page_url,
        state=str(post.state),
        steward_id=post.steward_id,
        published_at=post.published_at,
        updated_at=post.updated_at,
    )


async def change_post(tx: Tx, post_id: int, *, content: str, warning: str, language: str, updated_at: Instant) -> None:
    await tx.run(
        sql.change_post, id=post_id, content=content, warning=warning, language=language, updated_at=updated_at
    )


async def narrow_post(tx: Tx, post_id: int, *, circle_id: int) -> None:
    """It leaves the thread that more may read."""
    await tx.run(sql.narrow_post, id=post_id, circle_id=circle_id)


async def decide_post(tx: Tx, post_id: int, state: PostState) -> bool:
    """False when it was decided before."""
    return await tx.run(sql.decide_post, id=post_id, state=str(state)) == 1


async def delete_post(tx: Tx, post_id: int, *, now: Instant) -> None:
    await tx.run(sql.delete_post, id=post_id, now=now)


async def delete_posts_of(tx: Tx, author_id: int, *, now: Instant) -> None:
    await tx.run(sql.delete_posts_of, author_id=author_id, now=now)


async def post_card(read: Read, post_id: int, *, viewer: int) -> PostCard | None:
    return await read.one(PostCard, sql.post_card, id=post_id, viewer=viewer)


async def thread_under(
    read: Read, proposal_id: int, *, viewer: int, before: int = NEWEST, size: int = THREAD_SIZE
) -> Thread:
    """`before` is the key of a part: posts that came later are left out."""
    asked = {"proposal_id": proposal_id, "viewer": viewer, "before": before, "size": size + 1}
    return _part(await read.all(PostCard, sql.shown_under, **asked), size)


async def shown_under(read: Read, proposal_id: int, *, viewer: int) -> list[PostCard]:
    """The newest, oldest first."""
    return (await thread_under(read, proposal_id, viewer=viewer)).posts


async def held_for(read: Read, steward_id: int) -> list[PostCard]:
    return await read.all(PostCard, sql.held_for, steward_id=steward_id, size=THREAD_SIZE)


async def direct_threads(read: Read, *, viewer: int) -> list[ThreadCard]:
    return await read.all(ThreadCard, sql.direct_threads, viewer=viewer, size=THREAD_SIZE)


async def direct_thread(
    read: Read, thread_id: int, *, viewer: int, before: int = NEWEST, size: int = THREAD_SIZE
) -> Thread:
    """`before` is the key of a part: posts that came later are left out."""
    asked = {"thread_id": thread_id, "viewer": viewer, "before": before, "size": size + 1}
    return _part(await read.all(PostCard, sql.direct_posts, **asked), size)


async def direct_posts(read: Read, thread_id: int, *, viewer: int) -> list[PostCard]:
    """The newest, oldest first."""
    return (await direct_thread(read, thread_id, viewer=viewer)).posts


def _part(rows: list[PostCard], size: int) -> Thread:
    """Parts are cut by when posts came here, which nobody elsewhere can choose; read in the order they were written."""
    shown, goes_on = cut(rows, size)
    posts = sorted(shown, key=lambda card: (card.published_at, card.id))
    return Thread(posts=posts, earlier=shown[-1].id if goes_on else 0)


async def others_in_thread(read: Read, thread_id: int, *, viewer: int) -> list[str]:
    """Their names, or their handles."""
    found = await read.all(_Other, sql.others_in_thread, thread_id=thread_id, viewer=viewer, size=THREAD_SIZE)
    return [other.display_name or f"@{other.name}@{other.domain}" for other in found]


async def readers_of(read: Read, circle_id: int) -> list[int]:
    return [row.actor_id for row in await read.all(_Number, sql.readers_of, circle_id=circle_id)]


async def answered_from_elsewhere(read: Read, proposal_id: int, *, object_uri: str) -> list[str]:
    """Ids of remote actors whose servers know of the proposal because they took part."""
    rows = await read.all(_Uri, sql.answered_from_elsewhere, proposal_id=proposal_id, object_uri=object_uri)
    return [row.uri for row in rows]


async def insert_reaction(
    tx: Tx, kind: Reaction, *, actor_id: int, object_uri: str, uri: str, here: Here, now: Instant
) -> bool:
    """False when it counts already."""
    what = {"kind": str(kind), "actor_id": actor_id, "object_uri": object_uri}
    if await tx.value(sql.had_reacted, **what) is not None:
        return False
    await tx.keep(sql.insert_reaction, id=here.ids.new(now), uri=uri, now=now, **what)
    return True


async def delete_reaction(tx: Tx, kind: Reaction, *, actor_id: int, object_uri: str) -> int:
    return await tx.run(sql.delete_reaction, kind=str(kind), actor_id=actor_id, object_uri=object_uri)


async def delete_reaction_by_id(tx: Tx, *, actor_id: int, uri: str) -> int:
    """How many there were."""
    return await tx.run(sql.delete_reaction_by_id, actor_id=actor_id, uri=uri)


async def delete_reactions_of(tx: Tx, actor_id: int) -> None:
    await tx.run(sql.delete_reactions_of, actor_id=actor_id)


async def count_reactions(read: Read, object_uri: str) -> dict[str, int]:
    """How often it was liked and announced, by kind."""
    return {row.kind: row.times for row in await read.all(_Count, sql.count_reactions, object_uri=object_uri)}


async def persons_behind(read: Read, actor_id: int, *, for_admins: bool) -> list[int]:
    rows = await read.all(_PersonId, sql.persons_behind, actor_id=actor_id, for_admins=for_admins)
    return [row.id for row in rows]


async def insert_notification(
    tx: Tx, person_id: int, kind: Notice, *, actor_id: int, object_id: int | None, here: Here, now: Instant
) -> None:
    """Once for each person, kind, actor and thing."""
    await tx.keep(
        sql.insert_notification,
        id=here.ids.new(now),
        person_id=person_id,
        kind=str(kind),
        actor_id=actor_id,
        object_id=object_id,
        now=now,
    )


async def waits_unread(read: Read, person_id: int, kind: Notice) -> bool:
    return await read.value(sql.waits_unread, person_id=person_id, kind=str(kind)) is not None


async def waits_unread_of(read: Read, person_id: int, kind: Notice, *, actor_id: int) -> bool:
    found = await read.value(sql.waits_unread_of, person_id=person_id, kind=str(kind), actor_id=actor_id)
    return found is not None


async def notifications_of(read: Read, person_id: int, *, before: int) -> list[NoticeCard]:
    """One page and one more, newest first."""
    return await read.all(NoticeCard, sql.notifications_of, person_id=person_id, before=before, size=PAGE_SIZE + 1)


async def mark_seen(tx: Tx, person_id: int, *, up_to: int, now: Instant) -> None:
    await tx.run(sql.mark_seen, person_id=person_id, up_to=up_to, now=now)


async def foresee_heard(tx: Recalling, authors: Sequence[Actor]) -> None:
    """`is_heard` asks the database for none of them again."""
    domains = sorted({author.domain for author in authors})
    found = await tx.all(
        tuple,
        sql.heard,
        ids=msgspec.json.encode([author.id for author in authors]).decode(),
        domains=msgspec.json.encode(domains).decode(),
    )
    ids, homes = {row[0] for row in found}, {row[1] for row in found if not row[0]}
    heard = ((author, 1 if author.id in ids or author.domain in homes else None) for author in authors)
    answers = (({"actor_id": author.id, "domain": author.domain}, answer) for author, answer in heard)
    tx.learn("value", None, sql.is_heard, answers)


async def is_heard(read: Read, author: Actor) -> bool:
    """Whether somebody here follows the author, or an association of the author's own domain."""
    return await read.value(sql.is_heard, actor_id=author.id, domain=author.domain) is not None
