"""A front door for the tests of the web kernel."""

import pytest

from fedishare.federation.signatures.keys import ActorKeys, make_keys
from fedishare.foundation.db.database import Database
from tests.clock import StoppedClock
from tests.front_door import FrontDoor


@pytest.fixture(scope="session")
def keys() -> ActorKeys:
    """One pair for everybody: making them is slow, and nobody signs here."""
    return make_keys()


@pytest.fixture
def unborn(database: Database, keys: ActorKeys) -> FrontDoor:
    """An instance that nobody has set up."""
    return FrontDoor(database, StoppedClock(), keys)


@pytest.fixture
async def site(unborn: FrontDoor) -> FrontDoor:
    """La Remise, with Nadia who administers and Amel who is a member."""
    await unborn.opens()
    await unborn.moves_in("amel")
    return unborn
