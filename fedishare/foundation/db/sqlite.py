"""The Database over an SQLite file: one writer, short reads in place, threads for long ones; and the CLI's way in."""

import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from fedishare.foundation.db.access import Engine, Read, Tx
from fedishare.foundation.db.sqlite_file import Listeners, SqliteTx, connect, step, translated
from fedishare.foundation.db.sqlite_reading import Desk, Readers, TooLong
from fedishare.foundation.db.sqlite_writer import Writer
from fedishare.foundation.db.wakes import Wakes
from fedishare.foundation.values.clock import Clock

T = TypeVar("T")
P = ParamSpec("P")


class SqliteDatabase:
    """One serving process and its file."""

    engine: Engine = "sqlite"

    def __init__(self, path: Path, listeners: Listeners, clock: Clock) -> None:
        """Raises Misconfigured when the file cannot be used."""
        self._wakes = Wakes()
        self._writer = Writer(connect(path), listeners, self._wakes, clock)
        self._desk = Desk(path, clock)
        self._readers = Readers(path)

    async def write(
        self, operation: Callable[Concatenate[Tx, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return await self._writer.write(operation, *args, **kwargs)

    async def work(self, operation: Callable[Concatenate[Tx, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._writer.work(operation, *args, **kwargs)

    async def read(
        self, function: Callable[Concatenate[Read, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        try:
            return self._desk.read(function, *args, **kwargs)
        except TooLong:
            async with self._readers.reading() as read:
                return await function(read, *args, **kwargs)

    async def version(self) -> str:
        return self._desk.version()

    def on_wake(self, whom: str, callback: Callable[[], None]) -> None:
        self._wakes.on(whom, callback)

    async def close(self) -> None:
        await self._writer.close()
        await self._readers.close()
        self._desk.close()


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
