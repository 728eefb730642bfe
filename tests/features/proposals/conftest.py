"""La Remise for the tests of proposals."""

from collections.abc import AsyncIterator

import pytest

from tests.features.proposals.hangar import association, page
from tests.features.town import Town
from tests.features.town import town as open_town
from tests.remote import Person, Server


@pytest.fixture
async def town(database_url: str) -> AsyncIterator[Town]:
    async with open_town(database_url) as made:
        yield made


@pytest.fixture
def server(town: Town) -> Server:
    return town.house.network.server("hangar.example")


@pytest.fixture
def hangar(server: Server) -> Person:
    """An association that speaks as we do and has nothing open yet."""
    person = server.person("hangar", document=association(server))
    server.serve("/users/hangar/proposals", page(person.document["proposals"], []))
    return person
