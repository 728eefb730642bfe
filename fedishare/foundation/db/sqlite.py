"""The Database over an SQLite file: one writer, a few readers (HOUSE "Concurrency"); and the CLI's way in."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import aiosqlite

from fedishare.foundation.db import rows
from fedishare.foundation.db.access import Engine, Read, Tx
from fedishare.foundation.db.queries import Query
from fedishare.foundation.db.sqlite_file import Listeners, SqliteTx, connect, step, translated
from fedishare.foundation.db.sqlite_writer import Writer
from fedishare.foundation.db.wakes import Wakes
from fedishare.foundation.values.clock import Clock
from fedishare.foundation.values.errors import Busy

T = TypeVar("T")
P = ParamSpec("P")
READERS = 4


class SqliteDatabase:
    """One serving process and its file."""

    engine: Engine = "sqlite"

    def __init__(self, path: Path, listeners: Listeners, clock: Clock) -> None:
        """Raises Misconfigured when the file cannot be used."""
        self._wakes = Wakes()
        self._writer = Writer(connect(path), listeners, self._wakes, clock)
        self._readers = _Readers(path)
        self._watch = connect(path)

    async def write(
        self, operation: Callable[Concatenate[Tx, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return await self._writer.write(operation, *args, **kwargs)

    async def work(self, operation: Callable[Concatenate[Tx, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._writer.work(operation, *args, **kwargs)

    async def read(
        self, function: Callable[Concatenate[Read, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        reader = await self._readers.take()
        try:
            return await function(_SqliteRead(reader), *args, **kwargs)
        finally:
            self._readers.give_back(reader)

    async def version(self) -> str:
        """Of a connection that never writes, and so counts the commits of all others (sqlite.org/pragma.html). Asked
        right here: it looks at shared memory, not at the disk."""
        try:
            return str(self._watch.execute("pragma data_version").fetchone()[0])
        except sqlite3.Error:
            return ""

    def on_wake(self, whom: str, callback: Callable[[], None]) -> None:
        self._wakes.on(whom, callback)

    async def close(self) -> None:
        await self._writer.close()
        await self._readers.close()
        self._watch.close()


class SqliteDirect:
    """For a command that ends soon: one connection, each operation at once and committed alone.

    Blocks the event loop while it works. Leaves the checkpoint to the server, whose writes it would hold up.
    """

    engine: Engine = "sqlite"

    def __init__(self, path: Path, listeners: Listeners) -> None:
        """Raises Misconfigured when the file cannot be used."""
        self._listeners = listeners
        self._wakes = Wakes()
        self._connection = connect(path)
        self._connection.execute("pragma wal_autocheckpoint = 0")

    async def write(
        self, operation: Callable[Concatenate[Tx, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        tx = SqliteTx(self._connection, self._listeners)
        try:
            self._connection.execute("begin immediate")
            result = step(operation, tx, *args, **kwargs)
            self._connection.execute("commit")
        except sqlite3.Error as error:
            raise translated(error) from error
        finally:
            if self._connection.in_transaction:
                self._connection.execute("rollback")
        self._wakes.call(tx.woken)
        return result

    work = write

    async def version(self) -> str:
        """A command keeps nothing."""
        return ""

    async def read(
        self, function: Callable[Concatenate[Read, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        self._connection.execute("begin")
        try:
            return await function(SqliteTx(self._connection, self._listeners), *args, **kwargs)
        finally:
            self._connection.execute("rollback")

    def on_wake(self, whom: str, callback: Callable[[], None]) -> None:
        self._wakes.on(whom, callback)

    async def close(self) -> None:
        self._connection.close()


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


class _SqliteRead:
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


class _Readers:
    """At most READERS connections, opened when first needed. Whoever finds none free waits for one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._free: list[_Reader] = []
        self._open: list[_Reader] = []
        self._slots = asyncio.Semaphore(READERS)
        self._closing = False

    async def take(self) -> _Reader:
        """Raises Busy once closing has begun."""
        if self._closing:
            raise Busy("the database is closed")
        await self._slots.acquire()
        if self._free:
            return self._free.pop()
        reader = _Reader(self._connect, iter_chunk_size=64)
        opened = False
        try:
            await reader
            opened = True
        finally:
            if not opened:
                self._slots.release()
        self._open.append(reader)
        return reader

    def give_back(self, reader: _Reader) -> None:
        reader.end_snapshot()
        self._free.append(reader)
        self._slots.release()

    async def close(self) -> None:
        """Waits for those who read. aiosqlite >= 0.22 keeps the process alive while a connection is open."""
        self._closing = True
        for _ in range(READERS):
            await self._slots.acquire()
        for reader in self._open:
            await reader.close()

    def _connect(self) -> sqlite3.Connection:
        connection = connect(self._path)
        connection.execute("pragma query_only = on")
        return connection
