"""La Remise, which tells others what it does."""

from collections.abc import AsyncIterator

import pytest

from fedishare.foundation.db.database import Database
from tests.house import House, house


@pytest.fixture
async def remise(database: Database) -> AsyncIterator[House]:
    async with house(database) as made:
        yield made
