"""La Remise for the tests of conversations."""

from collections.abc import AsyncIterator

import pytest

from tests.features.town import Town
from tests.features.town import town as open_town


@pytest.fixture
async def town(database_url: str) -> AsyncIterator[Town]:
    async with open_town(database_url) as made:
        yield made
