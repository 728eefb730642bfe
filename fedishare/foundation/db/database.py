"""The database as the rest of the house sees it: operations that write, functions that read, hints after COMMIT."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from fedishare.foundation.db.access import Engine, Listener, Read, Tx
from fedishare.foundation.db.address import engine_of, file_of
from fedishare.foundation.db.mortal import MortalDatabase
from fedishare.foundation.db.postgres import PostgresDatabase
from fedishare.foundation.db.sqlite import SqliteDatabase, SqliteDirect
from fedishare.foundation.values import crashing
from fedishare.foundation.values.clock import Clock, SystemClock

T = TypeVar("T")
P = ParamSpec("P")


class Database(Protocol):
    """Both engines keep this. After `close` everything is refused with Busy."""

    engine: Engine

    async def write(
        self, operation: Callable[Concatenate[Tx, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """`operation(tx, ...)` as one transaction, on disk when this returns. For people: before `work`.

        Raises what the operation raises (then nothing of it happened), Busy when it could not be kept, and
        AwaitsOutside when it awaits anything but its `tx`.
        """

    async def work(self, operation: Callable[Concatenate[Tx, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """As `write`, for the inbox and for jobs: people go first."""

    async def read(
        self, function: Callable[Concatenate[Read, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """`function(read, ...)` on one snapshot. It may be begun twice: it changes nothing, not even what it is given.

        Raises what it raises, and AwaitsOutside when it awaits anything but its `read`.
        """

    async def version(self) -> str:
        """Another text after every COMMIT, of whatever process; '' when it cannot be told. Two equal ones, one after
        the other, mean that whoever reads finds what was there before."""

    def on_wake(self, whom: str, callback: Callable[[], None]) -> None:
        """Call back on the event loop after a COMMIT that woke `whom`, here or in another process."""

    async def close(self) -> None:
        """Finish what was asked, then close every connection."""


async def open_database(
    url: str,
    *,
    listeners: Mapping[type, Sequence[Listener]] | None = None,
    direct: bool = False,
    clock: Clock | None = None,
) -> Database:
    """Open `sqlite:///path` or `postgresql://...`, whose schema is already there (foundation.db.migrations).

    `direct` is for commands that end soon and stand beside a server: no thread, nothing to listen to.
    Raises Misconfigured when it cannot be opened.
    """
    told = listeners or {}
    opened: Database
    if engine_of(url) == "postgres":
        opened = await PostgresDatabase.open(url, told, listening=not direct)
    elif direct:
        opened = SqliteDirect(file_of(url), told)
    else:
        opened = SqliteDatabase(file_of(url), told, clock or SystemClock())
    return MortalDatabase(opened) if crashing.armed() else opened
