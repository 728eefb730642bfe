"""A database whose process dies at a chosen moment of a chosen operation; opened only where that was asked for.

See `foundation/values/crashing.py`. An operation's name is that of its room and its own: `inbox.keep_all`.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from fedishare.foundation.db.access import Tx
from fedishare.foundation.values.crashing import reached

T = TypeVar("T")
P = ParamSpec("P")


class MortalDatabase:
    """As the database that it is given (foundation.db.database.Database), but for the end."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self.engine = database.engine
        self.read = database.read
        self.version = database.version
        self.on_wake = database.on_wake
        self.close = database.close

    async def write(
        self, operation: Callable[Concatenate[Tx, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return await self._watched(self._database.write, operation, *args, **kwargs)

    async def work(self, operation: Callable[Concatenate[Tx, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._watched(self._database.work, operation, *args, **kwargs)

    async def _watched(self, way: Any, operation: Callable[..., Awaitable[T]], *args: Any, **kwargs: Any) -> T:
        name = f"{operation.__module__.split('.')[2]}.{operation.__name__}"

        async def watched(tx: Tx, *given: Any, **named: Any) -> T:
            result = await operation(tx, *given, **named)
            reached(f"{name}.commit")
            return result

        reached(f"{name}.before")
        result: T = await way(watched, *args, **kwargs)
        reached(f"{name}.after")
        return result
