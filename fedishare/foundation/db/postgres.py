"""The Database over PostgreSQL: a pool; each operation is awaited on the loop, on a connection of its own.

Read committed, as the server comes: an operation that must stand alone locks its row or lets a unique index decide.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from fedishare.foundation.db import rows
from fedishare.foundation.db.access import Engine, Fact, Listener, Read, Tx
from fedishare.foundation.db.errors import AwaitsOutside, TransactionOver
from fedishare.foundation.db.postgres_driver import errors, pool, translated
from fedishare.foundation.db.postgres_version import Looking, Version
from fedishare.foundation.db.postgres_wakes import CHANNEL, Ear
from fedishare.foundation.db.queries import Query
from fedishare.foundation.db.wakes import Wakes

T = TypeVar("T")
P = ParamSpec("P")
Listeners = Mapping[type, Sequence[Listener]]
CONNECTIONS = 12
WORKERS = 8
"""Of these connections, how many the inbox and jobs may hold: people always find one."""
PATIENCE_S = 5.0


class PostgresDatabase:
    """One process of possibly many."""

    engine: Engine = "postgres"

    def __init__(
        self, connections: Any, listeners: Listeners, wakes: Wakes, *, looking: Looking, ear: Ear | None
    ) -> None:
        self._pool = connections
        self._listeners = listeners
        self._wakes = wakes
        self._ear = ear
        self._workers = asyncio.Semaphore(WORKERS)
        self._version = Version(looking.snapshot)
        self._looking = looking
        self._several: set[str] = set()
        """Functions of ours that ask for more than one thing."""

    @classmethod
    async def open(cls, url: str, listeners: Listeners, *, listening: bool) -> Self:
        """Raises Misconfigured when the server refuses us or is not there."""
        connections = await pool(url, size=CONNECTIONS, smallest=1)
        wakes = Wakes()
        return cls(connections, listeners, wakes, looking=Looking(url), ear=Ear(url, wakes) if listening else None)

    async def write(
        self, operation: Callable[Concatenate[Tx, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        async with self._connection() as connection:
            tx = _PostgresTx(connection, self._listeners)
            async with connection.transaction():
                result = await _Stepping(tx, operation.__qualname__, operation(tx, *args, **kwargs))
                if tx.over:
                    raise TransactionOver()
                for whom in tx.woken:
                    await connection.execute("select pg_notify($1, $2)", CHANNEL, whom)
        self._wakes.call(tx.woken)
        return result

    async def work(self, operation: Callable[Concatenate[Tx, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        async with self._workers:
            return await self.write(operation, *args, **kwargs)

    async def read(
        self, function: Callable[Concatenate[Read, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """One statement is a snapshot by itself; BEGIN and COMMIT are two more round trips. So a function that has
        asked one thing at a time so far goes without, and is begun again with them when it asks for a second."""
        name = function.__qualname__
        async with self._connection() as connection:
            if name not in self._several:
                alone = _PostgresOneRead(connection)
                try:
                    return await _Stepping(alone, name, function(alone, *args, **kwargs))
                except _Several:
                    self._several.add(name)
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                read = _PostgresRead(connection)
                return await _Stepping(read, name, function(read, *args, **kwargs))

    async def version(self) -> str:
        return await self._version.now()

    def on_wake(self, whom: str, callback: Callable[[], None]) -> None:
        self._wakes.on(whom, callback)

    async def close(self) -> None:
        if self._ear:
            await self._ear.close()
        self._looking.close()
        await self._pool.close()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        """One of the pool's, for one transaction. What the server does to it is told in our words."""
        try:
            async with self._pool.acquire(timeout=PATIENCE_S) as connection:
                yield connection
        except errors() as error:
            raise translated(error) from error


class _PostgresRead:
    """Statements on a connection whose transaction is open."""

    engine: Engine = "postgres"

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.over = False
        self.asking = False

    async def all(self, shape: type[T], query: Query, /, **values: Any) -> list[T]:
        found = await self._fetch(query, values)
        return rows.build(shape, query, list(found[0].keys()), found) if found else []

    async def one(self, shape: type[T], query: Query, /, **values: Any) -> T | None:
        found = await self._fetch(query, values)
        return rows.build(shape, query, list(found[0].keys()), found[:1])[0] if found else None

    async def value(self, query: Query, /, **values: Any) -> Any:
        found = await self._fetch(query, values)
        return found[0][0] if found else None

    async def _fetch(self, query: Query, values: Mapping[str, Any]) -> Any:
        return await self._ask(self._connection.fetch, query.postgres, *_in_order(query, values))

    async def _ask(self, statement: Callable[..., Awaitable[Any]], /, *values: Any) -> Any:
        if self.over:
            raise TransactionOver()
        self.asking = True
        try:
            return await statement(*values)
        except errors() as error:
            self.over = True
            raise translated(error) from error
        finally:
            self.asking = False


class _Several(BaseException):
    """More than one statement is asked for: no function that reads may make anything of it."""


class _PostgresOneRead(_PostgresRead):
    """One statement without a transaction."""

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self._asked = False

    async def _ask(self, statement: Callable[..., Awaitable[Any]], /, *values: Any) -> Any:
        if self._asked:
            raise _Several
        self._asked = True
        return await super()._ask(statement, *values)


class _PostgresTx(_PostgresRead):
    """One write transaction."""

    def __init__(self, connection: Any, listeners: Listeners) -> None:
        super().__init__(connection)
        self._listeners = listeners
        self.woken: set[str] = set()

    async def run(self, query: Query, /, **values: Any) -> int:
        status = await self._ask(self._connection.execute, query.postgres, *_in_order(query, values))
        # "INSERT 0 3", "UPDATE 3", "DELETE 3"
        count = status.rpartition(" ")[2]
        return int(count) if count.isdecimal() else 0

    async def run_many(self, query: Query, many: Sequence[Mapping[str, Any]], /) -> None:
        await self._ask(self._connection.executemany, query.postgres, [_in_order(query, values) for values in many])

    async def keep(self, query: Query, /, **values: Any) -> None:
        await self.run(query, **values)

    async def tell(self, fact: Fact) -> None:
        for listener in self.listeners(fact):
            await listener(self, fact)

    def listeners(self, fact: Fact) -> Sequence[Listener]:
        return self._listeners.get(type(fact), ())

    def wake(self, whom: str) -> None:
        self.woken.add(whom)


class _Stepping(Awaitable[T]):
    """Lets an operation wait for its transaction's statements and for nothing else, as SQLite's writer does.

    Whoever waits for something else inside holds a connection and locks meanwhile.
    """

    def __init__(self, tx: _PostgresRead, name: str, operation: Awaitable[T]) -> None:
        self._tx = tx
        self._name = name
        self._operation = operation

    def __await__(self) -> Generator[Any, Any, T]:
        running = self._operation.__await__()
        try:
            waits_for = running.send(None)
            while True:
                if not self._tx.asking:
                    running.throw(AwaitsOutside(self._name))
                    raise AwaitsOutside(self._name)
                try:
                    answer = yield waits_for
                except BaseException as error:  # noqa: BLE001 - a cancellation belongs to the operation, as in `await`
                    waits_for = running.throw(error)
                else:
                    waits_for = running.send(answer)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]  # StopIteration does not know its type
        finally:
            running.close()


def _in_order(query: Query, values: Mapping[str, Any]) -> list[Any]:
    try:
        return [values[name] for name in query.names]
    except KeyError as missing:
        raise TypeError(f"{query.name} needs a value for {missing}") from None
