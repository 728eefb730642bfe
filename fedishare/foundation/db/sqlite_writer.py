"""The one writer of an SQLite file: a thread that runs operations to their end and commits them in groups.

HOUSE "Concurrency": people's lane before the other, a SAVEPOINT each, COMMIT when nobody waits any more, at 64
operations, or at 20 ms of work. Callers hear of it only after COMMIT; when COMMIT fails, nothing of the group
happened and all of them hear that. Reads nothing for anybody: reading has connections of its own.
"""

import asyncio
import contextvars
import sqlite3
from collections import deque
from collections.abc import Awaitable, Callable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from fedishare.foundation.db.sqlite_file import Listeners, SqliteTx, step, translated
from fedishare.foundation.db.wakes import Wakes
from fedishare.foundation.values.clock import Clock
from fedishare.foundation.values.errors import Busy

T = TypeVar("T")
LINGER_S = 0.002
GROUP_SIZE = 64
GROUP_S = 0.020
POLL_S = 0.200


class Asked:
    """An operation that somebody waits for, and what they get once the group is on disk."""

    def __init__(self, call: Callable[[SqliteTx], Any], answer: "asyncio.Future[Any]") -> None:
        self.call = call
        self.answer = answer
        self.context = contextvars.copy_context()
        self.result: Any = None
        self.error: BaseException | None = None


