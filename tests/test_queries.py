"""Each named query, on both engines: it prepares, it is used exactly once, and a hot one finds its rows by an index."""

import ast
import itertools
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from msgspec import Struct

from fedishare.foundation.db.queries import Queries, Query, load
from tests.engines import on_each_engine, on_postgres

PACKAGE = Path(__file__).parents[1] / "fedishare"
FILES = sorted(path for path in PACKAGE.rglob("*.sql") if "migrations" not in path.parts)

READS_WHAT_HAS_A_CIRCLE = re.compile(r"(?<!delete )(?:from|join)\s+(?:proposal|post|object|activity_out)\b")


class Named(Struct, frozen=True):
    """A query with the filters that one place in the code may ask for."""

    file: str
    query: Query

    def __str__(self) -> str:
        return f"{self.file}: {self.query.name}"


class Use(Struct, frozen=True):
    """`sql.name`, and the filters of the `.filtered(...)` behind it."""

    name: str
    filters: tuple[str, ...]


def queries_of(path: Path) -> Queries:
    return load(str(path), path.name)


def uses_of(path: Path) -> list[Use]:
    """Wherever a module that loads this file says `sql.name`, but to tell what it would answer (`Recalling.learn`)."""
    return [
        use
        for module in sorted(path.parent.glob("*.py"))
        for variable in variables_of(module, path.name)
        for use in uses_in(module, variable)
    ]


def variables_of(module: Path, file_name: str) -> Iterator[str]:
    """The names that `x = load(__file__)` or `x = load(__file__, "other.sql")` gives to the file."""
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)):
            continue
        call = node.value
        if not (isinstance(call.func, ast.Name) and call.func.id == "load" and isinstance(node.targets[0], ast.Name)):
            continue
        asked = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
        if (asked or ["queries.sql"]) == [file_name]:
            yield node.targets[0].id


def uses_in(module: Path, variable: str) -> Iterator[Use]:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    filtered = {
        id(node.func.value): tuple(keyword.arg for keyword in node.keywords if keyword.arg)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "filtered"
    }
    foretold = {
        id(argument)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "learn"
        for argument in node.args
    }
    for node in ast.walk(tree):
        if id(node) in foretold:
            continue
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == variable:
            yield Use(node.attr, filtered.get(id(node), ()))


def all_queries() -> list[Named]:
    """Every query, bare and with each set of filters that the code may ask for."""
    found = []
    for path in FILES:
        filters = {use.name: use.filters for use in uses_of(path)}
        for query in queries_of(path):
            names = filters.get(query.name, ())
            for size in range(len(names) + 1):
                for kept in itertools.combinations(names, size):
                    variant = query.filtered(**dict.fromkeys(kept, 1)) if names else query
                    found.append(Named(str(path.relative_to(PACKAGE)), variant))
    return found


def scans_without_index(connection: sqlite3.Connection, query: Query) -> list[str]:
    plan = connection.execute(f"explain query plan {query.sqlite}", dict.fromkeys(query.names)).fetchall()
    tables = {name for (name,) in connection.execute("select name from sqlite_schema where type = 'table'")}
    steps = [detail for *_, detail in plan]
    return [step for step in steps if step.startswith("SCAN") and " INDEX " not in step and tables & set(step.split())]


async def seq_scans(connection: asyncpg.Connection, query: Query) -> list[str]:
    """What stays a sequential scan although the planner avoids them."""
    await connection.execute("set enable_seqscan = off")
    await connection.execute("set plan_cache_mode = force_generic_plan")
    await connection.execute(f"prepare hot as {query.postgres}")
    values = f"({', '.join(['null'] * len(query.names))})" if query.names else ""
    plan = await connection.fetch(f"explain execute hot{values}")
    await connection.execute("deallocate hot")
    return [step for (step,) in plan if "Seq Scan" in step]


def test_there_are_queries_to_look_at():
    assert len(all_queries()) > 100
    assert any(named.query.hot for named in all_queries())


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_each_query_is_used_exactly_once(path: Path):
    counted = Counter(use.name for use in uses_of(path))

    assert not {query.name: counted[query.name] for query in queries_of(path) if counted[query.name] != 1}


def test_who_may_see_is_asked_in_the_query_itself():
    """SECURITY 0.11. Where everything is seen on purpose, the comment says why."""
    silent = {
        str(named)
        for named in all_queries()
        if READS_WHAT_HAS_A_CIRCLE.search(named.query.sqlite)
        and "from circle_member" not in named.query.sqlite
        and not any(line.startswith("sees all: ") for line in named.query.comment)
    }
    assert not silent, "\n".join(sorted(silent))


def test_each_query_prepares_on_sqlite(sqlite_template: Path):
    connection = sqlite3.connect(sqlite_template)
    refused = []
    for named in all_queries():
        try:
            connection.execute(f"explain {named.query.sqlite}", dict.fromkeys(named.query.names))
        except sqlite3.Error as error:
            refused.append(f"{named}: {error}")
    connection.close()
    assert not refused, "\n".join(refused)


@on_postgres
async def test_each_query_prepares_on_postgresql(database_url: str):
    connection = await asyncpg.connect(database_url)
    refused = []
    for named in all_queries():
        try:
            await connection.prepare(named.query.postgres)
        except asyncpg.PostgresError as error:
            refused.append(f"{named}: {error}")
    await connection.close()
    assert not refused, "\n".join(refused)


def test_hot_queries_use_an_index_on_sqlite(sqlite_template: Path):
    connection = sqlite3.connect(sqlite_template)
    slow = {
        str(named): scans
        for named in all_queries()
        if (named.query.hot) and (scans := scans_without_index(connection, named.query))
    }
    connection.close()
    assert not slow


@on_postgres
async def test_hot_queries_use_an_index_on_postgresql(database_url: str):
    connection = await asyncpg.connect(database_url)
    slow = {}
    for named in all_queries():
        if named.query.hot and (scans := await seq_scans(connection, named.query)):
            slow[str(named)] = scans
    await connection.close()
    assert not slow


@on_each_engine
async def test_a_query_without_an_index_is_noticed(engine: str, database_url: str):
    text = "select id from actor where summary = :summary"
    query = Query("slow", {"sqlite": text, "postgres": text}, ["hot"], {})
    if engine == "sqlite":
        connection = sqlite3.connect(database_url.removeprefix("sqlite://"))
        found = scans_without_index(connection, query)
        connection.close()
    else:
        connection = await asyncpg.connect(database_url)
        found = await seq_scans(connection, query)
        await connection.close()

    assert found
