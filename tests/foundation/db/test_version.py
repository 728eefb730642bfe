"""The version of a database changes with every commit, and only with one."""

import asyncio
from pathlib import Path

import asyncpg

from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.db.database import Database, open_database
from fedishare.foundation.db.postgres_version import Looking
from fedishare.foundation.db.queries import parse
from tests.engines import on_each_engine, on_postgres

SQL = parse(
    "-- put\ninsert into setting (name, value) values (:name, '')\n\n-- count_all\nselect count(*) from setting",
    source=Path(__file__),
)

OTHERS = "from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"


async def put(tx: Tx, name: str) -> None:
    await tx.run(SQL["put"], name=name)


async def count(read: Read) -> int:
    return int(await read.value(SQL["count_all"]))


@on_each_engine
async def test_reading_changes_no_version(database: Database):
    before = await database.version()

    await database.read(count)

    assert before
    assert await database.version() == before


@on_each_engine
async def test_every_commit_makes_another_version(database: Database):
    seen = [await database.version()]
    for name in ("a", "b", "c"):
        await database.write(put, name)
        seen.append(await database.version())

    assert len(set(seen)) == 4


@on_each_engine
async def test_what_another_process_writes_makes_another_version(database: Database, database_url: str):
    before = await database.version()
    other = await open_database(database_url, direct=True)

    await other.write(put, "from the command line")
    await other.close()

    assert await database.version() != before


@on_postgres
async def test_version_that_cannot_be_asked_for_is_none(database_url: str):
    """A page is then drawn on the usual way, where trouble with the database has words."""
    away = await open_database(database_url)
    await away.close()

    assert await away.version() == ""


@on_postgres
async def test_version_is_asked_again_when_the_server_has_ended_its_connection(database: Database, database_url: str):
    before = await database.version()
    await end_other_connections(database_url)

    seen = [await database.version() for _ in range(2)]

    assert before
    assert seen == ["", before], "trouble is no version; then a new connection sees what the former one saw"


@on_postgres
async def test_whoever_closes_while_the_version_is_asked_for_leaves_no_connection(database_url: str):
    looking = Looking(database_url)
    asked = asyncio.create_task(looking.snapshot())
    await asyncio.sleep(0)
    looking.close()

    assert await asked == ""
    assert await others(database_url) == 0


async def end_other_connections(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.fetch(f"select pg_terminate_backend(pid) {OTHERS}")
    await connection.close()


async def others(url: str) -> int:
    """How many are connected beside whoever asks, once those that have been ended are gone."""
    connection = await asyncpg.connect(url)
    try:
        for _ in range(100):
            count = int(await connection.fetchval(f"select count(*) {OTHERS}"))
            if not count:
                break
            await asyncio.sleep(0.05)
        return count
    finally:
        await connection.close()
