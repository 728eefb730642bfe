"""What goes with each delivery for followers: how many of that server we count among them, so that it can compare.

Source: FEP-8fcf. Read anew each minute: a header that is a moment old costs its receiver one look at the list.
"""

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
REMEMBERED = 4_096


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
        self._digests: Memory[str] = Memory(clock, size=REMEMBERED)

    async def headers(self, followed: Followed | None, inbox: str) -> dict[str, str]:
        """None at all for what is for nobody's followers."""
        if followed is None:
            return {}
        there = origin(inbox)
        marks = self._digests.get(f"{followed.actor_id} {there}")
        if marks is None:
            marks = digest(await self._db.read(store.followers_at, followed.actor_id, origin=there))
            self._digests.put(f"{followed.actor_id} {there}", marks, seconds=AS_GOOD_AS_NEW)
        return {HEADER: header(Claim(collection=followed.followers, url=followed.url, digest=marks))}
