"""On PostgreSQL the waiting work may be another process's: a server that only answers, and workers beside it."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.figures import Figure
from tests.processes import Program, eventually
from tests.servers import Server

pytestmark = pytest.mark.real


class Towns(NamedTuple):
    """La Remise's server does not work; Le Hangar is an ordinary one."""

    remise: Server
    hangar: Server


@pytest.fixture
def towns(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Towns]:
    url = request.getfixturevalue("cluster").create()
    with ExitStack() as ends:
        remise = Server(tmp_path / "remise", database_url=url, settings={"FEDISHARE_WORKER": "off"}).init("La Remise")
        hangar = Server(tmp_path / "hangar").init("Le Hangar", admin="tomasz")
        for server in (remise, hangar):
            server.start()
            ends.callback(server.stop)
        yield Towns(remise, hangar)


def worker(server: Server, name: str) -> Program:
    return Program(server.command("worker"), log=server.folder / f"{name}.log", env=server.env)


def waiting(server: Server) -> int:
    return int(server.rows("queue", "stats")[0]["inbox_waiting"])


def followed(server: Server) -> list[str]:
    return [row["state"] for row in server.rows("follow", "list") if row["direction"] == "following"]


@pytest.mark.timeout(240)
def test_what_came_in_waits_for_a_worker_and_two_share_the_work(towns: Towns, figure: Figure) -> None:
    towns.hangar.cli("follow", "add", f"@association@{towns.remise.near_url.split('//')[1]}", "--as", "association")
    eventually(lambda: waiting(towns.remise) == 1, seconds=20, what="the Follow has arrived", every=0.2)
    assert followed(towns.hangar) == ["pending"]

    begin = time.perf_counter()
    first, second = worker(towns.remise, "first"), worker(towns.remise, "second")
    try:
        eventually(lambda: followed(towns.hangar) == ["accepted"], seconds=30, what="a worker accepts", every=0.2)
        figure("workers started, to accepted", time.perf_counter() - begin, "s", at_most=30)
        assert waiting(towns.remise) == 0
    finally:
        codes = first.stop(), second.stop()
    assert codes == (0, 0), first.text() + second.text()
