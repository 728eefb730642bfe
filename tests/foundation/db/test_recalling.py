"""A transaction that recalls what was asked: it answers as the one below it would, in fewer statements."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from fedishare.foundation.db.access import Tx
from fedishare.foundation.db.database import Database
from fedishare.foundation.db.errors import UniqueBroken
from fedishare.foundation.db.queries import Query, parse
from fedishare.foundation.db.reach import reach_of
from fedishare.foundation.db.recalling import Recalling
from tests.engines import on_each_engine

QUERIES = """
-- owner
select owner_uri from tombstone where uri = :uri

-- how_many
select count(*) from tombstone

-- bury
insert into tombstone (uri, owner_uri, deleted_at)
values (:uri, :owner_uri, :now)
on conflict do nothing

-- bury_once
insert into tombstone (uri, owner_uri, deleted_at)
values (:uri, :owner_uri, :now)

-- forget
delete from tombstone where uri = :uri

-- draw_circle
insert into circle (id, kind, owner_id) values (:id, :kind, :owner_id)

-- join
insert into circle_member (circle_id, actor_id)
values (:circle_id, :actor_id)
on conflict do nothing

-- replace
insert into setting (name, value) values (:name, :value) on conflict (name) do update set value = excluded.value
"""
SQL = parse(QUERIES, source=Path(__file__))


class Counting:
    """The transaction below, and how often it was asked what."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self.asked: Counter[str] = Counter()
        self.engine = tx.engine

    def __getattr__(self, name: str) -> Any:
        below = getattr(self._tx, name)

        async def asked(*arguments: Any, **values: Any) -> Any:
            self.asked.update(one.name for one in arguments if isinstance(one, Query))
            return await below(*arguments, **values)

        return asked if name in ("all", "one", "value", "run", "run_many") else below


async def bury(tx: Tx, uri: str, *, name: str = "bury") -> None:
    await tx.keep(SQL[name], uri=uri, owner_uri="o", now=1)


@on_each_engine
async def test_the_same_is_asked_once_and_again_after_a_change_of_it(database: Database) -> None:
    async def operation(below: Tx) -> None:
        counting = Counting(below)
        tx = Recalling(counting)  # type: ignore[arg-type]  # it passes everything on
        assert [await tx.value(SQL["owner"], uri="a") for _ in range(3)] == [None] * 3
        assert counting.asked == {"owner": 1}

        await bury(tx, "b")
        assert await tx.value(SQL["owner"], uri="a") is None
        assert counting.asked == {"owner": 1}

        assert await tx.value(SQL["owner"], uri="b") == "o"
        await tx.run(SQL["forget"], uri="b")
        assert await tx.value(SQL["owner"], uri="b") is None
        assert await tx.value(SQL["owner"], uri="a") is None

    await database.write(operation)


@on_each_engine
async def test_what_waits_is_found_by_whoever_looks_for_it(database: Database) -> None:
    async def operation(below: Tx) -> None:
        counting = Counting(below)
        tx = Recalling(counting)  # type: ignore[arg-type]
        for uri in "abc":
            tx.next_one()
            assert await tx.value(SQL["owner"], uri=uri) is None
            await bury(tx, uri)
        assert counting.asked["bury"] == 0

        assert await tx.value(SQL["how_many"]) == 3
        assert counting.asked["bury"] == 1

        await bury(tx, "d")
        assert await tx.value(SQL["owner"], uri="d") == "o"
        assert await tx.value(SQL["how_many"]) == 4

    await database.write(operation)


@on_each_engine
async def test_what_was_foretold_holds_until_it_changes(database: Database) -> None:
    async def operation(below: Tx) -> None:
        tx = Recalling(below)
        tx.learn("value", None, SQL["owner"], [({"uri": "a"}, "foretold"), ({"uri": "b"}, None)])
        assert await tx.value(SQL["owner"], uri="a") == "foretold"
        assert await tx.value(SQL["owner"], uri="b") is None

        await bury(tx, "b")
        assert await tx.value(SQL["owner"], uri="b") == "o"
        assert await tx.value(SQL["owner"], uri="a") == "foretold"

    await database.write(operation)


@on_each_engine
async def test_rows_that_point_at_others_come_after_them(database: Database) -> None:
    async def operation(below: Tx) -> None:
        counting = Counting(below)
        tx = Recalling(counting)  # type: ignore[arg-type]
        await tx.keep(SQL["join"], circle_id=1, actor_id=0)
        for number in (100, 101):
            tx.next_one()
            await tx.keep(SQL["draw_circle"], id=number, kind="direct", owner_id=None)
            await tx.keep(SQL["join"], circle_id=number, actor_id=0)
        await tx.end()
        assert counting.asked == {"join": 2, "draw_circle": 1}

    await database.write(operation)


@on_each_engine
async def test_two_rows_that_cannot_both_be_undo_everything(database: Database) -> None:
    async def operation(below: Tx) -> None:
        tx = Recalling(below)
        await bury(tx, "a", name="bury_once")
        await bury(tx, "a", name="bury_once")
        await tx.end()

    with pytest.raises(UniqueBroken):
        await database.write(operation)

    async def how_many(read: Any) -> Any:
        return await read.value(SQL["how_many"])

    assert await database.read(how_many) == 0


def test_only_what_is_plain_is_said_exactly() -> None:
    assert reach_of(SQL["owner"]).pins == (("uri", "uri"),)
    assert reach_of(SQL["how_many"]).pins == ()
    assert reach_of(SQL["how_many"]).is_look
    assert reach_of(SQL["bury"]).gives == {"uri": "uri", "owner_uri": "owner_uri", "deleted_at": "now"}
    assert reach_of(SQL["replace"]).gives == {}
    assert reach_of(SQL["forget"]).changes == {"tombstone"}
    assert not reach_of(SQL["forget"]).is_look
