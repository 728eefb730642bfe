"""Fedishare without one of its safeguards, so that the torture can show that it would notice.

    python -m tests.torture.weakened answers-early serve

Takes the place of one function before the command runs. The product has no such switches.
"""

import asyncio
import sys
from typing import Any

from fedishare.federation.inbox import apply, keeping, loop
from fedishare.federation.inbox import store as inbox
from fedishare.federation.outbox import loop as outbox_loop
from fedishare.federation.outbox import store as outbox
from fedishare.foundation.values.clock import DAY
from fedishare.surfaces.cli.main import run

_UNDER_WAY = set()
LINGER_S = 0.1
HOLD_S = 0.3


def answers_early() -> None:
    """202 first, the commit later."""

    async def later(self: Any, arrived: Any) -> None:
        await asyncio.sleep(LINGER_S)
        await self._db.work(inbox.keep_all, [arrived])

    async def keep(self: Any, arrived: Any) -> None:
        task = asyncio.ensure_future(later(self, arrived))
        _UNDER_WAY.add(task)
        task.add_done_callback(_UNDER_WAY.discard)

    keeping.Keeper.keep = keep  # type: ignore[method-assign]  # the one thing this program is for


def forgets_what_came() -> None:
    """No row that makes an activity count once."""

    async def count_once(*_: Any, **__: Any) -> bool:
        return True

    apply.store.count_once = count_once


def keeps_leases() -> None:
    """Whatever a dead worker held is held for ever; and it holds long enough to die with something in its hands."""

    take = loop.Worker._take

    async def slowly(self: Any, *leased: Any) -> None:
        await asyncio.sleep(HOLD_S)
        await take(self, *leased)

    async def nothing(*_: Any, **__: Any) -> int:
        return 0

    loop.Worker._take = slowly  # type: ignore[method-assign]  # the one thing this program is for
    inbox.free_leases = nothing
    outbox.free_leases = nothing
    loop.LEASE = outbox_loop.LEASE = 3_650 * DAY


WITHOUT = {"answers-early": answers_early, "forgets-what-came": forgets_what_came, "keeps-leases": keeps_leases}

if __name__ == "__main__":
    weakness, *arguments = sys.argv[1:]
    WITHOUT[weakness]()
    sys.exit(run(arguments))
