"""What the tables hold, for tests that must see all of it: any question, and a digest of everything.

The package asks by named queries alone; here a test looks over its shoulder.
"""

import hashlib
from collections.abc import Collection
from pathlib import Path
from typing import Any

from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.db.database import Database
from fedishare.foundation.db.queries import Query, parse

_NO_STATE = frozenset({"schema_version", "sqlite_sequence"})
"""What the engines and the migrations keep about themselves."""


async def ask(db: Database, statement: str, **values: Any) -> list[tuple[Any, ...]]:
    """The rows of a statement, with `:name` for each value."""
    return await db.read(_rows, _query(statement), **values)


async def change(db: Database, statement: str, **values: Any) -> None:
    """Run a statement behind everybody's back, as a broken disk or a careless hand would."""
    await db.write(_run, _query(statement), **values)


async def dump(db: Database, *, without: Collection[str] = ()) -> dict[str, str]:
    """A digest of each table, whatever the order of its rows."""
    tables = await db.read(_tables)
    return {name: await _digest(db, name) for name in tables if name not in _NO_STATE and name not in without}


async def _digest(db: Database, table: str) -> str:
    rows = await ask(db, f"select * from {table}")
    return hashlib.sha256(repr(sorted(map(repr, rows))).encode()).hexdigest()


def _query(statement: str) -> Query:
    return parse(f"-- asked\n{statement}\n", source=Path(__file__))["asked"]


async def _rows(read: Read, query: Query, **values: Any) -> list[tuple[Any, ...]]:
    return await read.all(tuple, query, **values)


async def _run(tx: Tx, query: Query, **values: Any) -> int:
    return await tx.run(query, **values)


async def _tables(read: Read) -> list[str]:
    where = {
        "sqlite": "select name from sqlite_master where type = 'table' order by name",
        "postgres": "select table_name from information_schema.tables where table_schema = current_schema() order by 1",
    }
    return [row[0] for row in await read.all(tuple, _query(where[read.engine]))]
