"""What the migrations' runner does to a PostgreSQL database."""

from typing import Any, Self

from fedishare.foundation.db.postgres_driver import connect, errors, translated
from fedishare.foundation.db.queries import Engine
from fedishare.foundation.db.steps import Done, Step, statements
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.crashing import reached

# Any number that nobody else uses in this database: "fedishare" as the start of its bytes.
_LOCK = int.from_bytes(b"fedishar") >> 1
_TABLE = """
create table if not exists schema_version (
  version integer primary key, name text not null, checksum text not null, applied_at bigint not null
)"""


class PostgresSchema:
    """One connection; the runners' lock is the session's, so a dead runner's is given back by the server."""

    engine: Engine = "postgres"

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    @classmethod
    async def open(cls, url: str) -> Self:
        """Raises Misconfigured when the server refuses us or is not there."""
        return cls(await connect(url))

    async def lock(self) -> None:
        """Wait for other runners, then make sure there is a table to write the steps in."""
        # However long the other one's steps take: the usual limit on waiting does not hold here.
        await self._told(self._connection.execute("set lock_timeout = 0"))
        await self._told(self._connection.execute("select pg_advisory_lock($1)", _LOCK))
        await self._told(self._connection.execute(_TABLE))

    async def done(self) -> dict[int, Done]:
        there = await self._told(self._connection.fetchval("select to_regclass('schema_version') is not null"))
        if not there:
            return {}
        rows = await self._told(self._connection.fetch("select version, name, checksum from schema_version"))
        return {version: Done(version=version, name=name, checksum=sum_) for version, name, sum_ in rows}

    async def apply(self, step: Step, now: Instant) -> None:
        try:
            async with self._connection.transaction():
                for statement in statements(step.text):
                    await self._connection.execute(statement)
                    reached("migrating.statement")
                await self._connection.execute(
                    "insert into schema_version (version, name, checksum, applied_at) values ($1, $2, $3, $4)",
                    step.version,
                    step.name,
                    step.checksum,
                    now,
                )
        except errors() as error:
            raise translated(error) from error

    async def snapshot(self, version: int) -> None:
        """None: a copy of a server's database is its admin's to make."""

    async def close(self) -> None:
        await self._connection.close()

    async def _told(self, asked: Any) -> Any:
        try:
            return await asked
        except errors() as error:
            raise translated(error) from error
