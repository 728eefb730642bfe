"""A database is brought to the schema of today, whole steps at a time, whatever interrupts it."""

import asyncio
import re
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from fedishare.foundation.db.migrations import migrate, pending, version
from fedishare.foundation.db.queries import ENGINES
from fedishare.foundation.db.steps import shipped_folder, statements, steps_in
from fedishare.foundation.values.errors import Misconfigured
from tests.engines import on_each_engine

FIRST = "create table one (id bigint primary key, name text not null);\n"
SECOND = "create table two (id bigint primary key); -- with; marks\ninsert into one values (1, 'a;b');\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "migrations"
    made.mkdir()
    (made / "0001_first.sql").write_text(FIRST)
    (made / "0002_second.sql").write_text(SECOND)
    return made


class Told(list[str]):
    """What the runner said."""

    def __call__(self, text: str, values: dict[str, object]) -> None:
        self.append(text % values)


async def ask(url: str, question: str) -> list[tuple]:
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite://"))
        rows = connection.execute(question).fetchall()
        connection.close()
        return rows
    connection = await asyncpg.connect(url)
    rows = [tuple(row) for row in await connection.fetch(question)]
    await connection.close()
    return rows


@on_each_engine
async def test_what_is_missing_is_applied_in_order_and_once(empty_url: str, folder: Path):
    told = Told()

    assert await migrate(empty_url, say=told, folder=folder) == 2
    assert await migrate(empty_url, say=told, folder=folder) == 0

    assert told == ["Applied 0001 first.", "Applied 0002 second."]
    assert await ask(empty_url, "select name from one") == [("a;b",)]
    assert await ask(empty_url, "select version, name from schema_version order by version") == [
        (1, "first"),
        (2, "second"),
    ]


@pytest.mark.parametrize(
    "unended",
    [
        "create table a (id int);\ncreate trigger t after insert on a execute function f();\ncreate table b (id int);",
        "insert into a values ('it;",
        "create table a (id int); /* and then;",
    ],
)
def test_a_statement_that_never_ends_is_refused_and_not_passed_over(unended: str):
    with pytest.raises(Misconfigured, match="does not end"):
        list(statements(unended))


@on_each_engine
async def test_a_number_left_out_may_be_used_later(empty_url: str, folder: Path):
    (folder / "0004_fourth.sql").write_text("create table four (id bigint primary key);")
    await migrate(empty_url, say=Told(), folder=folder)
    (folder / "0003_third.sql").write_text("create table three (id bigint primary key);")

    assert await migrate(empty_url, say=Told(), folder=folder) == 1
    assert await pending(empty_url, folder=folder) == []


@on_each_engine
async def test_pending_changes_nothing(empty_url: str, folder: Path):
    assert [step.name for step in await pending(empty_url, folder=folder)] == ["first", "second"]
    assert await version(empty_url) == 0

    await migrate(empty_url, say=Told(), folder=folder)

    assert await pending(empty_url, folder=folder) == []
    assert await version(empty_url) == 2


@on_each_engine
async def test_an_edited_migration_is_refused(empty_url: str, folder: Path):
    await migrate(empty_url, say=Told(), folder=folder)
    (folder / "0001_first.sql").write_text(FIRST + "-- a word more\n")

    with pytest.raises(Misconfigured, match="0001_first is not the one"):
        await migrate(empty_url, say=Told(), folder=folder)


@on_each_engine
async def test_a_newer_database_is_refused(empty_url: str, folder: Path):
    await migrate(empty_url, say=Told(), folder=folder)
    (folder / "0002_second.sql").unlink()

    for work in (migrate(empty_url, say=Told(), folder=folder), pending(empty_url, folder=folder)):
        with pytest.raises(Misconfigured, match="database is at version 2, this release knows 1"):
            await work


@on_each_engine
async def test_a_step_that_fails_leaves_nothing_of_itself(empty_url: str, folder: Path):
    (folder / "0002_second.sql").write_text(
        "create table two (id bigint primary key);\ninsert into nowhere values (1);"
    )

    with pytest.raises((sqlite3.Error, asyncpg.PostgresError), match="nowhere"):
        await migrate(empty_url, say=Told(), folder=folder)
    assert await version(empty_url) == 1

    (folder / "0002_second.sql").write_text(SECOND)
    await migrate(empty_url, say=Told(), folder=folder)
    assert await version(empty_url) == 2


@on_each_engine
async def test_two_runners_wait_for_each_other(empty_url: str, folder: Path):
    counts = await asyncio.gather(*(migrate(empty_url, say=Told(), folder=folder) for _ in range(4)))

    assert sorted(counts) == [0, 0, 0, 2]


