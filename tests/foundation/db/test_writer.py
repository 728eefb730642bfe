"""The one writer of an SQLite file: groups, lanes, and who hears what when a group cannot be kept."""

import asyncio
import contextvars
import sqlite3
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fedishare.foundation.db.access import Tx
from fedishare.foundation.db.database import open_database
from fedishare.foundation.db.queries import parse
from fedishare.foundation.db.sqlite_file import connect
from fedishare.foundation.db.sqlite_writer import GROUP_SIZE, Writer
from fedishare.foundation.db.wakes import Wakes
from fedishare.foundation.values.clock import SystemClock
from fedishare.foundation.values.errors import Busy

QUERIES = parse(
    """
-- put
insert into thing (id) values (:id)

-- put_lost_child
insert into child (id, parent) values (:id, 999)
""",
    source=Path(__file__),
)
language = contextvars.ContextVar("language", default="none")


class Bench:
    """A writer whose statements are listened to."""

    def __init__(self, path: Path) -> None:
        connection = connect(path)
        connection.execute("create table thing (id integer primary key)")
        # A reference that is checked at COMMIT: the way to make a COMMIT fail whenever we like.
        connection.execute(
            "create table child (id integer, parent integer references thing deferrable initially deferred)"
        )
        self.path = path
        self.said: list[str] = []
        connection.set_trace_callback(self.said.append)
        self.writer = Writer(connection, {}, Wakes(), SystemClock())

    @property
    def commits(self) -> int:
        return self.said.count("commit")

    def things(self) -> list[int]:
        other = sqlite3.connect(self.path)
        found = [number for (number,) in other.execute("select id from thing order by id")]
        other.close()
        return found


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    bench = Bench(tmp_path / "x.db")
    yield bench
    await bench.writer.close()


async def put(tx: Tx, number: int) -> int:
    await tx.run(QUERIES["put"], id=number)
    return number


async def put_slowly(tx: Tx, number: int, gate: threading.Event) -> int:
    """Keeps the writer at it until the gate opens."""
    gate.wait(5)
    return await put(tx, number)


async def put_lost_child(tx: Tx, number: int) -> None:
    await tx.run(QUERIES["put_lost_child"], id=number)


async def test_many_callers_share_a_commit(bench: Bench):
    answers = await asyncio.gather(*(bench.writer.write(put, number) for number in range(640)))

    assert answers == list(range(640))
    assert bench.things() == list(range(640))
    assert 640 / GROUP_SIZE <= bench.commits <= 100


async def test_a_single_caller_does_not_wait_for_others(bench: Bench):
    await bench.writer.write(put, 0)
    began = time.monotonic()
    for number in range(1, 20):
        await bench.writer.write(put, number)

    assert bench.commits == 20
    assert time.monotonic() - began < 2


async def test_people_go_before_the_inbox_and_jobs(bench: Bench):
    order = []

    async def note(tx: Tx, who: str) -> None:
        order.append(who)

    gate = threading.Event()
    first = asyncio.create_task(bench.writer.work(put_slowly, 1, gate))
    await asyncio.sleep(0.05)
    others = [asyncio.create_task(bench.writer.work(note, "job")) for _ in range(3)]
    others += [asyncio.create_task(bench.writer.write(note, "person")) for _ in range(3)]
    await asyncio.sleep(0.05)
    gate.set()
    await asyncio.gather(first, *others)

    assert order == ["person"] * 3 + ["job"] * 3


async def test_when_commit_fails_everybody_in_the_group_hears_it(bench: Bench):
    gate = threading.Event()
    calls = [asyncio.create_task(bench.writer.write(put_slowly, 1, gate))]
    await asyncio.sleep(0.05)
    calls += [asyncio.create_task(bench.writer.write(put, number)) for number in (2, 3)]
    calls += [asyncio.create_task(bench.writer.write(put_lost_child, 4))]
    calls += [asyncio.create_task(bench.writer.write(put, 2))]
    await asyncio.sleep(0.05)
    gate.set()
    answers = await asyncio.gather(*calls, return_exceptions=True)

    # The slow one used up its group's time; who came meanwhile make the next, and keep their own errors.
    assert [type(answer).__name__ for answer in answers] == ["int", "Busy", "Busy", "Busy", "UniqueBroken"]
    assert bench.things() == [1]
    assert await bench.writer.write(put, 5) == 5


async def test_nobody_hears_of_success_before_commit(bench: Bench):
    gate = threading.Event()
    early = asyncio.create_task(bench.writer.write(put, 1))
    late = asyncio.create_task(bench.writer.write(put_slowly, 2, gate))
    await asyncio.sleep(0.1)
    # Either the first was committed alone, or it waits with the second: told and not on disk is what must not be.
    assert early.done() == (bench.things() == [1])
    gate.set()
    await asyncio.gather(early, late)

    assert bench.things() == [1, 2]


async def test_who_no_longer_waits_before_their_turn_changes_nothing(bench: Bench):
    gate = threading.Event()
    first = asyncio.create_task(bench.writer.write(put_slowly, 1, gate))
    await asyncio.sleep(0.05)
    second = asyncio.create_task(bench.writer.write(put, 2))
    await asyncio.sleep(0.05)
    second.cancel()
    await asyncio.wait([second])
    gate.set()
    await first
    await bench.writer.write(put, 3)

    assert bench.things() == [1, 3]


async def test_an_operation_keeps_the_context_of_its_caller(bench: Bench):
    async def spoken(tx: Tx) -> str:
        return language.get()

    language.set("fr")

    assert await bench.writer.write(spoken) == "fr"


async def test_closing_finishes_what_was_asked_and_refuses_the_rest(bench: Bench):
    asked = [asyncio.create_task(bench.writer.write(put, number)) for number in range(100)]
    await asyncio.sleep(0)

    await bench.writer.close()

    assert await asyncio.gather(*asked) == list(range(100))
    assert bench.things() == list(range(100))
    with pytest.raises(Busy):
        await bench.writer.write(put, 100)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
async def test_a_writer_that_dies_leaves_nobody_waiting(bench: Bench):
    async def exits(tx: Tx) -> None:
        raise KeyboardInterrupt

    with pytest.raises(Busy):
        await asyncio.wait_for(bench.writer.write(exits), 5)
    with pytest.raises(Busy):
        await bench.writer.write(put, 1)


async def test_a_closed_database_leaves_no_thread(tmp_path: Path):
    before = set(threading.enumerate())
    database = await open_database(f"sqlite://{tmp_path}/x.db")
    query = parse("-- one\nselect 1", source=tmp_path)["one"]
    assert await database.read(lambda read: read.value(query)) == 1
    await database.close()

    left = [thread for thread in set(threading.enumerate()) - before if not thread.name.startswith("asyncio")]
    for thread in left:
        thread.join(5)
    assert not any(thread.is_alive() for thread in left)
