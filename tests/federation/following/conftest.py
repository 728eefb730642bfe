"""The town in which these tests play."""

from collections.abc import AsyncIterator

import pytest

from fedishare.foundation.db.database import Database
from tests.federation.following.town import Town, town


@pytest.fixture
async def lille(database: Database) -> AsyncIterator[Town]:
    async with town(database) as made:
        yield made
