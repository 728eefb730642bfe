"""One instance kept by several processes on one PostgreSQL: servers that only answer, and workers beside them.

Also copies of the program with a mistake in it, so that a recipe can be seen to fail.
"""

import asyncio
import random
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx

from tests.processes import ROOT, Program, eventually
from tests.servers import Server
from tests.torture.neighbours import Door
from tests.visitor import Visitor

Change = tuple[str, str, str]
"""A file of the package, what it reads once, what it reads instead; '' for its end."""


class Household:
    """A context manager. Processes have names: `server 1`, `worker 2`."""

    def __init__(
        self, folder: Path, url: str, *, servers: int = 2, workers: int = 3, changes: Sequence[Change] = ()
    ) -> None:
        self.url = url
        own = {"FEDISHARE_WORKER": "off", "FEDISHARE_LIMITS": "off"} | changed_copy(folder / "copy", changes)
        self.first = Server(folder / "one", database_url=url, settings=own).init("La Remise")
        shared = own | {"FEDISHARE_DATA": str(self.first.data)}
        others = [
            Server(folder / f"one{number}", base_url=self.first.base_url, database_url=url, settings=shared)
            for number in range(2, servers + 1)
        ]
        self.servers = [self.first, *others]
        self._workers: list[Program | None] = [None] * workers
        self._ends = ExitStack()

    @property
    def names(self) -> list[str]:
        return [f"server {n}" for n in range(len(self.servers))] + [f"worker {n}" for n in range(len(self._workers))]

    @property
    def doors(self) -> list[Door]:
        host = urlsplit(self.first.base_url).netloc
        return [Door(port=int(server.listen.rpartition(":")[2]), host=host) for server in self.servers]

    @property
    def nadia(self) -> str:
        return f"{self.first.base_url}/users/nadia"

    def __enter__(self) -> "Household":
        for name in self.names:
            self._ends.callback(self.kill, name)
            self.start(name)
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.close()

    def start(self, name: str) -> None:
        """Servers are ready when this returns; a worker begins on its own."""
        kind, number = name.split()
        if kind == "server":
            self.servers[int(number)].start()
            return
        log = self.first.folder / f"worker{number}.log"
        self._workers[int(number)] = Program(self.first.command("worker"), log=log, env=self.first.env)

    def program(self, name: str) -> Program:
        kind, number = name.split()
        found = self.servers[int(number)].process if kind == "server" else self._workers[int(number)]
        assert found is not None, f"{name} was never started"
        return found

    def kill(self, name: str) -> None:
        """SIGKILL."""
        self.program(name).kill()

    def running(self) -> list[str]:
        return [name for name in self.names if self.program(name).running]

    def rest(self, *, seconds: float) -> None:
        """Until nothing waits. Raises AssertionError when something still does, or was given up."""
        eventually(lambda: self.waiting() == 0, seconds=seconds, what="nothing waits", every=0.5)

    def waiting(self) -> int:
        (stats,) = self.first.rows("queue", "stats")
        assert stats["dead"] == 0, stats
        return int(stats["inbox_waiting"] + stats["deliveries_waiting"])

    def things(self, folder: Path, count: int) -> list[str]:
        """The association offers so many, before anybody follows it; their ids."""
        table = folder / "things.csv"
        lines = [f"offer,use,Chose {number},Une chose.,Lille" for number in range(count)]
        table.write_text("\n".join(["purpose,action,title,text,place", *lines]) + "\n")
        self.first.cli("proposal", "import", str(table), "--as", "association")
        return [str(row["id"]) for row in self.first.rows("proposal", "list", "--origin", "here")]

    def member(self) -> Visitor:
        """Nadia, signed in; each of her requests goes to any of the servers that stand."""
        ports = [door.port for door in self.doors]
        return Visitor(self.first.base_url, way=AnyDoor(ports)).sign_in()

    def ask(self, statement: str) -> list[Any]:
        return asyncio.run(_ask(self.url, statement))


class AnyDoor(httpx.BaseTransport):
    """A balancer in front of several servers: the next one takes what the first does not answer."""

    def __init__(self, ports: Sequence[int]) -> None:
        self._ports = list(ports)
        self._rng = random.Random(len(self._ports))
        self._inner = httpx.HTTPTransport(trust_env=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        ports = self._rng.sample(self._ports, len(self._ports))
        for port in ports[:-1]:
            try:
                return self._at(port, request)
            except httpx.ConnectError:
                continue
        return self._at(ports[-1], request)

    def _at(self, port: int, request: httpx.Request) -> httpx.Response:
        url = request.url.copy_with(port=port)
        return self._inner.handle_request(
            httpx.Request(request.method, url, headers=request.headers, stream=request.stream)
        )

    def close(self) -> None:
        self._inner.close()


async def _ask(url: str, statement: str) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(statement))
    finally:
        await connection.close()


def changed_copy(folder: Path, changes: Sequence[Change]) -> dict[str, str]:
    """The environment in which a copy of the package runs, with these changes; nothing for none.

    Raises AssertionError when there is not exactly one place for a change.
    """
    if not changes:
        return {}
    for name in ("fedishare", "migrations"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for file, old, new in changes:
        path = folder / file
        text = path.read_text()
        assert not old or text.count(old) == 1, f"{file} holds {text.count(old)} times: {old}"
        path.write_text(text.replace(old, new) if old else text + new)
    return {"PYTHONPATH": str(folder), "PYTHONSAFEPATH": "1"}
