"""Who waits for work hears of it after COMMIT, from this process and from others."""

import asyncio
from pathlib import Path

import pytest

from fedishare.foundation.db.access import Tx
from fedishare.foundation.db.database import Database, open_database
from fedishare.foundation.db.postgres_wakes import Ear
from fedishare.foundation.db.queries import parse
from fedishare.foundation.db.wakes import Wakes
from tests.engines import on_each_engine, on_postgres

PUT = parse("-- put\ninsert into setting (name, value) values (:name, '')", source=Path(__file__))["put"]


async def put_and_wake(tx: Tx, name: str, whom: str = "inbox") -> None:
    tx.wake(whom)
    await tx.run(PUT, name=name)


def bell(database: Database, whom: str) -> asyncio.Event:
    rung = asyncio.Event()
    database.on_wake(whom, rung.set)
    return rung


@on_each_engine
async def test_the_one_who_is_meant_is_woken(database: Database):
    await asyncio.sleep(0.3)
    inbox, jobs = bell(database, "inbox"), bell(database, "jobs")

    await database.write(put_and_wake, "a")

    await asyncio.wait_for(inbox.wait(), 2)
    assert not jobs.is_set()


@on_each_engine
async def test_a_refused_operation_wakes_nobody(database: Database):
    await asyncio.sleep(0.3)
    inbox = bell(database, "inbox")
    await database.write(put_and_wake, "a", "jobs")

    with pytest.raises(Exception, match="setting_pkey"):
        await database.write(put_and_wake, "a")

    await asyncio.sleep(0.3)
    assert not inbox.is_set()


@on_each_engine
async def test_what_another_process_wrote_wakes_too(database: Database, database_url: str):
    await asyncio.sleep(0.3)
    inbox = bell(database, "inbox")
    other = await open_database(database_url, direct=True)
    await other.write(put_and_wake, "from the command line")
    await other.close()

    await asyncio.wait_for(inbox.wait(), 2)


@on_postgres
async def test_hints_lost_with_their_connection_are_made_up_for(database: Database, cluster):
    await asyncio.sleep(0.3)
    inbox = bell(database, "inbox")

    await asyncio.to_thread(cluster.restart)

    await asyncio.wait_for(inbox.wait(), 15)


@on_postgres
async def test_who_is_told_nothing_looks_for_themselves_now_and_then(database: Database, database_url: str):
    """Rules and keys in the memory of a process must not outlive a hint that was lost."""
    wakes, rung = Wakes(), asyncio.Event()
    ear = Ear(database_url, wakes, look_s=0.2)
    wakes.on("inbox", rung.set)
    await asyncio.wait_for(rung.wait(), 5)  # when it begins to listen

    for _ in range(2):
        rung.clear()
        await asyncio.wait_for(rung.wait(), 5)

    await ear.close()
