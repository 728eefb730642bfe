"""A process to be killed: writes pairs of rows as fast as it can and prints a number only once it was told "kept"."""

import asyncio
import sys
from pathlib import Path

from fedishare.foundation.db.access import Tx
from fedishare.foundation.db.database import Database, open_database
from fedishare.foundation.db.queries import parse

PUT = parse("-- put\ninsert into setting (name, value) values (:name, :value)", source=Path(__file__))["put"]
CALLERS = 32


async def put_pair(tx: Tx, number: int) -> None:
    for half in "ab":
        await tx.run(PUT, name=f"{number}{half}", value="x" * 200)


async def keep_writing(database: Database, first: int) -> None:
    number = first
    while True:
        await database.write(put_pair, number)
        print(number, flush=True)
        number += CALLERS


async def main(url: str, first: int) -> None:
    database = await open_database(url)
    async with asyncio.TaskGroup() as callers:
        for caller in range(CALLERS):
            callers.create_task(keep_writing(database, first + caller))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
