"""The version of a PostgreSQL database, asked once for all who wait for it.

A round trip for each request would cost more than the answers that it saves. Whoever comes while a question is under
way waits for the next one, whose answer is of a moment after they came: nobody is told what was true before.
"""

import asyncio
from collections.abc import Awaitable, Callable


class Version:
    """`ask` is the round trip; it gives '' rather than raise."""

    def __init__(self, ask: Callable[[], Awaitable[str]]) -> None:
        self._ask = ask
        self._waiting: list[asyncio.Future[str]] = []
        self._asking: asyncio.Task[None] | None = None

    async def now(self) -> str:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[str] = loop.create_future()
        self._waiting.append(answer)
        if self._asking is None:
            self._asking = loop.create_task(self._answer_all())
        return await answer

    async def _answer_all(self) -> None:
        asked: list[asyncio.Future[str]] = []
        try:
            while self._waiting:
                asked, self._waiting = self._waiting, []
                _answer(asked, await self._ask())
        finally:
            # Should the question itself have failed, nobody waits for ever.
            left, self._waiting, self._asking = [*asked, *self._waiting], [], None
            _answer(left, "")


def _answer(asked: list[asyncio.Future[str]], version: str) -> None:
    for one in asked:
        if not one.done():
            one.set_result(version)
