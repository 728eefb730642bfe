"""The plan of every query marked `-- hot` on a million rows, on both engines.

    python -m tests.bench.size.plans --rows 1000000 --folder /tmp/plans

Fails when one reads a large table whole, or sorts more than a page needs of it. What is judged is the plan for values
that are not known yet, on tables that are full: an empty table is always quick to read, and with `enable_seqscan = off`
PostgreSQL says what it could do, not what it does. SQLite plans as it is deployed, without statistics; its own are used
here to see how many rows a step meets. With `--folder` what was seeded stays and is looked at again.
"""

import argparse
import asyncio
import json
import re
import sqlite3
import sys
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg

from fedishare.foundation.db.migrations import migrate
from fedishare.foundation.db.queries import Query
from tests.bench.size import world
from tests.engines import Cluster

LARGE = 5_000
"""Rows. A table with fewer is read whole before an index is looked at, and rightly."""
A_PAGE = 50
SORTED = 500
"""Rows that may be sorted where only a page of them is wanted."""
_SCANNED = re.compile(r"^SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?")
_SEARCHED = re.compile(r"^SEARCH \w+ USING (?:COVERING )?INDEX (\w+) \((.*)\)$")
_NAMED = re.compile(
    r"\b(?:from|join|update|into)\s+(\w+)(?:\s+(?!(?:set|where|on|join|left|cross|order)\b)(\w+))?", re.I
)
_HOLDS_BACK = frozenset({"Sort", "Hash", "Aggregate"})
Statistics = Mapping[str, Sequence[int]]
"""Of each index of SQLite: how many entries, and how many of them share the first column, the first two, and so on."""


