"""What was acknowledged is on disk, whenever the process is killed; and no operation is there by half."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fedishare.foundation.db.access import Read
from fedishare.foundation.db.database import open_database
from fedishare.foundation.db.queries import parse
from tests.engines import on_each_engine

NAMES = parse("-- names\nselect name from setting", source=Path(__file__))["names"]
ROUNDS = 5
PROGRAM = Path(__file__).with_name("writing_process.py")


async def names(read: Read) -> set[str]:
    return {name for (name,) in await read.all(tuple, NAMES)}


def write_until_killed(url: str, first: int) -> set[int]:
    """What the process said was kept, up to a moment that nobody chose."""
    command = [sys.executable, "-m", "tests.foundation.db.writing_process", url, str(first)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    said = [process.stdout.readline()]
    time.sleep(random.uniform(0.05, 0.5))
    process.send_signal(signal.SIGKILL)
    said += process.stdout.readlines()
    assert process.wait() == -signal.SIGKILL
    # A line may be cut by the kill: then nobody was told.
    return {int(line) for line in said if line.endswith("\n")}


@pytest.mark.real
@on_each_engine
async def test_no_kill_loses_what_was_acknowledged(database_url: str):
    told: set[int] = set()
    for turn in range(ROUNDS):
        told |= write_until_killed(database_url, turn * 1_000_000)

    database = await open_database(database_url)
    kept = await database.read(names)
    await database.close()

    assert len(told) > 100, "nothing was acknowledged: the test says nothing"
    assert {number for number in told if f"{number}a" not in kept} == set()
    assert {name[:-1] for name in kept if name[-1] == "a"} == {name[:-1] for name in kept if name[-1] == "b"}