class Writer:
    """Owns the writing connection from its start to the end of `close`."""

    def __init__(self, connection: sqlite3.Connection, listeners: Listeners, wakes: Wakes, clock: Clock) -> None:
        self._connection = connection
        self._listeners = listeners
        self._wakes = wakes
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._people: deque[Asked] = deque()
        self._work: deque[Asked] = deque()
        self._bell: SimpleQueue[bool] = SimpleQueue()
        """True for each operation in a lane; False, once, behind all of them."""
        self._group: list[Asked] = []
        """Whose operations ran since the last COMMIT."""
        self._closing = False
        self._ended = False
        self._linger_s = 0.0
        self._seen = self._data_version()
        self._looked_at = clock.monotonic()
        # A daemon: a process that dies in the middle of a group must die, and the file is made for it.
        self._thread = Thread(target=self._live, name="sqlite-writer", daemon=True)
        self._thread.start()

    async def write(self, operation: Callable[..., Awaitable[T]], /, *args: Any, **kwargs: Any) -> T:
        """For people. Raises what the operation raises, or Busy when it could not be kept."""
        return await self._ask(self._people, operation, args, kwargs)

    async def work(self, operation: Callable[..., Awaitable[T]], /, *args: Any, **kwargs: Any) -> T:
        """For the inbox and for jobs: after people. Raises as `write`."""
        return await self._ask(self._work, operation, args, kwargs)

    async def close(self) -> None:
        """Refuse what comes from now on, finish what was asked, close the file."""
        if not self._closing:
            self._closing = True
            self._bell.put(False)
        # The thread answers its callers through this loop, which therefore must not stand still meanwhile.
        await asyncio.to_thread(self._thread.join)

    async def _ask(
        self,
        lane: deque[Asked],
        operation: Callable[..., Awaitable[T]],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> T:
        if self._closing:
            raise Busy("the writer has stopped")
        asked = Asked(lambda tx: step(operation, tx, *args, **kwargs), self._loop.create_future())
        lane.append(asked)
        self._bell.put(True)
        return await asked.answer  # type: ignore[no-any-return]  # the future carries what the operation returned

    # From here on: the writer's own thread.

    def _live(self) -> None:
        try:
            while not self._ended:
                first = self._next(POLL_S)
                if first:
                    self._run_group(first)
                if first is None or self._clock.monotonic() - self._looked_at >= POLL_S:
                    self._look_around()
        finally:
            self._closing = True
            self._connection.close()
            self._loop.call_soon_threadsafe(self._leave_nobody_waiting)

    def _next(self, patience_s: float) -> Asked | None:
        """The next operation, people's first; None when none came in time, or none will ever come."""
        try:
            more = self._bell.get(timeout=patience_s) if patience_s > 0 else self._bell.get_nowait()
        except Empty:
            return None
        if not more:
            self._ended = True
            return None
        return (self._people or self._work).popleft()

    def _run_group(self, first: Asked) -> None:
        """Run and commit those that belong together."""
        try:
            self._connection.execute("begin immediate")
        except sqlite3.Error as error:
            # Whoever waits behind would sit through the same time-out, one after the other.
            waiting = iter(lambda: self._next(0), None)
            self._refuse([first, *waiting], translated(error))
            return
        began = self._clock.monotonic()
        woken: set[str] = set()
        asked: Asked | None = first
        while asked:
            self._group.append(asked)
            woken |= self._run(asked)
            asked = self._more(began) if self._connection.in_transaction else None
        self._linger_s = LINGER_S if len(self._group) > 1 else 0.0
        self._commit(woken)

    def _more(self, began: float) -> Asked | None:
        """The next one of this group. To linger pays only when callers come in crowds: the last group tells."""
        spent_s = self._clock.monotonic() - began
        if len(self._group) >= GROUP_SIZE or spent_s >= GROUP_S:
            return None
        return self._next(self._linger_s - spent_s)

    def _run(self, asked: Asked) -> set[str]:
        """One operation in its savepoint; what it raises undoes it alone. Gives whom to wake."""
        if asked.answer.cancelled():
            return set()
        tx = SqliteTx(self._connection, self._listeners)
        try:
            self._connection.execute("savepoint operation")
            asked.result = asked.context.run(asked.call, tx)
            self._connection.execute("release operation")
        except sqlite3.Error as error:
            asked.error = translated(error)
        # One of the loops that must survive: whatever an operation raises is its caller's, not the writer's.
        except Exception as error:  # noqa: BLE001
            asked.error = error
        if asked.error is None:
            return tx.woken
        # A full disk makes SQLite undo the whole group: then there is no savepoint left to go back to.
        if self._connection.in_transaction:
            try:
                self._connection.execute("rollback to operation")
                self._connection.execute("release operation")
            except sqlite3.Error:
                # A disk in trouble: what cannot be undone alone is undone with its group, which hears of it.
                self._connection.rollback()
        return set()

    def _commit(self, woken: set[str]) -> None:
        group, self._group = self._group, []
        try:
            if not self._connection.in_transaction:
                trouble = group[-1].error
                raise trouble if isinstance(trouble, Busy) else Busy(f"the group was undone: {trouble}")
            self._connection.execute("commit")
        except (sqlite3.Error, Busy) as error:
            if self._connection.in_transaction:
                self._connection.execute("rollback")
            told = translated(error) if isinstance(error, sqlite3.Error) else error
            self._refuse(group, told if isinstance(told, Busy) else Busy(f"the group was undone: {told}"))
        else:
            self._loop.call_soon_threadsafe(self._answer, group, woken)

    def _refuse(self, asked: list[Asked], error: Exception) -> None:
        """None of these happened. Who had an error of their own keeps it."""
        for one in asked:
            one.error = one.error or error
        if asked:
            self._loop.call_soon_threadsafe(self._answer, asked, set())

    def _look_around(self) -> None:
        """Wake everybody when another process has written: that is all `data_version` tells."""
        self._looked_at = self._clock.monotonic()
        try:
            version = self._data_version()
        except sqlite3.Error:
            # A disk in trouble: whoever writes next is told.
            return
        if version != self._seen:
            self._seen = version
            self._loop.call_soon_threadsafe(self._wakes.call_all)

    def _data_version(self) -> int:
        return int(self._connection.execute("pragma data_version").fetchone()[0])

    # Back on the event loop.

    def _leave_nobody_waiting(self) -> None:
        """Nobody is left when `close` was called; somebody may be when the thread died of a mistake."""
        left = [*self._group, *self._people, *self._work]
        for asked in left:
            asked.error = asked.error or Busy("the writer has stopped")
        self._answer(left, set())

    def _answer(self, asked: list[Asked], woken: set[str]) -> None:
        for one in asked:
            if one.answer.done():
                continue
            if one.error is None:
                one.answer.set_result(one.result)
            else:
                one.answer.set_exception(one.error)
        self._wakes.call(woken)
