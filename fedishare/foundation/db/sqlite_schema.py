"""What the migrations' runner does to an SQLite file."""

import asyncio
import fcntl
import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from fedishare.foundation.db.address import file_of
from fedishare.foundation.db.queries import Engine
from fedishare.foundation.db.sqlite_file import connect, translated
from fedishare.foundation.db.steps import Done, Step, statements
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.crashing import reached

_TABLE = """
create table if not exists schema_version (
  version integer primary key, name text not null, checksum text not null, applied_at bigint not null
)"""


class SqliteSchema:
    """One connection. A runner holds the lock file too: the system gives it back when the runner dies."""

    engine: Engine = "sqlite"

    def __init__(self, url: str) -> None:
        """Raises Misconfigured when the file cannot be used. A new one is readable by us alone: it holds secrets."""
        self._path = file_of(url)
        if self._path.parent.is_dir() and not self._path.exists():
            self._path.touch(mode=0o600)
        self._connection = connect(self._path)
        # PostgreSQL has it, and a step may need the same value on both.
        self._connection.create_function("sha256", 1, _sha256, deterministic=True)
        self._lock = -1

    async def lock(self) -> None:
        """Wait for other runners, then make sure there is a table to write the steps in."""
        self._lock = os.open(self._path.with_name(self._path.name + ".migrating"), os.O_CREAT | os.O_RDWR, 0o600)
        await asyncio.to_thread(fcntl.flock, self._lock, fcntl.LOCK_EX)
        with _told():
            self._connection.execute(_TABLE)

    async def done(self) -> dict[int, Done]:
        with _told():
            there = self._connection.execute("select 1 from sqlite_schema where name = 'schema_version'").fetchone()
            rows = self._connection.execute("select version, name, checksum from schema_version") if there else ()
            return {version: Done(version=version, name=name, checksum=sum_) for version, name, sum_ in rows}

    async def apply(self, step: Step, now: Instant) -> None:
        with _told():
            self._connection.execute("begin immediate")
            try:
                # One by one: sqlite3's `executescript` would commit before it begins.
                for statement in statements(step.text):
                    self._connection.execute(statement)
                    reached("migrating.statement")
                self._connection.execute(
                    "insert into schema_version (version, name, checksum, applied_at) values (?, ?, ?, ?)",
                    (step.version, step.name, step.checksum, now),
                )
                self._connection.execute("commit")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("rollback")

    async def snapshot(self, version: int) -> str:
        """A copy of the file as it is before `version`; it holds secrets, so it is ours alone from its first byte."""
        kept = self._path.with_name(f"{self._path.name}.before-{version:04}")
        part = kept.with_name(kept.name + ".part")
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with _told():
            self._connection.execute("vacuum into ?", (str(part),))
        part.rename(kept)
        return str(kept)

    async def close(self) -> None:
        self._connection.close()
        if self._lock >= 0:
            os.close(self._lock)


def _sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise translated(error) from error
