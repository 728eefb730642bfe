"""Fast and slow exchanges apart: a server that takes its time must not hold up those that answer at once.

Source: SECURITY 3.3 "Isolation". An exchange begins in one of the 32 fast slots; not answered within a second, it
leaves the slot to another and goes on in the slow lane. The first exchange of a turn is a knock: nobody knows whether
it will be answered, so knocks have slots of their own, and those at servers that fail or were never told anything half
of them at most. Whoever has answered finds the fast slots full of others that answer, and of nothing else.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

FAST = 32
KNOCKING = 64
SLOW = 160
FAST_S = 1.0


class Lanes:
    """The lanes of one process."""

    def __init__(self, *, fast: int = FAST, knocking: int = KNOCKING, slow: int = SLOW, fast_s: float = FAST_S) -> None:
        self._fast = asyncio.Semaphore(fast)
        self._knocking = asyncio.Semaphore(knocking)
        self._doubtful = asyncio.Semaphore(max(1, knocking // 2))
        self._slow_left = slow
        self._fast_s = fast_s

    @asynccontextmanager
    async def exchange(self, *, knock: bool, doubtful: bool) -> AsyncIterator[None]:
        """Wait for a slot, and leave it after a second if there is room in the slow lane."""
        slots = [self._fast] if not knock else [self._doubtful, self._knocking] if doubtful else [self._knocking]
        taken: list[asyncio.Semaphore] = []
        slow = False

        def leave() -> None:
            while taken:
                taken.pop().release()

        def slow_down() -> None:
            nonlocal slow
            if self._slow_left:
                self._slow_left -= 1
                slow = True
                leave()

        change: asyncio.TimerHandle | None = None
        try:
            for slot in slots:
                await slot.acquire()
                taken.append(slot)
            change = asyncio.get_running_loop().call_later(self._fast_s, slow_down)
            yield
        finally:
            if change is not None:
                change.cancel()
            if slow:
                self._slow_left += 1
            leave()
