"""A database that cannot write says so in words, loses nothing, and heals by itself."""

import asyncio
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.db.database import Database, open_database
from fedishare.foundation.db.errors import DatabaseAway, DatabaseLocked, DatabaseReadOnly, DiskFull
from fedishare.foundation.db.migrations import migrate
from fedishare.foundation.db.queries import parse
from fedishare.foundation.db.sqlite_file import translated
from fedishare.foundation.values.errors import Busy, Misconfigured
from tests.engines import on_postgres

QUERIES = parse(
    """
-- put
insert into setting (name, value) values (:name, :value)

-- count
select count(*) from setting

-- clear
delete from setting
""",
    source=Path(__file__),
)


async def put(tx: Tx, name: str, size: int = 0) -> None:
    await tx.run(QUERIES["put"], name=name, value="x" * size)


async def clear_all(tx: Tx) -> None:
    await tx.run(QUERIES["clear"])


async def count(read: Read) -> int:
    return await read.value(QUERIES["count"])


async def fill(database: Database) -> tuple[int, Busy | None]:
    """Write until it is refused: how many rows were acknowledged, and the refusal."""
    for number in range(1000):
        try:
            await database.write(put, f"{number}", 30_000)
        except Busy as refusal:
            return number, refusal
    return 1000, None


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Three megabytes, for as long as the test takes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk], check=True)
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


async def test_a_locked_file_is_told_to_everybody_who_waits(database: Database, database_url: str, tmp_path: Path):
    holder = sqlite3.connect(tmp_path / "fedishare.db", isolation_level=None)
    holder.execute("begin immediate")
    async with asyncio.timeout(9):  # five seconds once, not once for each
        answers = await asyncio.gather(*(database.write(put, str(n)) for n in range(3)), return_exceptions=True)

    assert [type(answer) for answer in answers] == [DatabaseLocked] * 3
    holder.execute("rollback")
    holder.close()
    await database.write(put, "after")
    assert await database.read(count) == 1


async def test_a_command_beside_a_server_waits_for_its_turn(database: Database, database_url: str, tmp_path: Path):
    command = await open_database(database_url, direct=True)
    calls = [database.write(put, f"server {n}") for n in range(50)]
    for n in range(20):
        await command.write(put, f"command {n}")
    await asyncio.gather(*calls)
    await command.close()

    assert await database.read(count) == 70


@pytest.mark.real
async def test_a_full_disk_is_told_and_what_was_kept_stays(small_disk: Path):
    url = f"sqlite://{small_disk}/x.db"
    await migrate(url, say=lambda text, values: None)
    database = await open_database(url)
    kept, refusal = await fill(database)
    together = await asyncio.gather(*(database.write(put, f"b{n}", 60_000) for n in range(5)), return_exceptions=True)

    assert (type(refusal), refusal.status) == (DiskFull, 503)
    assert all(isinstance(answer, Busy) for answer in together)
    assert kept > 5
    assert await database.read(count) == kept
    await database.close()


@pytest.mark.real
async def test_a_disk_with_room_again_needs_no_restart(small_disk: Path):
    url = f"sqlite://{small_disk}/x.db"
    await migrate(url, say=lambda text, values: None)
    database = await open_database(url)
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"0" * 1_500_000)
    _, refusal = await fill(database)
    assert isinstance(refusal, Busy)

    ballast.unlink()
    await database.write(put, "again", 30_000)

    await database.close()


@pytest.mark.real
async def test_a_file_on_a_read_only_disk_is_refused_at_the_start(small_disk: Path):
    url = f"sqlite://{small_disk}/x.db"
    await migrate(url, say=lambda text, values: None)
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)  # noqa: ASYNC221 - nothing else is going on

    for direct in (False, True):
        with pytest.raises(Misconfigured, match="Give the right to read and write it"):
            await open_database(url, direct=direct)


def test_a_write_on_a_read_only_file_is_told(tmp_path: Path):
    sqlite3.connect(tmp_path / "x.db").execute("create table thing (id)").connection.close()
    connection = sqlite3.connect(f"file:{tmp_path}/x.db?mode=ro", uri=True)
    with pytest.raises(sqlite3.OperationalError) as error:
        connection.execute("insert into thing values (1)")
    connection.close()

    assert isinstance(translated(error.value), DatabaseReadOnly)


@pytest.mark.parametrize("direct", [False, True])
@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("sqlite://{folder}/nowhere/x.db", "Create the folder"),
        ("sqlite://{folder}/letter.txt", "not a database of ours"),
        ("sqlite://x.db", "not a whole path"),
        ("mysql://me:secret@host/x", "not a database"),
        ("postgresql://me:secret@/x?host={folder}", "Check that it runs"),
    ],
)
async def test_an_address_that_leads_nowhere_says_what_to_do(tmp_path: Path, url: str, complaint: str, direct: bool):
    (tmp_path / "letter.txt").write_text("Dear all, this is no database, but long enough to be looked at. " * 99)

    with pytest.raises(Misconfigured, match=complaint) as told:
        await open_database(url.format(folder=tmp_path), direct=direct)
    assert "secret" not in str(told.value)


@on_postgres
async def test_a_restarted_server_is_found_again(database: Database, cluster):
    await database.write(put, "before")
    await asyncio.to_thread(cluster.stop)
    for work in (database.write(put, "during"), database.read(count)):
        with pytest.raises(DatabaseAway):
            await work

    await asyncio.to_thread(cluster.launch)

    await database.write(put, "after")
    assert await database.read(count) == 2


@on_postgres
async def test_who_no_longer_waits_leaves_nothing_and_no_lock(database: Database, database_url: str):
    async def put_then_clear(tx: Tx) -> None:
        await put(tx, "half")
        await clear_all(tx)

    await database.write(put, "mine")
    holder = await asyncpg.connect(database_url)
    await holder.execute("begin; select * from setting for update")
    waiting = asyncio.create_task(database.write(put_then_clear))
    await asyncio.sleep(0.2)
    waiting.cancel()
    await asyncio.wait([waiting])
    await holder.close()

    assert await database.read(count) == 1
    await database.write(clear_all)


@on_postgres
async def test_a_row_held_too_long_is_told(database: Database, database_url: str):
    await database.write(put, "mine")
    holder = await asyncpg.connect(database_url)
    await holder.execute("begin; select * from setting for update")
    with pytest.raises(DatabaseLocked):
        await database.write(clear_all)
    await holder.close()

    await database.write(clear_all)
