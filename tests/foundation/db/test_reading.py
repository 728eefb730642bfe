"""Short reads are done in place, long ones in a thread; whoever asks cannot tell, and nobody waits for another's."""

import asyncio
import os
import sqlite3
import time
from pathlib import Path

import pytest

from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.db.database import Database, open_database
from fedishare.foundation.db.errors import DiskTrouble
from fedishare.foundation.db.queries import parse
from fedishare.foundation.db.sqlite_reading import LONG_S, Desk, TooLong
from fedishare.foundation.values.clock import SystemClock
from fedishare.foundation.values.errors import Busy, NotFound
from tests.clock import StoppedClock
from tests.engines import on_each_engine

SQL = parse(
    """
-- count_far [sqlite]
with recursive series(n) as (select 1 union all select n + 1 from series where n < :far) select count(*) from series

-- count_far [postgres]
select count(*) from generate_series(1, cast(:far as bigint))

-- put
insert into setting (name, value) values (:name, '')

-- settings
select count(*) from setting
""",
    source=Path(__file__),
)
FAR = 3_000_000


async def count_far(read: Read, far: int) -> int:
    return int(await read.value(SQL["count_far"], far=far))


async def settings(read: Read) -> int:
    return int(await read.value(SQL["settings"]))


async def put(tx: Tx, name: str) -> None:
    await tx.run(SQL["put"], name=name)


def desk(url: str) -> Desk:
    return Desk(Path(url.removeprefix("sqlite://")), SystemClock())


@on_each_engine
async def test_a_long_read_gives_what_a_short_one_gives(database: Database):
    assert await database.read(count_far, 10) == 10
    assert await database.read(count_far, FAR) == FAR
    assert await database.read(count_far, 10) == 10


async def test_a_short_read_never_lets_go_of_the_loop(database: Database):
    turns = 0

    def turn() -> None:
        nonlocal turns
        turns += 1

    asyncio.get_running_loop().call_soon(turn)
    await database.read(settings)
    assert turns == 0

    await database.read(count_far, FAR)
    assert turns == 1


async def test_others_are_answered_while_one_reads_long(database: Database):
    long = asyncio.create_task(database.read(count_far, FAR))
    await asyncio.sleep(0)
    waits = []
    while not long.done():
        began = time.monotonic()
        assert await database.read(settings) == 0
        waits.append(time.monotonic() - began)
        await asyncio.sleep(0.001)

    assert await long == FAR
    assert len(waits) > 10
    assert sorted(waits)[len(waits) // 2] < 0.05


async def test_what_was_long_is_not_begun_in_place_for_a_while(database_url: str):
    clock = StoppedClock()
    here = Desk(Path(database_url.removeprefix("sqlite://")), clock)
    begun = []

    async def far(read: Read, far: int) -> int:
        begun.append(far)
        return await count_far(read, far)

    for how_far in (FAR, 10):
        with pytest.raises(TooLong):
            here.read(far, how_far)
    assert begun == [FAR]

    clock.advance(int(LONG_S * 1000))
    assert here.read(far, 10) == 10
    here.close()


async def test_an_interrupted_read_is_long_whatever_it_made_of_that(database_url: str):
    async def hides_it(read: Read) -> int:
        try:
            return await count_far(read, FAR)
        except sqlite3.OperationalError:
            return 0

    here = desk(database_url)
    with pytest.raises(TooLong):
        here.read(hides_it)
    here.close()


async def test_after_a_read_that_failed_the_next_sees_what_was_written_since(database: Database):
    async def refuses(read: Read) -> None:
        await settings(read)
        raise NotFound

    with pytest.raises(NotFound):
        await database.read(refuses)
    await database.write(put, "a")

    assert await database.read(settings) == 1


@pytest.mark.parametrize("far", [10, FAR])
async def test_who_no_longer_waits_disturbs_nobody(database: Database, far: int):
    reading = [asyncio.create_task(database.read(count_far, far)) for _ in range(12)]
    await asyncio.sleep(0.02)
    for each in reading:
        each.cancel()
    await asyncio.wait(reading)

    assert await database.read(settings) == 0
    assert await database.read(count_far, FAR) == FAR


async def test_closing_waits_for_who_reads_and_refuses_the_next(database_url: str):
    database = await open_database(database_url)
    reading = asyncio.create_task(database.read(count_far, FAR))
    await asyncio.sleep(0)

    await database.close()

    assert await reading == FAR
    for far in (10, FAR):
        with pytest.raises(Busy):
            await database.read(count_far, far)
    assert await database.version() == ""


async def test_a_file_in_trouble_is_told_in_our_words(database_url: str):
    path = Path(database_url.removeprefix("sqlite://"))
    here = desk(database_url)
    os.truncate(path, 8_192)

    with pytest.raises((DiskTrouble, sqlite3.DatabaseError)):
        here.read(settings)
    here.close()


async def test_what_only_waits_for_the_disk_is_tried_in_place_again(database_url: str):
    clock = StoppedClock()
    here = Desk(Path(database_url.removeprefix("sqlite://")), clock)

    async def slow(read: Read, waits: float) -> int:
        clock.advance(int(waits * 1000))
        return await count_far(read, 1_000)

    with pytest.raises(TooLong):
        here.read(slow, 1.0)
    assert here.read(slow, 0.0) == 1_000
    here.close()
