"""The shape of every worker loop: drain what there is, wait for a hint, survive what goes wrong.

Knows nothing of what is drained. Source: SECURITY 3.3 "Shutdown", HOUSE "Concurrency".
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from fedishare.foundation.values.errors import Busy

LONGEST_PAUSE_S = 30.0
log = structlog.get_logger()


async def work_until(
    stop: asyncio.Event, drain: Callable[[], Awaitable[int]], wake: asyncio.Event, idle_s: float
) -> None:
    """Call `drain` until `stop` is set: at once while it finds something, else after `wake` or `idle_s`.

    `drain` says how much it did. What it raises is logged, and the next attempt waits longer and longer.
    """
    pause_s = 0.0
    while not stop.is_set():
        # Cleared before looking: a hint that comes meanwhile is not lost.
        wake.clear()
        try:
            done = await drain()
        except Busy as error:
            pause_s = _longer(pause_s)
            log.warning("work_postponed", what=drain.__qualname__, detail=str(error), next_in_s=pause_s)
        except Exception:
            pause_s = _longer(pause_s)
            log.exception("work_failed", what=drain.__qualname__, next_in_s=pause_s)
        else:
            pause_s = 0.0
            if not done:
                await first_of(stop, wake, timeout_s=idle_s)
        if pause_s:
            await first_of(stop, timeout_s=pause_s)


async def first_of(*events: asyncio.Event, timeout_s: float | None = None) -> None:
    """Until one of the events is set, or the time is over."""
    waiting = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waiting:
            one.cancel()


def _longer(pause_s: float) -> float:
    return min(LONGEST_PAUSE_S, max(0.5, pause_s * 2))
