"""A world for each attack."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.attacks.world import World, opened_world


@pytest.fixture
async def world(tmp_path: Path, database_url: str) -> AsyncIterator[World]:
    async with opened_world(tmp_path / "data", database_url=database_url) as made:
        yield made
