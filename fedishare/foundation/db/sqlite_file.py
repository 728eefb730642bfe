"""One connection to an SQLite file, and one transaction on it: statements run right here, in the calling thread.

Settings: SECURITY 3.3. What SQLite's errors mean: https://sqlite.org/rescode.html. Opens no transaction by itself.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from fedishare.foundation.db import rows
from fedishare.foundation.db.access import Engine, Fact, Listener
from fedishare.foundation.db.errors import (
    AwaitsOutside,
    ConstraintBroken,
    DatabaseLocked,
    DatabaseReadOnly,
    DiskFull,
    DiskTrouble,
    TransactionOver,
    UniqueBroken,
)
from fedishare.foundation.db.queries import Query
from fedishare.foundation.values.errors import N_, Misconfigured

T = TypeVar("T")
Listeners = Mapping[type, Sequence[Listener]]
BUSY_TIMEOUT_S = 5.0
_STATEMENTS = 512
_PRAGMAS = (
    "pragma synchronous = full",
    "pragma foreign_keys = on",
    "pragma trusted_schema = off",
    "pragma journal_size_limit = 67108864",
)
_TROUBLES: dict[int, type[Exception]] = {
    sqlite3.SQLITE_BUSY: DatabaseLocked,
    sqlite3.SQLITE_LOCKED: DatabaseLocked,
    sqlite3.SQLITE_FULL: DiskFull,
    sqlite3.SQLITE_READONLY: DatabaseReadOnly,
    sqlite3.SQLITE_CANTOPEN: DatabaseReadOnly,
    sqlite3.SQLITE_IOERR: DiskTrouble,
    sqlite3.SQLITE_CONSTRAINT: ConstraintBroken,
}


def connect(path: Path) -> sqlite3.Connection:
    """A connection whose transactions are begun by hand. Raises Misconfigured when this is no database we can use."""
    try:
        connection = sqlite3.connect(
            path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False, cached_statements=_STATEMENTS
        )
        prepare(connection)
    except sqlite3.OperationalError as error:
        if isinstance(told := translated(error), DatabaseLocked):
            raise told from error
        raise Misconfigured(_what_to_do(path), path=path, folder=path.parent, error=error) from error
    except sqlite3.DatabaseError as error:
        raise Misconfigured(
            N_("FEDISHARE_DATABASE_URL: %(path)s is not a database of ours (%(error)s). Restore it from a backup."),
            path=path,
            error=error,
        ) from error
    return connection


def prepare(connection: sqlite3.Connection) -> None:
    """What every connection needs, whoever opened it; also reads the file for the first time."""
    connection.execute("pragma journal_mode = wal")
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _what_to_do(path: Path) -> str:
    if not path.parent.is_dir():
        return N_("FEDISHARE_DATABASE_URL: %(path)s cannot be opened (%(error)s). Create the folder %(folder)s first.")
    return N_(
        "FEDISHARE_DATABASE_URL: %(path)s cannot be opened (%(error)s). Give the right to read and write it, and its "
        "folder %(folder)s, to the account that runs Fedishare."
    )


class SqliteRead:
    """Read (foundation.db.access) on a connection whose transaction is already open. Never waits."""

    engine: Engine = "sqlite"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.over = False

    async def all(self, shape: type[T], query: Query, /, **values: Any) -> list[T]:
        names, found = self._fetch(query, values)
        return rows.build(shape, query, names, found)

    async def one(self, shape: type[T], query: Query, /, **values: Any) -> T | None:
        names, found = self._fetch(query, values)
        return rows.build(shape, query, names, found[:1])[0] if found else None

    async def value(self, query: Query, /, **values: Any) -> Any:
        found = self._fetch(query, values)[1]
        return found[0][0] if found else None

    def _fetch(self, query: Query, values: Mapping[str, Any]) -> tuple[list[str], list[Any]]:
        cursor = self._execute(query, values)
        try:
            return [column[0] for column in cursor.description or ()], cursor.fetchall()
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def _execute(self, query: Query, values: Mapping[str, Any]) -> sqlite3.Cursor:
        self._check()
        try:
            return self._connection.execute(query.sqlite, values)
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def _check(self) -> None:
        if self.over:
            raise TransactionOver()

    def _failed(self, error: sqlite3.Error) -> Exception:
        self.over = True
        return translated(error, self._connection)


class SqliteTx(SqliteRead):
    """Tx on a connection whose transaction is already open. Never waits."""

    def __init__(self, connection: sqlite3.Connection, listeners: Listeners) -> None:
        super().__init__(connection)
        self._listeners = listeners
        self.woken: set[str] = set()

    async def run(self, query: Query, /, **values: Any) -> int:
        return self._execute(query, values).rowcount

    async def run_many(self, query: Query, many: Sequence[Mapping[str, Any]], /) -> None:
        self._check()
        try:
            self._connection.executemany(query.sqlite, many)
        except sqlite3.Error as error:
            raise self._failed(error) from error

    async def keep(self, query: Query, /, **values: Any) -> None:
        await self.run(query, **values)

    async def tell(self, fact: Fact) -> None:
        for listener in self.listeners(fact):
            await listener(self, fact)

    def listeners(self, fact: Fact) -> Sequence[Listener]:
        return self._listeners.get(type(fact), ())

    def wake(self, whom: str) -> None:
        self.woken.add(whom)


def step(operation: Callable[..., Awaitable[T]], tx: SqliteRead, *args: Any, **kwargs: Any) -> T:
    """Run an operation, or a function that reads, to its end and without an event loop.

    Raises AwaitsOutside, or what it raises itself.
    """
    running = operation(tx, *args, **kwargs).__await__()
    try:
        running.send(None)
        running.throw(AwaitsOutside(operation.__qualname__))
    except StopIteration as end:
        if tx.over:
            raise TransactionOver() from None
        return end.value  # type: ignore[no-any-return]  # StopIteration does not know its type
    except RuntimeError as error:
        # asyncio.sleep and its like ask for the loop before they wait.
        if str(error) == "no running event loop":
            raise AwaitsOutside(operation.__qualname__) from error
        raise
    except asyncio.CancelledError as error:
        raise AwaitsOutside(operation.__qualname__) from error
    finally:
        running.close()
    raise AwaitsOutside(operation.__qualname__)


def translated(error: sqlite3.Error, connection: sqlite3.Connection | None = None) -> Exception:
    """The error in our words; the same error when it is a mistake in a query."""
    code = getattr(error, "sqlite_errorcode", 0)
    if code in (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY) and connection:
        return UniqueBroken(_index_named_in(str(error), connection))
    trouble = _TROUBLES.get(code & 0xFF)
    return trouble(str(error)) if trouble else error


def _index_named_in(message: str, connection: sqlite3.Connection) -> str:
    """SQLite names the columns ("UNIQUE constraint failed: follow.follower_id, follow.followed_id"), we the index."""
    places = [place.strip().rpartition(".") for place in message.rpartition(": ")[2].split(",")]
    table, columns = places[0][0], [column for _, _, column in places]
    for _, index, unique, origin, _ in connection.execute(f"pragma index_list({table})").fetchall():
        if unique and origin != "pk":
            found = [column for _, _, column in connection.execute(f"pragma index_info({index})").fetchall()]
            if found == columns:
                return str(index)
    return f"{table}_pkey"
