"""What proposals have done later: changes told together, ends kept, archives of partners read, announced ones fetched.

Source: WIRE.md "Backfill", "Changes". What an archive is and where it ends: `archives.py`. Its items notify nobody and
are dated by `published`. Running twice changes nothing.
"""

from collections.abc import Sequence

from msgspec import Struct

from fedishare.features.proposals import archives, operations, reading, reception, store
from fedishare.features.proposals.archives import Archive
from fedishare.features.proposals.reading import Reading
from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.fetching.collections import Page
from fedishare.federation.following import store as following
from fedishare.federation.following.model import ActorGone, FollowAccepted
from fedishare.federation.outbox import hosts
from fedishare.federation.plug import Job, Tools
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.jobs.queue import enqueue
from fedishare.foundation.values.clock import DAY, MINUTE, SECOND, Instant, later
from fedishare.foundation.values.errors import Malformed, RemotelyGone, RemoteTrouble, Unreachable, Untrusted
from fedishare.foundation.values.here import Here

MEET = "proposals.meet"
BACKFILL = "proposals.backfill"
FETCH = "proposals.fetch"

READ_AGAIN = 60 * MINUTE
"""How long after its end a list is read anew, if nothing of it is ever sent."""


class Meeting(Struct, frozen=True):
    """A job: find out what this actor's server is, and what else they publish."""

    actor_id: int


class ToFetch(Struct, frozen=True):
    """A job: somebody we listen to points at this, or lists it without showing it."""

    uri: str
    live: bool


async def fetch_later(tx: Tx, uri: str, *, live: bool, due_at: Instant, here: Here, now: Instant) -> None:
    await enqueue(tx, FETCH, ToFetch(uri, live), due_at=due_at, once=uri, new_id=here.ids.new(now))


async def read_archive(tx: Tx, fact: FollowAccepted, here: Here) -> None:
    """Somebody whom we follow has accepted: what they published before is read, once they speak as we do."""
    followed = await actors.by_id(tx, fact.followed_id)
    bond = await following.pair(tx, fact.follower_id, fact.followed_id)
    if followed is None or bond is None or followed.local or not followed.speaks_fedishare or not followed.proposals:
        return
    asked = bond.created_at
    await enqueue(tx, BACKFILL, Archive(followed.id), due_at=asked, once=str(followed.id), new_id=here.ids.new(asked))


async def meet_stranger(tx: Tx, fact: FollowAccepted, here: Here) -> None:
    """We follow somebody elsewhere, or a server follows ours: how it publishes depends on its software."""
    follower, followed = await actors.by_id(tx, fact.follower_id), await actors.by_id(tx, fact.followed_id)
    bond = await following.pair(tx, fact.follower_id, fact.followed_id)
    if follower is None or followed is None or bond is None:
        return
    comes = followed.local and followed.kind == "Application"
    other = follower if comes else followed
    if other.local or (comes and await hosts.software_of(tx, other.domain)):
        return
    asked = bond.created_at
    await enqueue(tx, MEET, Meeting(other.id), due_at=asked, once=str(other.id), new_id=here.ids.new(asked))


async def forget_proposals(tx: Tx, fact: ActorGone, here: Here) -> None:
    """Somebody is gone for good, here or elsewhere: what they published goes with them."""
    gone = await actors.by_id(tx, fact.actor_id)
    if gone is not None and gone.deleted_at is not None:
        await store.delete_proposals_of(tx, gone.id, now=gone.deleted_at)


async def tell_update(tools: Tools, work: operations.UpdateToTell) -> None:
    await tools.db.work(operations.tell_update, work.proposal_id, here=tools.here, now=tools.clock.now())


async def expire(tools: Tools, work: operations.EndToKeep) -> None:
    await tools.db.work(operations.expire, work.proposal_id, here=tools.here, now=tools.clock.now())


async def meet(tools: Tools, work: Meeting) -> None:
    """Ask their server what it is, and their profile what it links. One that does not answer is asked again."""
    actor = await tools.db.read(actors.by_id, work.actor_id)
    if actor is None or actor.deleted_at is not None:
        return
    software, linked = await _software(tools, actor), await _linked(tools, actor)
    await tools.db.work(_remember, actor, software, linked, here=tools.here, now=tools.clock.now())


async def backfill(tools: Tools, work: Archive) -> None:
    """Read one page and put the next into the queue. An unreachable page is tried again by the queue."""
    actor = await tools.db.read(actors.by_id, work.actor_id)
    first = work.page or (actor.proposals if actor else None)
    if actor is None or actor.deleted_at is not None or not first:
        return
    numbered = archives.is_numbered(work.page)
    if numbered and not await tools.db.read(_is_followed, actor):
        return
    page, now = await _page(tools, first), tools.clock.now()
    if page is None:
        if numbered:
            await tools.db.work(_miss_list, work, here=tools.here, now=now)
        return
    shown, to_fetch = archives.sorted_out(page, actor, actor.proposals or actor.uri)
    kept = [(found, owner) for found in shown if (owner := await _owner(tools, found)) is not None]
    after = archives.after(page, work, shown)
    await tools.db.work(_keep_page, kept, to_fetch, after, here=tools.here, now=now)
    if numbered and after is None:
        await tools.db.work(_end_list, work, complete=not page.items, here=tools.here, now=now)


