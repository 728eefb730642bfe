"""What a proposal of others costs on the disk for good, with all that is remembered of the activity that brought it."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

from tests.bench.rows.inbox import all_the_way, things_of
from tests.bench.rows.measuring import Row
from tests.bench.rows.running import Bench, ask, serving
from tests.servers import Server

PROPOSALS = 2_000
KEPT = "select count(*) from proposal where origin <> 'here'"
RAW = "select sum(length(o.json)) from object o join proposal p on p.id = o.id where p.origin <> 'here'"


@contextmanager
def per_proposal(bench: Bench, engine: str) -> Iterator[Sequence[Row]]:
    """Against the JSON as it came. Measured once for all rounds: bytes do not tremble."""
    town = bench.town("disk", engine=engine)
    things = things_of(town, bench)
    count = bench.count(PROPOSALS)
    sizes: list[int] = []
    with serving(town):
        all_the_way(town, things, count, "proposal=100", when_known=lambda: sizes.append(size_of(town, spoiled=False)))
    kept, raw = ask(town, KEPT), ask(town, RAW)
    grown = size_of(town, spoiled=bench.spoiled) - sizes[0]
    yield [
        Row(
            job="disk per remote proposal",
            engine=engine,
            unit="bytes",
            must=2.0,
            most=True,
            measure=lambda: grown / kept,
            floor=lambda: raw / kept,
        )
    ]


def size_of(town: Server, *, spoiled: bool) -> int:
    """Of the database, without what is free in it. Spoiled: with a second copy of every document."""
    if "FEDISHARE_DATABASE_URL" in town.settings:
        return ask(town, "select pg_database_size(current_database())")
    with closing(sqlite3.connect(town.data / "fedishare.db")) as db:
        if spoiled:
            db.execute("create table ballast as select json, json as again from object")
        db.execute("pragma wal_checkpoint(truncate)")
        (pages,) = db.execute("pragma page_count").fetchone()
        (free,) = db.execute("pragma freelist_count").fetchone()
        (size,) = db.execute("pragma page_size").fetchone()
    return int((pages - free) * size)
