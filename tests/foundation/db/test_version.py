"""The version of a database changes with every commit, and only with one."""

from pathlib import Path

from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.db.database import Database, open_database
from fedishare.foundation.db.queries import parse
from tests.engines import on_each_engine, on_postgres

SQL = parse(
    "-- put\ninsert into setting (name, value) values (:name, '')\n\n-- count_all\nselect count(*) from setting",
    source=Path(__file__),
)


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