async def fetch(tools: Tools, work: ToFetch) -> None:
    try:
        document = await tools.fetcher.document(work.uri)
        found = reading.read(document)
    except (Malformed, Untrusted, RemotelyGone):
        return
    if found is None:
        return
    owner = await _owner(tools, found)
    if owner is not None:
        now = tools.clock.now()
        await tools.db.work(reception.keep, found, owner, live=work.live, here=tools.here, now=now)


async def _page(tools: Tools, uri: str) -> Page | None:
    """A page, or the first one of a collection. None where nothing can be read, today or tomorrow."""
    try:
        async for page in tools.fetcher.pages(uri, most=2):
            return page
    except (Malformed, Untrusted, RemotelyGone):
        pass
    except Unreachable:
        if not archives.is_numbered(uri):
            raise  # the queue tries again, but not for ever; a list is read anew each day
    return None


async def _software(tools: Tools, actor: Actor) -> str:
    """The name that their server gives; '' where it gives none."""
    try:
        return await tools.fetcher.software(actor.uri)
    except (Malformed, Untrusted, RemotelyGone):
        return ""
    except Unreachable as trouble:
        if _is_final(trouble):
            return ""
        raise


async def _linked(tools: Tools, actor: Actor) -> list[str]:
    try:
        return archives.linked_from(await tools.fetcher.document(actor.uri))
    except RemoteTrouble:
        return []


def _is_final(trouble: Unreachable) -> bool:
    """There is nothing, and there will be nothing in an hour."""
    return trouble.status is not None and 400 <= trouble.status < 500 and trouble.status != 429


async def _owner(tools: Tools, found: Reading) -> Actor | None:
    """Known, or fetched now; None when nobody vouches for them."""
    try:
        owner: Actor = await tools.fetcher.actor(found.note.attributed_to)
    except RemoteTrouble:
        return None
    return owner


async def _is_followed(read: Read, actor: Actor) -> bool:
    return (await following.counts(read, actor.id)).followers > 0


async def _remember(tx: Tx, actor: Actor, software: str, linked: Sequence[str], *, here: Here, now: Instant) -> None:
    if software:
        await hosts.runs(tx, actor.domain, software)
    if not await _is_followed(tx, actor):
        return
    for first in archives.lists_of(actor, software):
        await _read_later(tx, Archive(actor.id, first), due_at=now, here=here, now=now)
    for position, uri in enumerate(linked):
        await fetch_later(tx, uri, live=False, due_at=later(now, position * SECOND), here=here, now=now)


async def _end_list(tx: Tx, work: Archive, *, complete: bool, here: Here, now: Instant) -> None:
    """Only a list that was read to its end says what is not in it."""
    if complete:
        purpose = archives.purpose_of(work)
        await store.keep_listed(tx, owner_id=work.actor_id, purpose=purpose, listed=work.listed)
    await _read_later(tx, archives.anew(work), due_at=later(now, READ_AGAIN), here=here, now=now)


async def _miss_list(tx: Tx, work: Archive, *, here: Here, now: Instant) -> None:
    """It may have another name, or be there tomorrow."""
    instead = archives.instead_of(work)
    if instead is not None:
        await _read_later(tx, instead, due_at=now, here=here, now=now)
    await _read_later(tx, archives.anew(work), due_at=later(now, DAY), here=here, now=now)


async def _read_later(tx: Tx, archive: Archive, *, due_at: Instant, here: Here, now: Instant) -> None:
    once = f"{archive.actor_id} {archive.page}"
    await enqueue(tx, BACKFILL, archive, due_at=due_at, once=once, new_id=here.ids.new(now))


async def _keep_page(
    tx: Tx,
    found: Sequence[tuple[Reading, Actor]],
    to_fetch: Sequence[str],
    after: Archive | None,
    *,
    here: Here,
    now: Instant,
) -> None:
    for one, owner in found:
        await reception.keep(tx, one, owner, live=False, here=here, now=now)
    for position, uri in enumerate(to_fetch):
        # One a second: a partner's archive is no reason to flood somebody else's server.
        await fetch_later(tx, uri, live=False, due_at=later(now, position * SECOND), here=here, now=now)
    if after is not None:
        # The next page counts its seconds from behind those of this one.
        await _read_later(tx, after, due_at=later(now, len(to_fetch) * SECOND), here=here, now=now)


JOBS = (
    Job(kind=operations.TELL_UPDATE, payload=operations.UpdateToTell, run=tell_update),
    Job(kind=operations.EXPIRE, payload=operations.EndToKeep, run=expire),
    Job(kind=MEET, payload=Meeting, run=meet),
    Job(kind=BACKFILL, payload=Archive, run=backfill),
    Job(kind=FETCH, payload=ToFetch, run=fetch),
)
