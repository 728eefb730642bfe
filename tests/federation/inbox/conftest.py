"""La Remise, and two people elsewhere who tell it things."""

from collections.abc import AsyncIterator

import pytest

from fedishare.foundation.db.database import Database
from tests.house import House, house
from tests.remote import Person


@pytest.fixture
async def remise(database: Database) -> AsyncIterator[House]:
    async with house(database) as made:
        yield made


@pytest.fixture
def amel(remise: House) -> Person:
    return remise.network.server("mastodon.example").person("amel")


@pytest.fixture
def tomasz(remise: House) -> Person:
    return remise.network.server("misskey.example").person("tomasz")
