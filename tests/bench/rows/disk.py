"""What a proposal of others costs on the disk for good, with all that is remembered of the activity that brought it."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

import asyncpg

from tests.bench.rows.inbox import all_the_way, things_of
from tests.bench.rows.measuring import Row
from tests.bench.rows.running import BENCH, Bench, ask, serving
from tests.servers import Server

PROPOSALS = 2_000
TOLD = 8
"""Tables and indexes that are printed: those that grew most."""
KEPT = "select count(*) from proposal where origin <> 'here'"
AS_THEY_CAME = """
import json, random, sys
from activities import proposal
from origin import Actor
rng, actor = random.Random(1), Actor("http://127.0.1.10:40583/users/70592849", "70592849", "127.0.1.10:40583", 0)
documents = [proposal(rng, actor, f"705928-{number}") for number in range(1000, 2000)]
print(sum(len(json.dumps(one, ensure_ascii=False, separators=(",", ":")).encode()) for one in documents))
"""
"""A thousand of those that are sent, with addresses as long as theirs. Their `@context` is of the activity, and is not
counted: a listing's bytes alone are the floor."""

WHOLLY_FREE = 8_000
"""Bytes of a page of 8,192 with no row in it."""
IN_POSTGRES = """
select c.relname::text, pg_relation_size(c.oid) + coalesce(pg_total_relation_size(nullif(c.reltoastrelid, 0)), 0)
  - case c.relkind when 'r' then
      8192 * (select count(*) from pg_freespace(c.oid) f where f.avail > $1) else 0 end as size
from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'i')
"""


@contextmanager
def per_proposal(bench: Bench, engine: str) -> Iterator[Sequence[Row]]:
    """Against the JSON as it came. Measured once for all rounds: bytes do not tremble."""
    town = bench.town("disk", engine=engine)
    things = things_of(town, bench)
    count = bench.count(PROPOSALS)
    before: dict[str, int] = {}
    with serving(town):
        all_the_way(town, things, count, "proposal=100", when_known=lambda: before.update(sizes_of(town)))
    kept = ask(town, KEPT)
    if bench.spoiled:
        ask(town, "create table ballast as select * from proposal")
        ask(town, "insert into ballast select * from ballast")
    grown = {name: size - before.get(name, 0) for name, size in sizes_of(town).items()}
    for name in sorted(grown, key=lambda name: -grown[name])[:TOLD]:
        print(f"  disk: {grown[name] / kept:6.0f} bytes of {name}")
    raw = as_they_came()
    yield [
        Row(
            job="disk per remote proposal",
            engine=engine,
            unit="bytes",
            must=2.0,
            most=True,
            measure=lambda: sum(grown.values()) / kept,
            floor=lambda: raw,
        )
    ]


def as_they_came() -> float:
    """The mean bytes of a listing as another server writes it."""
    done = subprocess.run([sys.executable, "-c", AS_THEY_CAME], cwd=BENCH, capture_output=True, text=True, check=True)
    return int(done.stdout) / 1000


def sizes_of(town: Server) -> dict[str, int]:
    """Bytes of each table and index, without pages that are free for what comes next."""
    if url := town.settings.get("FEDISHARE_DATABASE_URL"):
        return asyncio.run(_in_postgres(url))
    with closing(sqlite3.connect(town.data / "fedishare.db")) as db:
        db.execute("pragma wal_checkpoint(truncate)")
        if db.execute("select 1 from pragma_compile_options where compile_options = 'ENABLE_DBSTAT_VTAB'").fetchone():
            return dict(db.execute("select name, sum(pgsize) from dbstat group by name"))
        (pages,) = db.execute("pragma page_count").fetchone()
        (free,) = db.execute("pragma freelist_count").fetchone()
        (size,) = db.execute("pragma page_size").fetchone()
    return {"the whole file": (pages - free) * size}


async def _in_postgres(url: str) -> dict[str, int]:
    """After a vacuum, which the server does by itself within minutes."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("create extension if not exists pg_freespacemap")
        await connection.execute("vacuum")
        return {name: int(size) for name, size in await connection.fetch(IN_POSTGRES, WHOLLY_FREE)}
    finally:
        await connection.close()
