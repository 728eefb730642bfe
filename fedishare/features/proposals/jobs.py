"""What proposals have done later: changes told together, ends kept, archives of partners read, announced ones fetched.

Source: WIRE.md "Backfill", "Changes". A backfill is one job a page, so it goes on where it stopped. Its items notify
nobody and are dated by `published`. Running twice changes nothing.
"""

from collections.abc import Sequence

from msgspec import Struct

from fedishare.features.proposals import operations, reading, reception, store
from fedishare.features.proposals.reading import Reading
from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.fetching.collections import Page, vouched
from fedishare.federation.following import store as following
from fedishare.federation.following.model import ActorGone, FollowAccepted
from fedishare.federation.plug import Job, Tools
from fedishare.federation.vocabulary import reading as terms
from fedishare.foundation.db.access import Tx
from fedishare.foundation.jobs.queue import enqueue
from fedishare.foundation.values.clock import SECOND, Instant, later
from fedishare.foundation.values.errors import Malformed, RemotelyGone, RemoteTrouble, Untrusted
from fedishare.foundation.values.here import Here

BACKFILL = "proposals.backfill"
FETCH = "proposals.fetch"

MOST_PAGES = 250
"""Pages of one archive that are read: 5,000 proposals of ours."""


class Archive(Struct, frozen=True):
    """A job: read the proposals of this actor, from this page on ('' is the first)."""

    actor_id: int
    page: str = ""
    read: int = 0


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


async def forget_proposals(tx: Tx, fact: ActorGone, here: Here) -> None:
    """Somebody is gone for good, here or elsewhere: what they published goes with them."""
    gone = await actors.by_id(tx, fact.actor_id)
    if gone is not None and gone.deleted_at is not None:
        await store.delete_proposals_of(tx, gone.id, now=gone.deleted_at)


async def tell_update(tools: Tools, work: operations.UpdateToTell) -> None:
    await tools.db.work(operations.tell_update, work.proposal_id, here=tools.here, now=tools.clock.now())


async def expire(tools: Tools, work: operations.EndToKeep) -> None:
    await tools.db.work(operations.expire, work.proposal_id, here=tools.here, now=tools.clock.now())


async def backfill(tools: Tools, work: Archive) -> None:
    """Read one page and put the next into the queue. An unreachable page is tried again by the queue."""
    actor = await tools.db.read(actors.by_id, work.actor_id)
    if actor is None or not actor.proposals or work.read >= MOST_PAGES:
        return
    page = await _page(tools, work.page or actor.proposals)
    if page is None:
        return
    shown, to_fetch = _sorted(page, actor.proposals)
    kept = [(found, owner) for found in shown if (owner := await _owner(tools, found)) is not None]
    after = Archive(actor.id, page.next, work.read + 1) if page.next and page.items else None
    await tools.db.work(_keep_page, kept, to_fetch, after, here=tools.here, now=tools.clock.now())


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
    return None


def _sorted(page: Page, collection: str) -> tuple[list[Reading], list[str]]:
    """What may be believed as it stands (collection, item and author share one origin), and what must be fetched."""
    shown: list[Reading] = []
    to_fetch: list[str] = []
    for item in page.items:
        uri = terms.url(terms.id_of(item))
        if uri is None:
            continue
        if isinstance(item, str) or not vouched(item, collection):
            to_fetch.append(uri)
            continue
        try:
            found = reading.read(item)
        except Malformed:
            continue  # one bad item does not hide the others
        if found is not None:
            shown.append(found)
    return shown, to_fetch


async def _owner(tools: Tools, found: Reading) -> Actor | None:
    """Known, or fetched now; None when nobody vouches for them."""
    try:
        owner: Actor = await tools.fetcher.actor(found.note.attributed_to)
    except RemoteTrouble:
        return None
    return owner


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
        once = f"{after.actor_id} {after.page}"
        await enqueue(tx, BACKFILL, after, due_at=now, once=once, new_id=here.ids.new(now))


JOBS = (
    Job(kind=operations.TELL_UPDATE, payload=operations.UpdateToTell, run=tell_update),
    Job(kind=operations.EXPIRE, payload=operations.EndToKeep, run=expire),
    Job(kind=BACKFILL, payload=Archive, run=backfill),
    Job(kind=FETCH, payload=ToFetch, run=fetch),
)
