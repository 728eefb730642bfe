"""Followers that one of two servers has forgotten: another server tells what it has, and what differs is mended.

Sources: FEP-8fcf, INTEROP A.7; attack A113. What comes with a delivery is compared at the door and nothing else; a job
then reads who follows from the server of the one followed, and that list decides: whoever is not on it follows no
longer, whoever waits and is on it was accepted, whoever never asked is taken off it by an Undo.
"""

from collections.abc import Collection, Sequence

from msgspec import Struct

from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.fetching.fetcher import Fetcher
from fedishare.federation.fetching.memory import Memory
from fedishare.federation.following import activities, bonds, store
from fedishare.federation.following.model import State
from fedishare.federation.outbox import send as outbox
from fedishare.federation.policy.circles import NOBODY
from fedishare.federation.vocabulary.origins import same_origin
from fedishare.federation.vocabulary.reading import id_of
from fedishare.federation.vocabulary.synchronization import digest, read_claim
from fedishare.foundation.db.access import Tx
from fedishare.foundation.db.database import Database
from fedishare.foundation.jobs.queue import enqueue
from fedishare.foundation.values.clock import Clock, Instant
from fedishare.foundation.values.errors import Busy, Malformed, RemotelyGone, Untrusted
from fedishare.foundation.values.here import Here

SYNCHRONIZE = "following.synchronize"
LOOKED_AT = 600.0
"""Seconds in which one claim is compared once, and in which of one actor, whatever they claim, one list is read."""
MOST_FOLLOWERS = 10_000
MOST_PAGES = 10


class Synchronize(Struct, frozen=True):
    """A job: read who of ours follows this actor, where its server says."""

    actor_id: int
    url: str
    digest: str


class Synchronizer:
    """Listens at the inbox's door. One for a process."""

    def __init__(self, *, db: Database, here: Here, clock: Clock) -> None:
        self._db = db
        self._here = here
        self._clock = clock
        self._looked_at: Memory[str] = Memory(clock, size=4_096)
        self._read: Memory[bool] = Memory(clock, size=4_096)

    async def heard(self, actor: Actor, value: str) -> None:
        """`actor` signed a request with this header. Claims about others, or that lead elsewhere, are none (A113)."""
        claim = read_claim(value)
        if claim is None or claim.collection != actor.followers or not same_origin(claim.url, actor.uri):
            return
        if self._read.get(actor.uri) or self._looked_at.get(actor.uri) == claim.digest:
            return
        self._looked_at.put(actor.uri, claim.digest, seconds=LOOKED_AT)
        try:
            if claim.digest != digest(await self._db.read(store.local_follower_uris, actor.id, MOST_FOLLOWERS)):
                work = Synchronize(actor.id, claim.url, claim.digest)
                await self._db.work(_synchronize_later, work, here=self._here, now=self._clock.now())
                self._read.put(actor.uri, True, seconds=LOOKED_AT)
        except Busy:
            return  # said again with the next delivery


async def _synchronize_later(tx: Tx, work: Synchronize, *, here: Here, now: Instant) -> None:
    await enqueue(tx, SYNCHRONIZE, work, due_at=now, once=str(work.actor_id), new_id=here.ids.new(now))


async def synchronize(work: Synchronize, *, db: Database, fetcher: Fetcher, here: Here, clock: Clock) -> None:
    """The job. Raises Unreachable: it is tried again later."""
    followed = await db.read(actors.by_id, work.actor_id)
    if followed is None or followed.deleted_at is not None:
        return
    # Whoever begins to follow while their server is asked is not on its list, and stays all the same.
    before = await db.read(store.local_followers, followed.id, MOST_FOLLOWERS)
    try:
        listed = await _listed(work.url, fetcher=fetcher, here=here)
    except (Untrusted, Malformed, RemotelyGone):
        return
    if digest(listed) == work.digest:
        await db.work(_mend, followed, before, listed, here=here, now=clock.now())


async def _listed(url: str, *, fetcher: Fetcher, here: Here) -> set[str]:
    """Who of ours is on the list. A list that was cut, or is none, has another digest than was claimed."""
    found: set[str] = set()
    async for page in fetcher.pages(url, most=MOST_PAGES):
        ids = [id_of(item) for item in page.items]
        found |= {uri for uri in ids if uri is not None and here.owns(uri)}
    return found


async def _mend(
    tx: Tx, followed: Actor, before: Sequence[int], listed: Collection[str], *, here: Here, now: Instant
) -> None:
    for follower in (await actors.by_ids(tx, before)).values():
        known = await store.pair(tx, follower.id, followed.id)
        if follower.uri not in listed and known is not None and known.state is State.ACCEPTED:
            await bonds.release(tx, known, State.REJECTED, signed_at=known.signed_at, here=here, now=now)
    for uri in sorted(listed):
        named = await actors.by_uri(tx, uri)
        if named is not None and named.local and named.deleted_at is None:
            await _mend_listed(tx, named, followed, here=here, now=now)


async def _mend_listed(tx: Tx, follower: Actor, followed: Actor, *, here: Here, now: Instant) -> None:
    known = await store.pair(tx, follower.id, followed.id)
    if known is not None and known.state is State.ACCEPTED:
        return
    if known is not None and known.state is State.PENDING:
        await bonds.hold(tx, known, before=known.state, by_remote=True, here=here, now=now)
        return
    uri = known.uri if known is not None else f"{follower.uri}#follows/{here.ids.new(now)}"
    asked = activities.follow(follower.uri, followed.uri, uri=uri)
    undone = activities.undo(asked, by=follower.uri, to=followed.uri)
    await outbox.send(tx, undone, by=follower, here=here, now=now, circle_id=NOBODY)
