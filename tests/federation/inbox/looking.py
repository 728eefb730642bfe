"""What the inbox holds, as these tests look at it."""

from fedishare.federation.inbox import store
from tests.house import House


async def rows(house: House) -> list[store.Listed]:
    return list(reversed(await house.db.read(store.listing, state=None, size=1_000)))


async def states(house: House) -> list[tuple[str, str]]:
    return [(row.type, row.state) for row in await rows(house)]
