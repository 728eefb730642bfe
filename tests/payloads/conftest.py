"""A town for each file that somebody sends."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.payloads.town import Town, town


@pytest.fixture
async def share(tmp_path: Path, database_url: str) -> AsyncIterator[Town]:
    async with town(tmp_path / "data", database_url=database_url) as made:
        yield made
