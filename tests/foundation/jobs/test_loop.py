"""The loop under every worker outlives its batches and stops when told."""

import asyncio

from fedishare.foundation.jobs.loop import work_until
from fedishare.foundation.values.errors import Busy


class Batches:
    """Gives what it was told, one at a call; sets `stop` when there is no more."""

    def __init__(self, *outcomes: int | Exception) -> None:
        self.outcomes = list(outcomes)
        self.stop = asyncio.Event()
        self.wake = asyncio.Event()

    async def drain(self) -> int:
        outcome = self.outcomes.pop(0)
        if not self.outcomes:
            self.stop.set()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


async def run(batches: Batches, idle_s: float = 60) -> None:
    async with asyncio.timeout(5):
        await work_until(batches.stop, batches.drain, batches.wake, idle_s)


async def test_the_loop_goes_on_while_there_is_work():
    batches = Batches(3, 2, 1, 1)

    await run(batches)

    assert batches.outcomes == []


async def test_the_loop_survives_what_a_batch_raises():
    batches = Batches(ValueError("bad"), Busy("disk"), 1)

    await run(batches)

    assert batches.outcomes == []


async def test_a_hint_ends_the_idle_wait():
    batches = Batches(0, 1)
    asyncio.get_running_loop().call_later(0.05, batches.wake.set)

    await run(batches)

    assert batches.outcomes == []


async def test_a_hint_during_a_batch_is_not_lost():
    batches = Batches(0, 1)
    drain = batches.drain

    async def drain_and_hint() -> int:
        batches.wake.set()
        return await drain()

    batches.drain = drain_and_hint
    await run(batches)

    assert batches.outcomes == []


async def test_stop_ends_the_idle_wait():
    batches = Batches(0, 0)
    asyncio.get_running_loop().call_later(0.05, batches.stop.set)

    await run(batches)

    assert batches.outcomes == [0]
