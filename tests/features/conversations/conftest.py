"""La Remise for the tests of conversations."""

from collections.abc import AsyncIterator

import pytest

from fedishare.foundation.db.database import Database
from tests.features.town import Town
from tests.features.town import town as open_town


@pytest.fixture
async def town(database: Database) -> AsyncIterator[Town]:
    async with open_town(database) as made:
        yield made
