"""A worker that dies of a Like: `python -m tests.attacks.queue.dying DATABASE_URL FOLDER NOW`.

What waits at that time is worked off, as by any worker of fedi.test; the process ends in the middle of a Like.
"""

import asyncio
import os
import sys
from pathlib import Path

from fedishare import app
from fedishare.federation.inbox.handling import Outcome, Received, joined
from fedishare.foundation.config.settings import Settings
from fedishare.foundation.db.access import Tx
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.here import Here
from tests.attacks.world import BASE_URL
from tests.clock import StoppedClock
from tests.house import apply_what_came

DEATH = 137


async def die(tx: Tx, received: Received, here: Here) -> Outcome:
    os._exit(DEATH)


async def main(database_url: str, folder: str, now: str) -> None:
    clock = StoppedClock(Instant(int(now)))
    settings = Settings(data=Path(folder), base_url=BASE_URL, database_url=database_url)
    instance = await app.build(settings, clock=clock)
    handlers = {**joined(feature.handlers for feature in app.FEATURES), ("Like", "*"): die}
    await apply_what_came(instance.db, instance.fetcher, instance.here, clock, handlers)
    await instance.stop()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
