"""What an input costs beside a harmless one of the same size: CPU time, which a busy machine does not change.

`expect` speaks of milliseconds on the machine of whoever wrote it; a ratio holds on every machine.
"""

import gc
import time
from collections.abc import Awaitable, Callable

from tests.figures import Figure

TIMES = 20
"""How much dearer than a harmless input a hostile one may be."""
_LEAST_S = 0.001
"""Below this a measure says more of the clock than of the work."""

Work = Callable[[], Awaitable[object]]


async def cpu_s(work: Work) -> float:
    """CPU seconds of the whole process, the threads of the databases included; without the collector of garbage, which
    would go through all that the tests before have left, now or another time."""
    gc.disable()
    try:
        begun = time.process_time()
        await work()
        return time.process_time() - begun
    finally:
        gc.enable()


async def compare(figure: Figure, what: str, *, hostile: Work, harmless: Work) -> None:
    """Both are done and printed. Raises AssertionError when the hostile one costs too much."""
    usual = max(await cpu_s(harmless), _LEAST_S)
    cost = await cpu_s(hostile)
    figure(f"{what}: harmless", usual * 1_000, "ms")
    figure(f"{what}: hostile", cost * 1_000, "ms")
    figure(f"{what}: hostile / harmless", cost / usual, "times", at_most=TIMES)
