"""What both engines promise about an operation: all of it or nothing, and on disk when the caller hears of it."""

import asyncio
from enum import Enum
from pathlib import Path
from threading import Thread

import pytest
from msgspec import Struct

from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.db.database import Database, open_database
from fedishare.foundation.db.errors import AwaitsOutside, ConstraintBroken, TransactionOver, UniqueBroken
from fedishare.foundation.db.queries import parse
from fedishare.foundation.values.errors import Busy, Conflict
from tests.engines import on_each_engine

QUERIES = parse(
    """
-- put
insert into setting (name, value) values (:name, :value)

-- all_names
select name from setting order by name

-- change
update setting set value = :value where name = :name

-- one
select name, value from setting where name = :name

-- add_circle
insert into circle (id, kind, owner_id) values (:id, :kind, :owner_id)

-- add_member
insert into circle_member (circle_id, actor_id) values (:circle_id, :actor_id)

-- add_actor
insert into actor
  (id, uri, local, kind, name, domain, display_name, summary, page_url, inbox, approves_followers, discoverable,
   indexable, speaks_fedishare, created_at, fetched_at)
values
  (:id, :uri, :local, :kind, 'a', 'a.test', 'A', '', 'https://a.test/@a', 'https://a.test/i', false, true, true, true,
   0, 0)

-- actor
select id, kind, local, shared_inbox, deleted_at from actor where id = :id

-- add_key
insert into key (id, uri, actor_id, kind, public_pem, private_sealed, created_at, fetched_at)
values (:id, 'https://a.test/#key', :actor_id, 'rsa', '', :sealed, 0, 0)

-- sealed
select private_sealed from key where id = :id
""",
    source=Path(__file__),
)


class Kind(Enum):
    PERSON = "Person"


class Setting(Struct, frozen=True, kw_only=True):
    name: str
    value: str


class SomeActor(Struct, frozen=True, kw_only=True):
    id: int
    kind: Kind
    local: bool
    shared_inbox: str | None
    deleted_at: int | None


async def put(tx: Tx, *names: str) -> int:
    for name in names:
        await tx.run(QUERIES["put"], name=name, value="")
    return len(names)


async def names(read: Read) -> list[str]:
    return [name for (name,) in await read.all(tuple, QUERIES["all_names"])]


async def put_then_refuse(tx: Tx, *names: str) -> None:
    await put(tx, *names)
    raise Conflict("no")


@on_each_engine
async def test_what_was_written_is_read_at_once(database: Database):
    assert await database.write(put, "a", "b") == 2

    assert await database.read(names) == ["a", "b"]


@on_each_engine
async def test_a_refused_operation_leaves_nothing_behind(database: Database):
    with pytest.raises(Conflict):
        await database.write(put_then_refuse, "a")

    assert await database.read(names) == []


@on_each_engine
async def test_one_that_is_refused_takes_no_other_with_it(database: Database):
    calls = [database.write(put_then_refuse if n % 3 == 0 else put, f"{n:02}") for n in range(30)]
    answers = await asyncio.gather(*calls, return_exceptions=True)

    assert sum(isinstance(answer, Conflict) for answer in answers) == 10
    assert await database.read(names) == [f"{n:02}" for n in range(30) if n % 3]


@on_each_engine
async def test_a_broken_unique_index_is_told_by_its_name(database: Database):
    async def two_circles(tx: Tx, second: int) -> None:
        await tx.run(QUERIES["add_circle"], id=10, kind="followers", owner_id=7)
        await tx.run(QUERIES["add_circle"], id=second, kind="followers", owner_id=7 + (second == 10))

    with pytest.raises(UniqueBroken) as same_owner:
        await database.write(two_circles, 11)
    with pytest.raises(UniqueBroken) as same_id:
        await database.write(two_circles, 10)

    assert (same_owner.value.constraint, same_id.value.constraint) == ("circle_of_owner", "circle_pkey")


@on_each_engine
async def test_a_broken_compound_key_is_told_by_its_table(database: Database):
    with pytest.raises(UniqueBroken) as broken:
        await database.write(lambda tx: tx.run(QUERIES["add_member"], circle_id=1, actor_id=0))

    assert broken.value.constraint == "circle_member_pkey"


@on_each_engine
async def test_a_row_that_points_nowhere_is_refused(database: Database):
    with pytest.raises(ConstraintBroken):
        await database.write(lambda tx: tx.run(QUERIES["add_member"], circle_id=99, actor_id=0))


@on_each_engine
async def test_nothing_follows_a_failed_statement_in_its_transaction(database: Database):
    async def goes_on(tx: Tx) -> None:
        await put(tx, "kept")
        try:
            await put(tx, "kept")
        except UniqueBroken:
            await put(tx, "after")

    async def hides_it(tx: Tx) -> None:
        await put(tx, "hidden")
        try:
            await put(tx, "hidden")
        except UniqueBroken:
            return

    for operation in (goes_on, hides_it):
        with pytest.raises(TransactionOver):
            await database.write(operation)
    assert await database.read(names) == []


