"""Both databases, real and empty of everything but the schema, for whoever tests on them.

A test that takes `database` runs on SQLite; under `@on_each_engine` it runs on both. PostgreSQL is a cluster of this
test process: started at the first need on a socket in a folder of its own, ended with the process. Each test gets a
copy of a migrated template, which costs milliseconds.
"""

import asyncio
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import asyncpg
import pytest

from fedishare.foundation.db.database import Database, open_database
from fedishare.foundation.db.migrations import migrate

on_each_engine = pytest.mark.parametrize(
    "engine", ["sqlite", pytest.param("postgres", marks=pytest.mark.real)], indirect=True
)
on_postgres = pytest.mark.parametrize("engine", [pytest.param("postgres", marks=pytest.mark.real)], indirect=True)
Empty = Callable[[], str]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", default="sqlite", help="the database of tests that do not choose: sqlite or postgres")


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """SQLite unless the test, or `--engine postgres`, says otherwise."""
    return getattr(request, "param", request.config.getoption("engine"))


@pytest.fixture
def empty_url(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database in which there is nothing at all."""
    if engine == "sqlite":
        yield f"sqlite://{tmp_path}/empty.db"
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    url = cluster.create()
    yield url
    cluster.drop(url)


@pytest.fixture
def database_url(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database with the schema of today and no rows but those of the migrations."""
    if engine == "sqlite":
        path = tmp_path / "fedishare.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite://{path}"
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    url = cluster.create(template=request.getfixturevalue("postgres_template"))
    yield url
    cluster.drop(url)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Open, and closed after the test."""
    opened = await open_database(database_url)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    asyncio.run(migrate(f"sqlite://{path}", say=lambda text, values: None))
    return path


@pytest.fixture(scope="session")
def postgres_template(cluster: "Cluster") -> str:
    url = cluster.create()
    asyncio.run(migrate(url, say=lambda text, values: None))
    return url.partition("?")[0].rpartition("/")[2]


@pytest.fixture(scope="session")
def cluster() -> Iterator["Cluster"]:
    with tempfile.TemporaryDirectory(prefix="fedishare-pg-") as folder:
        started = Cluster(Path(folder))
        try:
            started.start()
            yield started
        finally:
            started.stop()


class Cluster:
    """A PostgreSQL 15 server of our own. As root it runs as `postgres`, because initdb refuses root."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self._made = 0
        self._as = _postgres_account()
        if self._as:
            os.chown(folder, self._as.pw_uid, self._as.pw_gid)

    def start(self) -> None:
        self._run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        # Throw-away: what a crash of the machine would lose is of no interest here, that of a process is kept.
        settings = f"""
            listen_addresses = ''
            unix_socket_directories = '{self.folder}'
            fsync = off
            autovacuum = off
            full_page_writes = off
            max_connections = 200
            shared_buffers = 32MB
        """
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(settings)
        self.launch()

    def launch(self) -> None:
        self._run("pg_ctl", "-D", self.data, "-w", "-l", self.folder / "log", "start")

    def stop(self) -> None:
        if (self.data / "postmaster.pid").exists():
            self._run("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop", check=False)

    def restart(self) -> None:
        """As an admin does: connections are cut."""
        self._run("pg_ctl", "-D", self.data, "-m", "fast", "-w", "-l", self.folder / "log", "restart")

    def url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def create(self, *, template: str = "template0") -> str:
        """A new database; gives its address."""
        self._made += 1
        name = f"test_{self._made}"
        self.ask(f"create database {name} template {template}")
        return self.url(name)

    def drop(self, url: str) -> None:
        name = url.partition("?")[0].rpartition("/")[2]
        self.ask(f"drop database if exists {name} with (force)")

    def ask(self, statement: str) -> None:
        self.ask_in(self.url("postgres"), statement)

    def ask_in(self, url: str, statement: str) -> None:
        asyncio.run(self._ask(url, statement))

    async def _ask(self, url: str, statement: str) -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def _run(self, program: str, *arguments: object, check: bool = True) -> None:
        found = _program(program)
        subprocess.run(
            [found, *map(str, arguments)],
            check=check,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            user=self._as.pw_uid if self._as else None,
            group=self._as.pw_gid if self._as else None,
            extra_groups=[] if self._as else None,
            timeout=60,
        )


def _program(name: str) -> str:
    found = shutil.which(name, path=f"/usr/lib/postgresql/15/bin{os.pathsep}{os.environ.get('PATH', '')}")
    if found is None:
        pytest.fail(f"{name} is not installed: apt-get install postgresql-15")
    return found


def _postgres_account() -> pwd.struct_passwd | None:
    return pwd.getpwnam("postgres") if os.geteuid() == 0 else None
