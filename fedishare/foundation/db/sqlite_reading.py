"""Reading an SQLite file: short reads right on the event loop, long ones in threads.

A page's query takes some 30 us in place, and twice to six times that by way of a thread; under load each way there and
back waits besides for two turns of the loop. So a function that reads is run to its end where it is asked, on one
snapshot. One that is much work is interrupted (sqlite.org/c3ref/progress_handler.html) and begun again on a connection
with a thread of its own, where nobody waits for it but who asked: it has changed nothing. Work is counted in SQLite's
own steps, and not in time alone: on a busy machine every read would look long, and threads would make it busier.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite

from fedishare.foundation.db import rows
from fedishare.foundation.db.access import Engine
from fedishare.foundation.db.errors import AwaitsOutside
from fedishare.foundation.db.queries import Query
from fedishare.foundation.db.sqlite_file import SqliteRead, connect, step, translated
from fedishare.foundation.values.clock import Clock
from fedishare.foundation.values.errors import Busy

T = TypeVar("T")
READERS = 4
STEPS = 4_000
"""Of SQLite's machine, some 15 us: so often we look at how much it has become."""
MOST_LOOKS = 200
"""Some 3 ms: the page of a list takes five looks."""
PATIENCE_S = 0.050
"""For what is little work and takes long all the same: a disk that must be waited for."""
LONG_S = 2.0
"""How long a function that was much work goes to the threads without being tried in place."""
_ELSEWHERE = (sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_BUSY)
"""Interrupted by us, or kept waiting by a checkpoint or a recovery: a thread may wait, the loop may not."""


class TooLong(Exception):
    """This read belongs into a thread. Nothing of it has happened."""


class Desk:
    """One connection for everybody's short reads. Belongs to the thread of the event loop."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._clock = clock
        self._connection = _connect(path)
        self._connection.execute("pragma busy_timeout = 0")
        self._connection.set_progress_handler(self._too_much, STEPS)
        self._looks = 0
        self._ends_at = 0.0
        self._long_until: dict[str, float] = {}
        self._open = True

    def read(self, function: Callable[..., Awaitable[T]], /, *args: Any, **kwargs: Any) -> T:
        """Raises TooLong; AwaitsOutside when it awaits anything but its `read`, such as another read; Busy once closed;
        and what the function raises."""
        began = self._clock.monotonic()
        name = getattr(function, "__qualname__", "")
        if began < self._long_until.get(name, 0.0):
            raise TooLong
        if not self._open:
            raise Busy("the database is closed")
        if self._connection.in_transaction:
            raise AwaitsOutside(name)
        read = _InPlace(self._connection)
        self._looks, self._ends_at = 0, began + PATIENCE_S
        try:
            self._connection.execute("begin")
            return step(function, read, *args, **kwargs)
        finally:
            self._connection.rollback()
            if read.elsewhere:
                # Whatever the function made of being interrupted.
                if self._looks > MOST_LOOKS:
                    self._long_until[name] = self._clock.monotonic() + LONG_S
                raise TooLong

    def version(self) -> str:
        """Of a connection that never writes, and so counts the commits of all others (sqlite.org/pragma.html): it looks
        at shared memory, not at the disk. '' when even that is refused."""
        try:
            return str(self._connection.execute("pragma data_version").fetchone()[0])
        except sqlite3.Error:
            return ""

    def close(self) -> None:
        self._open = False
        self._connection.close()

    def _too_much(self) -> bool:
        self._looks += 1
        return self._looks > MOST_LOOKS or self._clock.monotonic() > self._ends_at


class _InPlace(SqliteRead):
    """One snapshot of the desk's."""

    elsewhere: bool = False

    def _failed(self, error: sqlite3.Error) -> Exception:
        self.elsewhere = getattr(error, "sqlite_errorcode", 0) & 0xFF in _ELSEWHERE
        return super()._failed(error)


class _Reader(aiosqlite.Connection):
    """Opens the snapshot in the hop of its first query: a hop costs more than the query (yardsticks: 50 us)."""

    def _execute_fetchall(self, sql: str, parameters: Any) -> Iterable[sqlite3.Row]:
        if not self._conn.in_transaction:
            self._conn.execute("begin")
        cursor = self._conn.execute(sql, parameters)
        # The names travel with the rows: a column's name is needed even when SQLite gives a bare tuple.
        return [tuple(column[0] for column in cursor.description), *cursor.fetchall()]

    def end_snapshot(self) -> None:
        """Not waited for: whoever reads next stands behind it in the thread's queue."""
        self._tx.put_nowait((None, self._conn.rollback))


class _InThread:
    """One snapshot: begins with its first query."""

    engine: Engine = "sqlite"

    def __init__(self, reader: _Reader) -> None:
        self._reader = reader

    async def all(self, shape: type[T], query: Query, /, **values: Any) -> list[T]:
        names, *found = await self._fetch(query, values)
        return rows.build(shape, query, names, found)

    async def one(self, shape: type[T], query: Query, /, **values: Any) -> T | None:
        names, *found = await self._fetch(query, values)
        return rows.build(shape, query, names, found[:1])[0] if found else None

    async def value(self, query: Query, /, **values: Any) -> Any:
        found = await self._fetch(query, values)
        return found[1][0] if len(found) > 1 else None

    async def _fetch(self, query: Query, values: dict[str, Any]) -> Any:
        try:
            return await self._reader.execute_fetchall(query.sqlite, values)
        except sqlite3.Error as error:
            raise translated(error) from error


class Readers:
    """At most READERS connections, opened when first needed. Whoever finds none free waits for one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._free: list[_Reader] = []
        self._open: list[_Reader] = []
        self._slots = asyncio.Semaphore(READERS)
        self._closing = False

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[_InThread]:
        """One snapshot. Raises Busy once closing has begun."""
        reader = await self._take()
        try:
            yield _InThread(reader)
        finally:
            self._give_back(reader)

    async def close(self) -> None:
        """Waits for those who read. aiosqlite >= 0.22 keeps the process alive while a connection is open."""
        self._closing = True
        for _ in range(READERS):
            await self._slots.acquire()
        for reader in self._open:
            await reader.close()

    async def _take(self) -> _Reader:
        if self._closing:
            raise Busy("the database is closed")
        await self._slots.acquire()
        if self._free:
            return self._free.pop()
        reader = _Reader(lambda: _connect(self._path), iter_chunk_size=64)
        opened = False
        try:
            await reader
            opened = True
        finally:
            if not opened:
                self._slots.release()
        self._open.append(reader)
        return reader

    def _give_back(self, reader: _Reader) -> None:
        reader.end_snapshot()
        self._free.append(reader)
        self._slots.release()


def _connect(path: Path) -> sqlite3.Connection:
    connection = connect(path)
    connection.execute("pragma query_only = on")
    return connection
