"""What goes with each delivery for followers: how many of that server we count among them, so that it can compare.

Source: FEP-8fcf. Read anew each minute: a header that is a moment old costs its receiver one look at the list.
"""

import asyncio
from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct

from fedishare.federation.actors.model import Actor
from fedishare.federation.fetching.memory import Memory
from fedishare.federation.outbox import store
from fedishare.federation.vocabulary.origins import origin
from fedishare.federation.vocabulary.reading import ids
from fedishare.federation.vocabulary.synchronization import HEADER, Claim, digest, header
from fedishare.foundation.db.database import Database
from fedishare.foundation.values.clock import Clock

AS_GOOD_AS_NEW = 60.0
REMEMBERED = 256
NOBODY = digest([])


class Followed(Struct, frozen=True, kw_only=True):
    """Somebody here whose followers something is for."""

    actor_id: int
    followers: str
    url: str


class _Addressed(Struct):
    to: object = None
    cc: object = None


def for_followers(json: bytes, by: Actor) -> Followed | None:
    """Whose followers an activity is addressed to, if it is."""
    said = msgspec.json.decode(json, type=_Addressed)
    if by.followers is None or by.followers not in (*ids(said.to), *ids(said.cc)):
        return None
    return Followed(actor_id=by.id, followers=by.followers, url=f"{by.uri}/followers_synchronization")


class Synchronization:
    """The header, for an actor and an inbox. One for a process."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._digests: Memory[Mapping[str, str]] = Memory(clock, size=REMEMBERED)
        self._reading = asyncio.Lock()

    async def headers(self, followed: Followed | None, inbox: str) -> dict[str, str]:
        """None at all for what is for nobody's followers."""
        if followed is None:
            return {}
        marks = (await self._of(followed.actor_id)).get(origin(inbox), NOBODY)
        return {HEADER: header(Claim(collection=followed.followers, url=followed.url, digest=marks))}

    async def _of(self, actor_id: int) -> Mapping[str, str]:
        """Of all servers at once: what is for followers goes to most of them within the minute."""
        async with self._reading:
            digests = self._digests.get(str(actor_id))
            if digests is None:
                followers = await self._db.read(store.followers_of, actor_id)
                digests = await asyncio.to_thread(_digests, followers)
                self._digests.put(str(actor_id), digests, seconds=AS_GOOD_AS_NEW)
            return digests


def _digests(followers: Sequence[str]) -> dict[str, str]:
    by_origin: dict[str, list[str]] = {}
    for uri in followers:
        by_origin.setdefault(origin(uri), []).append(uri)
    return {there: digest(uris) for there, uris in by_origin.items()}