@on_each_engine
@pytest.mark.parametrize("lane", ["write", "work"])
async def test_an_operation_that_awaits_something_else_is_refused(database: Database, lane: str):
    async def sleeps(tx: Tx) -> None:
        await put(tx, "a")
        await asyncio.sleep(0.001)

    async def yields(tx: Tx) -> None:
        await put(tx, "a")
        await asyncio.sleep(0)

    for operation in (sleeps, yields):
        with pytest.raises(AwaitsOutside, match=operation.__name__):
            await getattr(database, lane)(operation)
    assert await database.read(names) == []


@on_each_engine
async def test_rows_come_as_structs_of_the_house(database: Database):
    async def add(tx: Tx) -> None:
        await tx.run(QUERIES["add_actor"], id=5, uri="https://a.test/u", local=True, kind="Person")
        await tx.run(QUERIES["add_key"], id=6, actor_id=5, sealed=b"\x00\xff")

    await database.write(add)

    actor = await database.read(lambda read: read.one(SomeActor, QUERIES["actor"], id=5))
    assert actor == SomeActor(id=5, kind=Kind.PERSON, local=True, shared_inbox=None, deleted_at=None)
    assert actor.local is True
    assert await database.read(lambda read: read.value(QUERIES["sealed"], id=6)) == b"\x00\xff"
    assert await database.read(lambda read: read.one(SomeActor, QUERIES["actor"], id=7)) is None
    assert await database.read(lambda read: read.value(QUERIES["sealed"], id=7)) is None


@on_each_engine
async def test_a_shape_and_its_query_must_agree(database: Database):
    class Short(Struct):
        name: str

    class Long(Struct):
        name: str
        value: str
        colour: str

    await database.write(put, "a")
    for shape in (Short, Long):
        with pytest.raises(TypeError, match="one"):
            await database.read(lambda read, shape=shape: read.one(shape, QUERIES["one"], name="a"))


@on_each_engine
async def test_run_counts_the_rows_it_touched(database: Database):
    async def change(tx: Tx) -> list[int]:
        await tx.run_many(QUERIES["put"], [{"name": name, "value": "1"} for name in "ab"])
        return [await tx.run(QUERIES["change"], name=name, value="2") for name in ("a", "z")]

    assert await database.write(change) == [1, 0]
    assert await database.read(lambda read: read.all(Setting, QUERIES["one"], name="a")) == [
        Setting(name="a", value="2")
    ]


def write_beside(url: str, name: str) -> None:
    """What another process does, while nothing else happens here."""

    async def write() -> None:
        other = await open_database(url, direct=True)
        await other.write(put, name)
        await other.close()

    thread = Thread(target=asyncio.run, args=(write(),))
    thread.start()
    thread.join()


@on_each_engine
async def test_one_read_sees_one_moment(database: Database, database_url: str):
    written: list[str] = []

    async def twice(read: Read) -> tuple[list[str], list[str]]:
        before = await names(read)
        written.append(f"meanwhile {len(written)}")
        write_beside(database_url, written[-1])
        return before, await names(read)

    before, after = await database.read(twice)
    assert before == after == written[:-1]  # it may have been begun twice
    assert await database.read(names) == written


@on_each_engine
async def test_a_read_that_awaits_something_else_is_refused(database: Database):
    async def waits(read: Read) -> None:
        await asyncio.sleep(0.01)

    async def reads_again(read: Read) -> list[str]:
        return await database.read(names)

    for function in (waits, reads_again):
        with pytest.raises(AwaitsOutside):
            await database.read(function)

    assert await database.read(names) == []


@on_each_engine
async def test_a_read_may_not_write(database: Database):
    with pytest.raises(AttributeError, match="run"):
        await database.read(put, "a")
    assert await database.read(names) == []


@on_each_engine
async def test_a_listener_works_inside_the_transaction_that_told_it(database_url: str):
    class Said(Struct):
        name: str

    async def keep(tx: Tx, said: Said) -> None:
        await put(tx, "heard " + said.name)

    async def refuse(tx: Tx, said: Said) -> None:
        if said.name == "b":
            raise Conflict("no")

    async def say(tx: Tx, name: str) -> None:
        await put(tx, name)
        await tx.tell(Said(name))

    database = await open_database(database_url, listeners={Said: [keep, refuse]})
    try:
        await database.write(say, "a")
        with pytest.raises(Conflict):
            await database.write(say, "b")
        assert await database.read(names) == ["a", "heard a"]
    finally:
        await database.close()


@on_each_engine
async def test_a_closed_database_refuses_instead_of_waiting(database_url: str):
    database = await open_database(database_url)
    reading = asyncio.create_task(database.read(names))
    await asyncio.sleep(0)
    await database.close()

    assert await reading == []
    for call in (database.read(names), database.write(put, "a"), database.work(put, "b")):
        with pytest.raises(Busy):
            await asyncio.wait_for(call, 5)


@on_each_engine
async def test_a_direct_database_keeps_the_same_promises(database_url: str):
    database = await open_database(database_url, direct=True)
    try:
        await database.write(put, "a")
        with pytest.raises(UniqueBroken):
            await database.write(put, "b", "a")
        with pytest.raises(AwaitsOutside):
            await database.write(lambda tx: asyncio.sleep(0.001))
        assert await database.read(names) == ["a"]
    finally:
        await database.close()
