"""La Remise asks; mastodon.example is asked."""

from collections.abc import AsyncIterator

import pytest

from fedishare.foundation.db.database import Database
from tests.house import House, house
from tests.remote import Person, Server


@pytest.fixture
async def remise(database: Database) -> AsyncIterator[House]:
    async with house(database) as made:
        yield made


@pytest.fixture
def elsewhere(remise: House) -> Server:
    return remise.network.server("mastodon.example")


@pytest.fixture
def amel(elsewhere: Server) -> Person:
    return elsewhere.person("amel")
