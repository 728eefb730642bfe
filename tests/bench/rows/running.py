"""What every row needs: our servers, the programs of the yardsticks beside them, and questions to the database.

Nothing here is of the package: servers are processes, spoken to through sockets and the command line.
"""

import asyncio
import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import asyncpg

from tests.bench import http1, measured
from tests.engines import Cluster
from tests.processes import Program, eventually, free_port
from tests.servers import Server

BENCH = Path(__file__).resolve().parent.parent
Json = dict[str, Any]
UNLIMITED = {"FEDISHARE_LIMITS": "off", "FEDISHARE_LOG_LEVEL": "warning"}

WAITING = (
    "select (select count(*) from activity_in where state = 'waiting') + "
    "(select count(*) from delivery where state = 'waiting')"
)


class ToolFailed(RuntimeError):
    """A program of the yardsticks did not do what the figure stands for."""


class SpoiledServer(Server):
    """The negative control: every allocation is traced, which takes time and memory that no row can hide."""

    def command(self, *arguments: str) -> list[str]:
        tracing = ["-X", "tracemalloc=16"] if arguments[0] == "serve" else []
        return [sys.executable, *tracing, "-m", "fedishare", *arguments]


@dataclass
class Bench:
    """One run of the table: where it keeps things, how much it does, what must end with it."""

    folder: Path
    ends: ExitStack
    spoiled: bool
    rows: int
    seconds: float
    scale: float
    _made: dict[str, Server] = field(default_factory=dict)

    def count(self, usual: int) -> int:
        return max(50, int(usual * self.scale))

    def town(self, name: str, *, engine: str = "sqlite", settings: Mapping[str, str] | None = None) -> Server:
        """A new instance, not started."""
        database = self.cluster.create() if engine == "postgres" else None
        kind = SpoiledServer if self.spoiled else Server
        folder = self.folder / f"{name}-{engine}"
        return kind(folder, database_url=database, settings=UNLIMITED | dict(settings or {})).init("La Remise")

    def once(self, name: str, make: Callable[[], Server]) -> Server:
        """A town that takes long to make, for all groups that need one like it."""
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    @cached_property
    def cluster(self) -> Cluster:
        """PostgreSQL as an administrator has it: what is committed is on disk."""
        folder = self.folder / "postgres"
        folder.mkdir()
        self.folder.chmod(0o755)
        cluster = Cluster(folder)
        self.ends.callback(cluster.stop)
        cluster.start()
        for setting in ("fsync = on", "full_page_writes = on", "shared_buffers = '256MB'"):
            cluster.ask(f"alter system set {setting}")
        cluster.restart()
        return cluster


@contextmanager
def serving(server: Server) -> Iterator[int]:
    """Its process, while it answers."""
    server.start()
    assert server.process is not None
    try:
        yield server.process.process.pid
    finally:
        server.stop()


@contextmanager
def floor(name: str, folder: Path, *arguments: str) -> Iterator[tuple[str, int]]:
    """A server of the yardsticks: its address and its process."""
    port = free_port()
    command = [sys.executable, str(BENCH / name), "--port", str(port), *arguments]
    program = Program(command, log=folder / f"{name}.log")
    base = f"http://127.0.0.1:{port}"
    try:
        asyncio.run(http1.wait_until_ready(base))
        yield base, program.process.pid
    finally:
        program.stop()


def tool(name: str, *arguments: str) -> Json:
    """Run one of the programs to its good end and return its last JSON line. Raises ToolFailed."""
    done = subprocess.run([sys.executable, str(BENCH / name), *arguments], capture_output=True, text=True, timeout=300)
    if done.returncode or not done.stdout:
        raise ToolFailed(f"{name}: exit {done.returncode}\n{done.stdout[-1000:]}\n{done.stderr[-2000:]}")
    made: Json = json.loads(done.stdout.splitlines()[-1])
    return made


def cpu_of(server: Server) -> float:
    """What all processes of a running server have used so far."""
    assert server.process is not None
    return measured.tree_cpu_seconds(server.process.process.pid)


def ask(server: Server, question: str) -> int:
    """One number from its database."""
    if url := server.settings.get("FEDISHARE_DATABASE_URL"):
        return asyncio.run(_ask_postgres(url, question))
    with closing(sqlite3.connect(server.data / "fedishare.db", timeout=30)) as db, db:
        found = db.execute(question).fetchone()
    return int(found[0]) if found and found[0] is not None else 0


async def _ask_postgres(url: str, question: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        return int(await connection.fetchval(question) or 0)
    finally:
        await connection.close()


def drained(server: Server, *, seconds: float = 120.0) -> None:
    """Nothing waits any more: all that came is applied, all that must go is sent. Jobs wait for their day."""
    eventually(lambda: ask(server, WAITING) == 0, seconds=seconds, what="empty queues", every=0.1)


def rested(server: Server, *, seconds: float = 0.5, at_most: float = 30.0) -> None:
    """Returns once it uses less than a twentieth of a core."""
    deadline = time.monotonic() + at_most
    while time.monotonic() < deadline:
        before = cpu_of(server)
        time.sleep(seconds)
        if cpu_of(server) - before < 0.05 * seconds:
            return
