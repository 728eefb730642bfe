"""What stands in the tables of a server, on either engine, while it runs or not: the torture's own eyes."""

import asyncio
import sqlite3
from contextlib import closing
from typing import Any

import asyncpg

from tests.servers import Server


def ask(town: Server, statement: str) -> list[tuple[Any, ...]]:
    """The rows. Raises AssertionError when an SQLite file is damaged."""
    url = town.settings.get("FEDISHARE_DATABASE_URL", "")
    if url:
        return asyncio.run(_ask_postgres(url, statement))
    with closing(sqlite3.connect(f"file:{town.data}/fedishare.db?mode=ro", uri=True, timeout=30)) as db:
        return [tuple(row) for row in db.execute(statement)]


def is_sound(town: Server) -> bool:
    """Whether SQLite finds nothing wrong in the file."""
    with closing(sqlite3.connect(f"file:{town.data}/fedishare.db?mode=ro", uri=True, timeout=30)) as db:
        return [row[0] for row in db.execute("pragma integrity_check")] == ["ok"]


async def _ask_postgres(url: str, statement: str) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(statement)]
    finally:
        await connection.close()
