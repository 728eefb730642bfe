"""La Remise, an offer of Amel's, and two people elsewhere."""

from collections.abc import AsyncIterator

import pytest

from fedishare.features.proposals.model import Proposal
from tests.features.town import Town, town
from tests.remote import Person


@pytest.fixture
async def remise(database_url: str) -> AsyncIterator[Town]:
    async with town(database_url) as made:
        yield made


@pytest.fixture
async def offer(remise: Town) -> Proposal:
    return await remise.publishes(remise.amel)


@pytest.fixture
def instance(remise: Town) -> Person:
    """A Mastodon's own actor, which passes reports on."""
    return remise.house.network.server("mastodon.example").person("actor")


@pytest.fixture
def tomasz(remise: Town) -> Person:
    return remise.house.network.server("misskey.example").person("tomasz")