async def test_an_sqlite_file_is_copied_before_it_is_touched(empty_url: str, folder: Path, tmp_path: Path):
    await migrate(empty_url, say=Told(), folder=folder)
    (folder / "0003_third.sql").write_text("delete from one;")
    told = Told()

    await migrate(empty_url, say=told, folder=folder)

    kept = tmp_path / "empty.db.before-0003"
    assert told[0] == f"Kept a copy of the database as it was: {kept}"
    assert await ask(f"sqlite://{kept}", "select name from one") == [("a;b",)]
    assert await ask(empty_url, "select name from one") == []
    assert [oct(path.stat().st_mode & 0o777) for path in (kept, tmp_path / "empty.db")] == ["0o600", "0o600"]


@pytest.mark.parametrize(
    ("name", "complaint"),
    [("0002_twin.sql", "both 0002"), ("0003_half.sqlite.sql", "one for each"), ("third.sql", "not a migration")],
)
def test_a_folder_in_disorder_is_refused(folder: Path, name: str, complaint: str):
    (folder / name).write_text("")

    with pytest.raises(Misconfigured, match=complaint):
        steps_in(folder, "sqlite")


def test_a_pair_of_files_is_one_step(folder: Path):
    (folder / "0003_pair.sqlite.sql").write_text("select 'lite'")
    (folder / "0003_pair.postgres.sql").write_text("select 'post'")

    assert [steps_in(folder, engine)[2].text for engine in ENGINES] == ["select 'lite'", "select 'post'"]


RUNNER = """
import asyncio, pathlib, sys
from fedishare.foundation.db.migrations import migrate
say = lambda text, values: print(text % values, flush=True)
asyncio.run(migrate(sys.argv[1], say=say, folder=pathlib.Path(sys.argv[2])))
"""


def kill_in_the_third_step(url: str, folder: Path) -> None:
    run = subprocess.Popen([sys.executable, "-c", RUNNER, url, str(folder)], stdout=subprocess.PIPE, text=True)
    while "0002" not in run.stdout.readline():
        assert run.poll() is None
    run.send_signal(signal.SIGKILL)
    assert run.wait() == -signal.SIGKILL


@pytest.mark.real
@pytest.mark.parametrize("engine", ["sqlite", "postgres"], indirect=True)
async def test_a_run_that_is_killed_is_simply_run_again(empty_url: str, folder: Path):
    slow = (
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 30000000) "
        "insert into one select max(i), 'slow' from n;"
    )
    (folder / "0003_slow.sql").write_text("create table three (id bigint primary key);\n" + slow)
    kill_in_the_third_step(empty_url, folder)

    assert await version(empty_url) == 2
    (folder / "0003_slow.sql").write_text("create table three (id bigint primary key);\n")
    assert await migrate(empty_url, say=Told(), folder=folder) == 1


COLUMNS = {
    "sqlite": 'select m.name, c.name, c.type, c."notnull" from sqlite_schema m, pragma_table_info(m.name) c '
    "where m.type = 'table' and m.name not like 'sqlite_%'",
    "postgres": "select table_name::text, column_name::text, data_type::text, (is_nullable = 'NO')::int "
    "from information_schema.columns where table_schema = 'public'",
}
INDEXES = {
    "sqlite": "select name, tbl_name from sqlite_schema where type = 'index' and sql is not null",
    "postgres": "select i.relname::text, t.relname::text from pg_index x join pg_class i on i.oid = x.indexrelid "
    "join pg_class t on t.oid = x.indrelid where t.relnamespace = 'public'::regnamespace and not x.indisprimary",
}


async def outline(url: str, engine: str) -> tuple[dict, set]:
    columns = {
        (table, column): ("bigint" if kind.lower() in {"integer", "bigint"} else kind.lower(), bool(needed))
        for table, column, kind, needed in await ask(url, COLUMNS[engine])
    }
    return columns, set(await ask(url, INDEXES[engine]))


@pytest.mark.real
async def test_the_schema_is_the_same_on_both_engines(tmp_path: Path, cluster):
    lite_url = f"sqlite://{tmp_path}/x.db"
    post_url = await asyncio.to_thread(cluster.create)
    for url in (lite_url, post_url):
        await migrate(url, say=Told())

    lite, lite_indexes = await outline(lite_url, "sqlite")
    post, post_indexes = await outline(post_url, "postgres")
    await asyncio.to_thread(cluster.drop, post_url)

    keys = {place for place in lite if not lite[place][1] and post[place][1]}
    # SQLite calls a key's column nullable unless it is told otherwise; it never holds a null.
    assert {lite.pop(place)[0] == post.pop(place)[0] for place in keys} <= {True}
    assert lite == post
    assert lite_indexes == post_indexes


def test_no_key_of_one_column_escapes_the_rewriting():
    """`id bigint primary key` must be SQLite's row id, or each table carries a second tree."""
    for step in steps_in(shipped_folder(), "sqlite"):
        assert not re.search(r"(?i)bigint\s+primary\s+key", step.text), step.name
