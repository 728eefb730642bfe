"""What a query function may ask of the database: the contract that both engines keep.

`Read` is a snapshot to look at; `Tx` is one write transaction. A statement that fails (UniqueBroken, ...) ends the
transaction on both engines: let the error leave the operation; where a row may be there already, say `on conflict`.
`shape` is a msgspec Struct whose fields carry the columns' names, or `tuple` for the bare row. Values are passed by
name, as they stand in the text (`:name`).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal, Protocol, TypeVar

from fedishare.foundation.db.queries import Query

T = TypeVar("T")
Engine = Literal["sqlite", "postgres"]
Fact = object
Listener = Callable[["Tx", Any], Awaitable[None]]
"""Called inside the transaction that told the fact; what it raises undoes the whole operation."""


class Read(Protocol):
    """Queries that change nothing."""

    engine: Engine

    async def all(self, shape: type[T], query: Query, /, **values: Any) -> list[T]: ...

    async def one(self, shape: type[T], query: Query, /, **values: Any) -> T | None: ...

    async def value(self, query: Query, /, **values: Any) -> Any:
        """The first column of the first row, or None."""


class Tx(Read, Protocol):
    """One transaction: all of it happens, or nothing."""

    async def run(self, query: Query, /, **values: Any) -> int:
        """Rows touched. Raises UniqueBroken (foundation.db.errors) with the constraint's name."""

    async def run_many(self, query: Query, rows: Sequence[Mapping[str, Any]], /) -> None: ...

    async def keep(self, query: Query, /, **values: Any) -> None:
        """Insert a row, now or with others like it: before anybody here looks for it, and before COMMIT."""

    async def tell(self, fact: Fact) -> None:
        """Run every listener of the fact's class, here and now."""

    def listeners(self, fact: Fact) -> Sequence[Listener]:
        """Whom `tell` would tell."""

    def wake(self, whom: str) -> None:
        """After COMMIT, hint that there is work for `whom` ("inbox", "deliveries", "jobs")."""
