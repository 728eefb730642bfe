"""A job that was accepted is done, however often it takes; and one that cannot be done hurts no other."""

import asyncio
from collections.abc import Callable
from contextlib import asynccontextmanager

import pytest
from msgspec import Struct

from fedishare.foundation.db.access import Tx
from fedishare.foundation.db.database import Database
from fedishare.foundation.jobs import queue, runner
from fedishare.foundation.values.clock import DAY, HOUR, MINUTE, Instant
from tests.engines import on_each_engine

START = Instant(1_800_000_000_000)


class Errand(Struct, frozen=True, kw_only=True):
    what: str


class Stopped:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> Instant:
        return self.at

    def monotonic(self) -> float:
        return self.at / 1000


class Sort(Struct, frozen=True, kw_only=True):
    kind: str
    payload: type[Struct]
    run: Callable


@pytest.fixture
def clock() -> Stopped:
    return Stopped()


def doing(run: Callable) -> list[Sort]:
    return [Sort(kind="errand", payload=Errand, run=run)]


async def ask(tx: Tx, number: int, what: str, *, due_at: Instant = START, once: str | None = None) -> None:
    new_id = (int(START) << 16) + number
    await queue.enqueue(tx, "errand", Errand(what=what), due_at=due_at, new_id=new_id, once=once)


async def states(database: Database) -> dict[str, int]:
    return {row.state: row.number for row in await database.read(queue.counts)}


@asynccontextmanager
async def working(database: Database, clock: Stopped, run: Callable):
    stop = asyncio.Event()
    task = asyncio.create_task(runner.run(stop, db=database, clock=clock, kinds=doing(run), tools="tools"))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 10)


@on_each_engine
async def test_jobs_are_done_oldest_first_with_their_payload(database: Database, clock: Stopped):
    done = []

    async def run(tools: str, errand: Errand) -> None:
        done.append((tools, errand.what))

    await database.write(ask, 1, "first")
    await database.write(ask, 2, "second")
    only = runner.Runner(db=database, clock=clock, kinds=doing(run), tools="tools", stop=asyncio.Event())
    while await only.drain():
        pass

    assert done == [("tools", "first"), ("tools", "second")]
    assert await states(database) == {}


@on_each_engine
async def test_a_new_job_wakes_the_worker_at_once(database: Database, clock: Stopped):
    done = asyncio.Event()

    async def run(tools: str, errand: Errand) -> None:
        done.set()

    async with working(database, clock, run):
        await asyncio.sleep(0.2)
        await database.write(ask, 1, "now")
        # The idle look comes each five seconds: sooner than that is a hint.
        await asyncio.wait_for(done.wait(), 2)


@on_each_engine
async def test_a_refused_operation_leaves_no_job(database: Database):
    async def refused(tx: Tx) -> None:
        await ask(tx, 1, "never")
        raise LookupError

    with pytest.raises(LookupError):
        await database.write(refused)

    assert await states(database) == {}


@on_each_engine
async def test_the_same_job_waits_once_but_not_behind_a_running_one(database: Database):
    await database.write(ask, 1, "tell", once="x")
    await database.write(ask, 2, "tell", once="x")
    assert await states(database) == {"waiting": 1}

    await database.work(queue.lease, now=START, lease_until=Instant(START + MINUTE), size=5)
    await database.write(ask, 3, "tell", once="x")

    assert await states(database) == {"waiting": 2}


@on_each_engine
async def test_a_failing_job_dies_at_the_fifth_strike(database: Database, clock: Stopped):
    tried = []

    async def run(tools: str, errand: Errand) -> None:
        tried.append(clock.now())
        raise ConnectionError("no line")

    await database.write(ask, 1, "in vain")
    only = runner.Runner(db=database, clock=clock, kinds=doing(run), tools="tools", stop=asyncio.Event())
    for _ in range(3 * 24):
        while await only.drain():
            pass
        clock.at = Instant(clock.at + HOUR)

    assert len(tried) == runner.STRIKES
    assert await states(database) == {"dead": 1}


@on_each_engine
async def test_each_failure_makes_the_next_wait_longer(database: Database, clock: Stopped):
    async def run(tools: str, errand: Errand) -> None:
        raise ConnectionError

    await database.write(ask, 1, "in vain")
    only = runner.Runner(db=database, clock=clock, kinds=doing(run), tools="tools", stop=asyncio.Event())
    waits = []
    for _ in range(runner.STRIKES - 1):
        await only.drain()
        due = await database.read(queue.next_due, clock.now())
        waits.append(due - clock.now())
        clock.at = due

    assert waits == sorted(set(waits))
    assert waits[0] > 0


@on_each_engine
async def test_a_job_of_a_dead_worker_is_taken_again(database: Database):
    await database.write(ask, 1, "left behind")
    until_then = Instant(START + MINUTE)
    assert len(await database.work(queue.lease, now=START, lease_until=until_then, size=5)) == 1

    assert await database.work(queue.lease, now=Instant(until_then - 1), lease_until=until_then, size=5) == []
    again = await database.work(queue.lease, now=until_then, lease_until=Instant(until_then + MINUTE), size=5)

    assert [job.attempts for job in again] == [2]


@on_each_engine
async def test_a_job_that_kills_its_worker_each_time_is_given_up(database: Database, clock: Stopped):
    await database.write(ask, 1, "poison")
    for _ in range(runner.STRIKES):
        await database.work(queue.lease, now=clock.now(), lease_until=Instant(clock.at + MINUTE), size=1)
        clock.at = Instant(clock.at + DAY)
    tried = []
    only = runner.Runner(
        db=database, clock=clock, kinds=doing(lambda *_: tried.append(1)), tools="tools", stop=asyncio.Event()
    )

    await only.drain()

    assert (tried, await states(database)) == ([], {"dead": 1})


@on_each_engine
async def test_two_workers_never_take_the_same_job(database: Database):
    for number in range(40):
        await database.write(ask, number, str(number))

    async def take() -> list[int]:
        until_then = Instant(START + MINUTE)
        return [job.id for job in await database.work(queue.lease, now=START, lease_until=until_then, size=5)]

    taken = [job for jobs in await asyncio.gather(*(take() for _ in range(8))) for job in jobs]

    assert len(taken) == len(set(taken)) == 40


@on_each_engine
async def test_closing_gives_an_unfinished_job_back_uncounted(database: Database, clock: Stopped):
    begun = asyncio.Event()

    async def run(tools: str, errand: Errand) -> None:
        begun.set()
        await asyncio.sleep(3600)

    await database.write(ask, 1, "long")
    async with working(database, clock, run):
        await asyncio.wait_for(begun.wait(), 5)

    again = await database.work(queue.lease, now=clock.now(), lease_until=Instant(START + HOUR), size=1)
    assert [job.attempts for job in again] == [1]


async def test_one_bad_job_does_not_keep_the_others(database: Database, clock: Stopped):
    done = []
    all_done = asyncio.Event()

    async def run(tools: str, errand: Errand) -> None:
        if errand.what == "bad":
            raise ValueError("bad")
        done.append(errand.what)
        if len(done) == 10:
            all_done.set()

    await database.write(ask, 1, "bad")
    for number in range(2, 12):
        await database.write(ask, number, f"good {number}")
    async with working(database, clock, run):
        await asyncio.wait_for(all_done.wait(), 10)

    assert await states(database) == {"waiting": 1}
