"""One real server process for each engine, for all who attack its front: fedi.test, as it stands behind its proxy."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.attacks.http.wire import Door
from tests.engines import Cluster
from tests.servers import Server

BASE_URL = "https://fedi.test"
Doors = Callable[[str], Door]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever knocks at a door needs a server process of its own."""
    for item in items:
        if "door" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.real)


@pytest.fixture
def door(engine: str, doors: Doors) -> Door:
    return doors(engine)


@pytest.fixture(scope="session")
def doors(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Doors]:
    """By the name of the engine; started at the first need. Limits of requests are off: the front's own stay."""
    started: dict[str, Door] = {}

    def door(engine: str) -> Door:
        if engine not in started:
            database_url = None
            if engine == "postgres":
                cluster: Cluster = request.getfixturevalue("cluster")
                database_url = cluster.create(template=request.getfixturevalue("postgres_template"))
            started[engine] = _opened(tmp_path_factory.mktemp(f"front-{engine}"), database_url)
        return started[engine]

    yield door
    codes = [each.server.stop() for each in started.values()]
    assert codes == [0] * len(codes), "a server did not end well"


def _opened(folder: Path, database_url: str | None) -> Door:
    settings = {"FEDISHARE_LIMITS": "off"}
    server = Server(folder, base_url=BASE_URL, database_url=database_url, settings=settings).init("La Remise")
    server.start()
    return Door(server)
