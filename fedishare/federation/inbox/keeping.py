"""Activities that arrive in the same moment go to disk in one statement: one way to the writer for all of them.

There is no task here that somebody would have to end: whoever comes first takes along everybody who comes while the
group before is being written. Nobody is answered before the commit.
"""

import asyncio

from fedishare.federation.inbox import store
from fedishare.federation.inbox.store import Arrived
from fedishare.foundation.db.database import Database
from fedishare.foundation.values.errors import Busy


class _Group:
    """Arrivals that share a transaction, and whether it was committed."""

    def __init__(self) -> None:
        self.arrived: list[Arrived] = []
        self.begun = False
        self.kept = False


class Keeper:
    """Puts arrivals on disk, in the order in which they came. One for a process."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._turn = asyncio.Lock()
        self._gathering = _Group()

    async def keep(self, arrived: Arrived) -> None:
        """Returns when it is on disk. Raises Busy when it is not, or nobody knows."""
        group = self._gathering
        group.arrived.append(arrived)
        async with self._turn:
            if not group.begun:
                group.begun = True
                self._gathering = _Group()
                await self._db.work(store.keep_all, group.arrived)
                group.kept = True
        if not group.kept:
            raise Busy("the group that it was part of was not kept")