def sizes(rows: int) -> dict[str, int]:
    """Of everything as much as goes with so many listings, and rarely less than is large."""
    most = {kind: max(rows, 2 * LARGE) for kind in world.KINDS}
    return most | {"followers": max(rows // 10, 8 * LARGE), "partners": rows // 200, "posts": max(rows // 4, 2 * LARGE)}


def analyzed(path: Path) -> Statistics:
    """What SQLite would know, and does not afterwards; a connection that is open keeps what it has read."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("analyze")
        found = db.execute("select idx, stat from sqlite_stat1 where idx is not null").fetchall()
        for (table,) in db.execute("select name from sqlite_schema where name glob 'sqlite_stat[0-9]'").fetchall():
            db.execute(f"drop table {table}")
    return {index: [int(part) for part in stat.split() if part.isdecimal()] for index, stat in found}


def sqlite_faults(connection: sqlite3.Connection, query: Query, known: Statistics, large: Collection[str]) -> list[str]:
    plan = connection.execute(f"explain query plan {query.sqlite}", dict.fromkeys(query.names)).fetchall()
    steps = [step for *_, step in plan]
    names = {alias or table: table for table, alias in _NAMED.findall(query.sqlite)}
    ends_early = re.search(r"\blimit\b", query.sqlite) is not None
    faults = []
    for step in steps:
        if found := _SCANNED.match(step):
            walked = known.get(found[2] or "", [LARGE])[0]
            if names.get(found[1], found[1]) in large and walked >= LARGE and not (found[2] and ends_early):
                faults.append(step)
    met = max(_rows(steps, known), default=0)
    if ends_early and "USE TEMP B-TREE FOR ORDER BY" in steps and met > SORTED:
        faults.append(f"sorts {met} rows: {'; '.join(steps)}")
    if not ends_early and met > LARGE:
        faults.append(f"meets {met} rows: {'; '.join(steps)}")
    return faults


def _rows(steps: Iterable[str], known: Statistics) -> Iterator[int]:
    """How many rows each step that searches an index meets for one set of values."""
    for step in steps:
        if (found := _SEARCHED.match(step)) and (entries := known.get(found[1])):
            yield entries[min(found[2].count("=?"), len(entries) - 1)]


async def postgres_faults(connection: asyncpg.Connection, query: Query, large: Collection[str]) -> list[str]:
    await connection.execute("set plan_cache_mode = force_generic_plan")
    text, count = _with_pages(query.postgres)
    await connection.execute(f"prepare hot as {text}")
    values = f"({', '.join(['null'] * count)})" if count else ""
    try:
        told = await connection.fetchval(f"explain (format json) execute hot{values}")
    finally:
        await connection.execute("deallocate hot")
    plan = json.loads(told)[0]["Plan"]
    return list(_faults(plan, large, wanted=plan["Plan Rows"], page=False, ends_early=False))


def _with_pages(text: str) -> tuple[str, int]:
    """With the length of a page where the query takes one, and how many other values it takes. PostgreSQL would guess
    a tenth of all."""
    paged = re.sub(r"\blimit \$\d+", f"limit {A_PAGE}", text)
    left = sorted({int(number) for number in re.findall(r"\$(\d+)", paged)})
    places = {number: place for place, number in enumerate(left, start=1)}
    return re.sub(r"\$(\d+)", lambda found: f"${places[int(found[1])]}", paged), len(left)


def _faults(
    node: Mapping[str, Any], large: Collection[str], *, wanted: int, page: bool, ends_early: bool
) -> Iterator[str]:
    """`wanted` rows are what the query gives: whoever gives so many may read them all. `page`: something above wants
    some rows alone; `ends_early`: and nothing between needs all of them."""
    kind, table, inner = node["Node Type"], node.get("Relation Name", ""), node.get("Plans", [])
    whole = kind == "Seq Scan" or (kind in ("Index Scan", "Index Only Scan") and "Index Cond" not in node)
    in_vain = kind == "Seq Scan" or (not ends_early and node["Plan Rows"] >= LARGE)
    if whole and in_vain and table in large and wanted < LARGE // 2:
        yield f"{kind} on {table}"
    if kind == "Sort" and page and inner[0]["Plan Rows"] > SORTED:
        yield f"sorts {inner[0]['Plan Rows']} rows by {', '.join(node['Sort Key'])}"
    page = page or kind == "Limit"
    ends_early = (ends_early or kind == "Limit") and kind not in _HOLDS_BACK
    for each in inner:
        # A merge that costs less than one of its sides stops before the end of it.
        stops = kind == "Merge Join" and node["Total Cost"] < each["Total Cost"]
        yield from _faults(each, large, wanted=wanted, page=page, ends_early=ends_early or stops)


def large_in_sqlite(connection: sqlite3.Connection) -> set[str]:
    tables = [name for (name,) in connection.execute("select name from sqlite_schema where type = 'table'")]
    counts = {name: f"select count(*) from (select 1 from {name} limit {LARGE})" for name in tables}
    return {name for name, count in counts.items() if connection.execute(count).fetchone()[0] == LARGE}


async def large_in_postgres(connection: asyncpg.Connection) -> set[str]:
    rows = await connection.fetch("select relname from pg_class where relkind = 'r' and reltuples >= $1", LARGE)
    return {row[0] for row in rows}


def slow_in_sqlite(path: Path, queries: Iterable[tuple[str, Query]]) -> dict[str, list[str]]:
    """Faults by the name of the query."""
    known = analyzed(path)
    with closing(sqlite3.connect(path)) as db:
        large = large_in_sqlite(db)
        return {name: found for name, query in queries if (found := sqlite_faults(db, query, known, large))}


async def slow_in_postgres(url: str, queries: Iterable[tuple[str, Query]]) -> dict[str, list[str]]:
    connection = await asyncpg.connect(url)
    try:
        large = await large_in_postgres(connection)
        return {name: found for name, query in queries if (found := await postgres_faults(connection, query, large))}
    finally:
        await connection.close()


def main() -> int:
    options = _options()
    # The list of queries is the tests': they know which filters the code may ask for.
    from tests.test_queries import all_queries

    hot = [(str(named), named.query) for named in all_queries() if named.query.hot]
    with tempfile.TemporaryDirectory(prefix="fedishare-plans-") as passing:
        folder: Path = options.folder or Path(passing)
        folder.mkdir(parents=True, exist_ok=True)
        slow = {f"sqlite: {name}": found for name, found in _on_sqlite(folder, options.rows, hot).items()}
        slow |= {f"postgres: {name}": found for name, found in _on_postgres(options.rows, hot).items()}
    for name, found in slow.items():
        print(name, *found, sep="\n    ")
    print(f"{len(hot)} hot queries on {options.rows} rows and two engines: {len(slow)} read or sort too much")
    return 1 if slow else 0


def _on_sqlite(folder: Path, rows: int, hot: Iterable[tuple[str, Query]]) -> dict[str, list[str]]:
    path = folder / f"{rows}.db"
    if not path.exists():
        asyncio.run(_seeded(f"sqlite://{path}", rows))
    return slow_in_sqlite(path, hot)


def _on_postgres(rows: int, hot: Iterable[tuple[str, Query]]) -> dict[str, list[str]]:
    with tempfile.TemporaryDirectory(prefix="fedishare-pg-") as folder:
        cluster = Cluster(Path(folder))
        try:
            cluster.start()
            url = cluster.create()
            asyncio.run(_seeded(url, rows))
            return asyncio.run(slow_in_postgres(url, hot))
        finally:
            cluster.stop()


async def _seeded(url: str, rows: int) -> None:
    await migrate(url, say=lambda text, values: None)
    await world.whole(url, sizes(rows))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--rows", type=int, default=1_000_000, help="stored listings, and as much of the rest (1,000,000)"
    )
    parser.add_argument("--folder", type=Path, help="where the SQLite file is kept for the next time")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
