"""Every statement of every migration, one after the other: the runner dies there, is run again, and all is as in a
database that was made in one go; what stood there before is still there (R16).

Long form: each statement of all steps but the first. Short form: three of them.
"""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest

from fedishare.foundation.db.migrations import migrate
from fedishare.foundation.db.queries import Engine
from fedishare.foundation.db.steps import shipped_folder, statements, steps_in
from fedishare.foundation.values.crashing import KILLED
from tests.engines import Cluster, on_each_engine
from tests.figures import Figure
from tests.servers import Server
from tests.torture import WHOLE
from tests.torture.asking import ask
from tests.torture.household import changed_copy

pytestmark = [pytest.mark.real, pytest.mark.timeout(1_800)]
RUNNER = "fedishare/foundation/db/sqlite_schema.py"
EACH_BY_ITSELF = (
    (RUNNER, 'execute("begin immediate")', 'execute("select 1")'),
    (RUNNER, 'execute("commit")', 'execute("select 1")'),
)
SCHEMA = {
    "sqlite": "select name, sql from sqlite_schema order by name",
    "postgres": "select table_name::text, column_name::text, data_type::text, column_default::text, is_nullable::text "
    "from information_schema.columns where table_schema = 'public' "
    "union all select indexname::text, indexdef::text, '', '', '' from pg_indexes where schemaname = 'public' "
    "union all select conname::text, pg_get_constraintdef(oid), '', '', '' from pg_constraint "
    "where connamespace = 'public'::regnamespace order by 1, 2",
}


@on_each_engine
def test_a_migration_that_dies_at_any_statement_is_run_again(
    tmp_path: Path, engine: Engine, request: pytest.FixtureRequest, figure: Figure
) -> None:
    cluster = request.getfixturevalue("cluster") if engine == "postgres" else None
    _, *later = steps_in(shipped_folder(), engine)
    count = sum(len(list(statements(step.text))) for step in later)
    deaths = range(1, count + 1) if WHOLE else (1, count // 2, count)
    whole = empty(tmp_path / "whole", cluster)
    whole.cli("db", "migrate")
    schema = ask(whole, SCHEMA[engine])
    for death in deaths:
        town = empty(tmp_path / str(death), cluster)
        at_its_first_step(town)
        dies_and_is_run_again(town, death)

        assert ask(town, SCHEMA[engine]) == schema
        assert ask(town, "select value from setting where name = 'kept'") == [("yes",)]

    figure(f"statements at which a migration died ({engine})", len(deaths), "")


def test_a_runner_that_keeps_each_statement_by_itself_is_found_out(tmp_path: Path) -> None:
    town = empty(tmp_path / "town", None)
    town.settings |= changed_copy(tmp_path / "copy", EACH_BY_ITSELF)
    at_its_first_step(town)

    with pytest.raises(AssertionError, match="already exists"):
        dies_and_is_run_again(town, 5)


def empty(folder: Path, cluster: Cluster | None) -> Server:
    """Without a schema yet."""
    town = Server(folder, database_url=cluster.create() if cluster else None)
    town.data.mkdir()
    return town


def at_its_first_step(town: Server) -> None:
    """Its database has the first step alone, and holds something."""
    folder = town.folder / "steps"
    folder.mkdir()
    shutil.copy(shipped_folder() / "0001_setting.sql", folder)
    url = town.settings.get("FEDISHARE_DATABASE_URL") or f"sqlite://{town.data}/fedishare.db"
    asyncio.run(migrate(url, folder=folder, say=lambda text, values: None))
    tell(url, "insert into setting (name, value) values ('kept', 'yes')")


def dies_and_is_run_again(town: Server, death: int) -> None:
    """The runner dies behind so many more statements."""
    town.settings["FEDISHARE_CRASH_AT"] = f"migrating.statement:{death}"
    assert town.ran("db", "migrate").returncode == KILLED
    del town.settings["FEDISHARE_CRASH_AT"]

    again = town.ran("db", "migrate")
    assert again.returncode == 0, again.stderr


def tell(url: str, statement: str) -> None:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite://"))) as db, db:
            db.execute(statement)
        return
    asyncio.run(tell_postgres(url, statement))


async def tell_postgres(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()
