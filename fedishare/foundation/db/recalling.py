"""A transaction for many small things at once: what was asked is known, what is kept goes to the database in groups.

The inbox applies hundreds of activities in one transaction, which all ask who an actor is and what was decided about
their server, and all leave the same few kinds of rows. An answer is forgotten as soon as a statement changes a table
that it may come from (`reach`); rows that wait are written before anybody looks where they belong, and before any other
change. What it does is what the transaction below would do, in fewer statements.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from fedishare.foundation.db.access import Engine, Fact, Listener, Tx
from fedishare.foundation.db.queries import Query
from fedishare.foundation.db.reach import Reach, reach_of

T = TypeVar("T")
Key = tuple[Hashable, ...]
Asked = tuple[str, Any, Query]
"""How a query was asked: for all, for one or for a value, and as which shape."""
_NOT_KNOWN: Any = object()


class Recalling:
    """Tx (foundation.db.access) on top of another one, for as long as that lasts. `end` writes what still waits."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self.engine: Engine = tx.engine
        self._known: dict[Asked, dict[Key, Any]] = {}
        self._by_table: dict[str, set[Asked]] = {}
        self._waiting = _Waiting()

    async def all(self, shape: type[T], query: Query, /, **values: Any) -> list[T]:
        asked = ("all", shape, query)
        found = self._recalled(asked, values)
        if found is _NOT_KNOWN:
            await self._before_asking(query, values)
            found = self._kept(asked, values, await self._tx.all(shape, query, **values))
        return list(found)

    async def one(self, shape: type[T], query: Query, /, **values: Any) -> T | None:
        asked = ("one", shape, query)
        found = self._recalled(asked, values)
        if found is _NOT_KNOWN:
            await self._before_asking(query, values)
            found = self._kept(asked, values, await self._tx.one(shape, query, **values))
        return found  # type: ignore[no-any-return]  # kept under its shape

    async def value(self, query: Query, /, **values: Any) -> Any:
        asked = ("value", None, query)
        found = self._recalled(asked, values)
        if found is _NOT_KNOWN:
            await self._before_asking(query, values)
            found = self._kept(asked, values, await self._tx.value(query, **values))
        return found

    async def run(self, query: Query, /, **values: Any) -> int:
        await self.end()
        self._forget(reach_of(query), values)
        return await self._tx.run(query, **values)

    async def run_many(self, query: Query, rows: Sequence[Mapping[str, Any]], /) -> None:
        await self.end()
        reach = reach_of(query)
        for values in rows:
            self._forget(reach, values)
        await self._tx.run_many(query, rows)

    async def keep(self, query: Query, /, **values: Any) -> None:
        reach = reach_of(query)
        if not reach.gives:
            await self.run(query, **values)
            return
        self._forget(reach, values)
        self._waiting.add(query, reach, values)

    async def tell(self, fact: Fact) -> None:
        for listener in self._tx.listeners(fact):
            await listener(self, fact)

    def listeners(self, fact: Fact) -> Sequence[Listener]:
        return self._tx.listeners(fact)

    def wake(self, whom: str) -> None:
        self._tx.wake(whom)

    def learn(self, how: str, shape: Any, query: Query, answers: Iterable[tuple[Mapping[str, Any], Any]]) -> None:
        """What `query` would answer to these values: somebody has asked for all of them at once."""
        asked = (how, shape, query)
        known = self._known.get(asked)
        if known is None:
            known = self._room_for(asked)
        for values, answer in answers:
            known[_key(query, values)] = answer

    def next_one(self) -> None:
        """What is kept from here on depends on no row that waits, but for those kept after this."""
        self._waiting.begin_again()

    async def end(self) -> None:
        """Write what waits. Raises what the rows raise."""
        if self._waiting:
            waiting, self._waiting = self._waiting, _Waiting()
            for query, rows in waiting.groups:
                await self._tx.run_many(query, rows)

    def _recalled(self, asked: Asked, values: Mapping[str, Any]) -> Any:
        known = self._known.get(asked)
        return _NOT_KNOWN if known is None else known.get(_key(asked[2], values), _NOT_KNOWN)

    async def _before_asking(self, query: Query, values: Mapping[str, Any]) -> None:
        reach = reach_of(query)
        if not reach.is_look:
            await self.end()
            self._forget(reach, values)
        elif self._waiting.may_concern(reach, values):
            await self.end()

    def _kept(self, asked: Asked, values: Mapping[str, Any], answer: Any) -> Any:
        if reach_of(asked[2]).is_look:
            known = self._known.get(asked)
            if known is None:
                known = self._room_for(asked)
            known[_key(asked[2], values)] = answer
        return answer

    def _room_for(self, asked: Asked) -> dict[Key, Any]:
        for word in reach_of(asked[2]).words:
            self._by_table.setdefault(word, set()).add(asked)
        return self._known.setdefault(asked, {})

    def _forget(self, reach: Reach, values: Mapping[str, Any]) -> None:
        for table in reach.changes:
            for asked in self._by_table.get(table, ()):
                looked = reach_of(asked[2])
                key = _given(looked, reach, values) if looked.table == table else None
                if key is None:
                    self._known[asked].clear()
                else:
                    self._known[asked].pop(_key(asked[2], key), None)


class _Waiting:
    """Rows to be inserted, by their statement, in an order in which each finds the rows that it points at."""

    def __init__(self) -> None:
        self.groups: list[tuple[Query, list[Mapping[str, Any]]]] = []
        self._by_table: dict[str, list[tuple[Reach, Mapping[str, Any]]]] = {}
        self._seen: dict[tuple[str, tuple[str, ...]], tuple[int, set[Key]]] = {}
        self._at = 0

    def __bool__(self) -> bool:
        return bool(self.groups)

    def begin_again(self) -> None:
        self._at = 0

    def add(self, query: Query, reach: Reach, values: Mapping[str, Any]) -> None:
        """Never before a row that came earlier since `begin_again`: one may point at the other."""
        self._by_table.setdefault(reach.table, []).append((reach, values))
        for at in range(self._at, len(self.groups)):
            if self.groups[at][0] is query:
                self._at = at
                self.groups[at][1].append(values)
                return
        self._at = len(self.groups)
        self.groups.append((query, [values]))

    def may_concern(self, look: Reach, values: Mapping[str, Any]) -> bool:
        """Whether a row waits that this look may find."""
        if not look.table:
            return not look.words.isdisjoint(self._by_table)
        rows = self._by_table.get(look.table)
        if rows is None:
            return False
        columns = tuple(column for column, _ in look.pins)
        done, keys = self._seen.get((look.table, columns), (0, set()))
        for reach, given in rows[done:]:
            if not all(column in reach.gives for column in columns):
                return True
            keys.add(tuple(given[reach.gives[column]] for column in columns))
        self._seen[look.table, columns] = (len(rows), keys)
        return tuple(values[name] for _, name in look.pins) in keys


def _key(query: Query, values: Mapping[str, Any]) -> Key:
    return tuple(values[name] for name in query.names)


def _given(look: Reach, insert: Reach, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """The values of the one look of its kind whose answer an insert changes; None when that cannot be told."""
    if not insert.gives or not all(column in insert.gives for column, _ in look.pins):
        return None
    return {name: values[insert.gives[column]] for column, name in look.pins}
