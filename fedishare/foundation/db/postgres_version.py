"""The version of a PostgreSQL database, asked once for all who wait for it.

A round trip for each request would cost more than the answers that it saves. Whoever comes while a question is under
way waits for the next one, whose answer is of a moment after they came: nobody is told what was true before. It is
asked on a connection of its own: to take one of the pool and give it back costs as much as the question.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from fedishare.foundation.db.postgres_driver import connect, errors
from fedishare.foundation.values.errors import Misconfigured

PATIENCE_S = 5.0
"""For the whole question, the way to the server included: everybody who reads waits for it."""
_SNAPSHOT = "select pg_current_snapshot()::text"


class Looking:
    """Asks which snapshot is the one of now, on a connection that is opened at the first question and after trouble.

    Two snapshots that are equal see the same (postgresql.org, "Transaction ID and Snapshot Information").
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Any = None
        self._statement: Any = None
        self._over = asyncio.Event()

    async def snapshot(self) -> str:
        """'' while the server is not to be reached, and when all is over: whoever reads next is told what is wrong."""
        if self._over.is_set():
            return ""
        lost: tuple[type[Exception], ...] = (*errors(), Misconfigured)
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self._ask()
        except lost:
            self._drop()
            return ""
        except BaseException:
            self._drop()
            raise

    async def _ask(self) -> str:
        if self._connection is None:
            self._connection = await connect(self._url)
            self._statement = await self._connection.prepare(_SNAPSHOT)
        if self._over.is_set():  # closed meanwhile
            self._drop()
            return ""
        return str(await self._statement.fetchval())

    def close(self) -> None:
        self._over.set()
        self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None


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
