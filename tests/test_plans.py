"""Each hot query on full tables, on both engines: none reads or sorts more than it gives.

The long form looks at a million rows: `python -m tests.bench.size.plans`.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest

from fedishare.foundation.db.queries import Query
from tests.bench.size import plans, world
from tests.engines import on_each_engine
from tests.test_queries import all_queries

ROWS = 20_000


def hot() -> list[tuple[str, Query]]:
    return [(str(named), named.query) for named in all_queries() if named.query.hot]


async def slow(database_url: str) -> dict[str, list[str]]:
    if database_url.startswith("sqlite"):
        return plans.slow_in_sqlite(Path(database_url.removeprefix("sqlite://")), hot())
    return await plans.slow_in_postgres(database_url, hot())


async def change(database_url: str, statement: str) -> None:
    if database_url.startswith("sqlite"):
        with closing(sqlite3.connect(database_url.removeprefix("sqlite://"))) as db, db:
            db.execute(statement)
        return
    connection = await asyncpg.connect(database_url)
    await connection.execute(statement)
    await connection.close()


@pytest.fixture
async def full_url(database_url: str) -> str:
    """A database with some ten thousand rows in each table that grows."""
    await world.whole(database_url, plans.sizes(ROWS))
    return database_url


@on_each_engine
async def test_no_hot_query_reads_or_sorts_more_than_it_gives(full_url: str):
    assert await slow(full_url) == {}


@on_each_engine
async def test_a_query_whose_index_is_gone_is_noticed(full_url: str):
    await change(full_url, "drop index delivery_topic")

    assert "federation/outbox/queries.sql: give_up_inbox" in await slow(full_url)


async def test_the_index_that_made_a_queue_slow_is_noticed(full_url: str):
    """SQLite took it for whatever begins with the state, so that a lease read the queue to its end (0027)."""
    await change(full_url, "create index activity_in_state on activity_in (state, id)")

    assert "federation/inbox/queries.sql: lease_fresh" in await slow(full_url)
