"""Two associations that may become partners, and somebody who lies about them."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.features.partners.towns import Town, towns
from tests.remote import Person


@pytest.fixture
def urls(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """A database for each, with the schema of today."""
    if engine == "sqlite":
        files = [tmp_path / f"{name}.db" for name in ("remise", "hangar")]
        for file in files:
            shutil.copy(request.getfixturevalue("sqlite_template"), file)
        yield [f"sqlite://{file}" for file in files]
        return
    cluster, template = request.getfixturevalue("cluster"), request.getfixturevalue("postgres_template")
    made = [cluster.create(template=template) for _ in range(2)]
    yield made
    for url in made:
        cluster.drop(url)


@pytest.fixture
async def both(tmp_path: Path, urls: list[str]) -> AsyncIterator[tuple[Town, Town]]:
    async with towns(tmp_path, urls) as made:
        yield made


@pytest.fixture
def remise(both: tuple[Town, Town]) -> Town:
    return both[0]


@pytest.fixture
def hangar(both: tuple[Town, Town]) -> Town:
    return both[1]


@pytest.fixture
def mallory(remise: Town) -> Person:
    return remise.network.server("liars.example").person("mallory")
