"""What an operation of 8 inserts costs on each way to the database, and what a read costs: CPU of this process.

    python -m tests.foundation.db.bench_writer [--operations 20000] [--callers 64]

HOUSE "Concurrency" says tens of microseconds for an operation that the writer steps, against half a millisecond when
each statement hops to a thread. The last line is that hop, measured here, so that the first can be seen to be better.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiosqlite
from msgspec import Struct

from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.db.database import open_database
from fedishare.foundation.db.queries import parse
from fedishare.foundation.db.sqlite_file import connect

SQL = parse(
    """
-- put
insert into thing (id, owner, name, value, seen) values (:id, :owner, :name, :value, :seen)

-- page
select id, owner, name, value, seen from thing where id >= :first order by id limit 20
""",
    source=Path(__file__),
)
INSERTS = 8


class Thing(Struct, frozen=True, kw_only=True):
    id: int
    owner: int
    name: str
    value: str
    seen: bool


async def put(tx: Tx, number: int) -> None:
    for part in range(INSERTS):
        await tx.run(SQL["put"], id=number * INSERTS + part, owner=number, name="a name", value="a value", seen=True)


async def page(read: Read, first: int) -> list[Thing]:
    return await read.all(Thing, SQL["page"], first=first)


async def hopping(connection: aiosqlite.Connection, number: int) -> None:
    """The same operation through a thread hop a statement: what the writer is there to avoid."""
    for part in range(INSERTS):
        values = {"id": number * INSERTS + part, "owner": number, "name": "a name", "value": "a value", "seen": True}
        await connection.execute_fetchall(SQL["put"].sqlite, values)


async def measured(what: str, operations: int, callers: int, call: Callable[[int], Awaitable[object]]) -> float:
    """Microseconds of CPU for each of `operations`, done by `callers` at a time; printed, too."""

    async def share(first: int) -> None:
        for number in range(first, operations, callers):
            await call(number)

    cpu, wall = time.process_time(), time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for first in range(callers):
            group.create_task(share(first))
    cpu_us, wall_us = ((time.process_time() - cpu) * 1e6, (time.perf_counter() - wall) * 1e6)
    print(f"{what:34} {cpu_us / operations:8.1f} us CPU  {wall_us / operations:8.1f} us  each")
    return cpu_us / operations


def fresh(folder: str, name: str) -> str:
    path = Path(folder) / name
    connection = connect(path)
    connection.execute("create table thing (id integer primary key, owner bigint, name text, value text, seen boolean)")
    connection.close()
    return f"sqlite://{path}"


async def stepped(operations: int, callers: int) -> float:
    """Our way: the writer's thread runs the whole operation."""
    with tempfile.TemporaryDirectory() as folder:
        database = await open_database(fresh(folder, "stepped.db"))
        cost = await measured(f"8 inserts, {callers} callers", operations, callers, lambda n: database.write(put, n))
        await measured("20 rows read into structs", operations, 1, lambda n: database.read(page, n))
        await database.close()
        return cost


async def hopped(operations: int) -> float:
    """Every statement waits for a thread, in one transaction without a COMMIT."""
    with tempfile.TemporaryDirectory() as folder:
        path = fresh(folder, "hopped.db").removeprefix("sqlite://")
        async with aiosqlite.connect(path, isolation_level=None) as connection:
            await connection.execute("begin")
            return await measured("8 inserts, a hop each", operations, 1, lambda n: hopping(connection, n))


async def main(operations: int, callers: int) -> None:
    await stepped(operations, callers)
    await stepped(operations // 10, 1)
    await hopped(operations // 10)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--operations", type=int, default=20_000)
    parser.add_argument("--callers", type=int, default=64)
    options = parser.parse_args()
    asyncio.run(main(options.operations, options.callers))
