"""Fast and slow exchanges apart: a server that takes its time must not hold up those that answer at once.

Source: SECURITY 3.3 "Isolation". An exchange begins in one of the 32 fast slots; not answered within a second, it
leaves the slot to another and goes on in the slow lane.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

FAST = 32
SLOW = 224
FAST_S = 1.0


class Lanes:
    """The two lanes of one process."""

    def __init__(self, *, fast: int = FAST, slow: int = SLOW, fast_s: float = FAST_S) -> None:
        self._fast = asyncio.Semaphore(fast)
        self._slow_left = slow
        self._fast_s = fast_s

    @asynccontextmanager
    async def exchange(self) -> AsyncIterator[None]:
        """Wait for a fast slot, and leave it after a second if there is room in the slow lane."""
        await self._fast.acquire()
        slow = False

        def slow_down() -> None:
            nonlocal slow
            if self._slow_left:
                self._slow_left -= 1
                slow = True
                self._fast.release()

        change = asyncio.get_running_loop().call_later(self._fast_s, slow_down)
        try:
            yield
        finally:
            change.cancel()
            if slow:
                self._slow_left += 1
            else:
                self._fast.release()
