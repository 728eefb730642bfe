"""Killed at any point, and started again: nothing that was answered is lost, and nothing has its effect twice.

Source: SECURITY 3.2, 3.3, R3. Each run is a process of its own that ends by SIGKILL; the database and what our peer saw
are all that is left of it.
"""

import asyncio
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest

from fedishare.federation.outbox import loop
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.db.database import open_database
from fedishare.foundation.db.queries import Query, parse
from tests.engines import on_each_engine
from tests.federation import crashing

RUNS = 4


@pytest.mark.real
@pytest.mark.parametrize(("point", "number"), [(point, n) for point, times in crashing.POINTS.items() for n in times])
@on_each_engine
async def test_nothing_is_lost_or_done_twice(database_url: str, tmp_path: Path, point: str, number: int) -> None:
    await _make_effects(database_url)

    ends = [await _run(database_url, tmp_path, 0, point, number)]
    while ends[-1] != 0 and len(ends) < RUNS:
        ends.append(await _run(database_url, tmp_path, len(ends), "nowhere", 1))

    assert ends == [-signal.SIGKILL, 0], "it was killed once and then came to its end"
    answered = _lines(tmp_path / "answered")
    assert len(answered) == crashing.ACTIVITIES
    effects = await _effects(database_url)
    assert Counter(effects) == dict.fromkeys(answered, 1)
    received = Counter(_lines(tmp_path / "received"))
    assert set(received) == set(answered)
    again = sum(received.values()) - len(received)
    assert again <= loop.EACH, "only what was on its way or not yet written down is sent again"


async def _run(url: str, folder: Path, run: int, point: str, number: int) -> int:
    arguments = [url, str(folder), str(run), point, str(number)]
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.federation.crashing", *arguments)
    async with asyncio.timeout(60):
        return await process.wait()


def _lines(path: Path) -> list[str]:
    return path.read_text().split()


def _query(statement: str) -> Query:
    return parse(f"-- asked\n{statement}\n", source=Path(__file__))["asked"]


async def _make_effects(url: str) -> None:
    database = await open_database(url)
    await database.write(_create)
    await database.close()


async def _create(tx: Tx) -> None:
    # No index: a second row must be seen, not refused.
    await tx.run(_query("create table effect (uri text)"))


async def _effects(url: str) -> list[str]:
    database = await open_database(url)
    rows = await database.read(_all_effects)
    await database.close()
    return rows


async def _all_effects(read: Read) -> list[str]:
    return [row[0] for row in await read.all(tuple, _query("select uri from effect"))]
