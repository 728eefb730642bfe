"""La Remise, whose steward is Nadia, with the handlers of the federation shelf; Amel and Tomasz live elsewhere."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.feature import HANDLERS
from fedishare.federation.following import store
from fedishare.federation.following.model import State
from fedishare.federation.inbox import store as inbox
from fedishare.foundation.db.database import Database
from tests.federation.belonging import belongs_to
from tests.house import BASE_URL, House, house
from tests.remote import Json, Person

REMISE = f"{BASE_URL}/users/remise"
NADIA = f"{BASE_URL}/users/nadia"
INSTANCE = f"{BASE_URL}/users/instance"


class Town:
    """A house and who is in it, with the steps that tests take."""

    def __init__(self, made: House) -> None:
        self.house = made
        self.amel = made.network.server("mastodon.example").person("amel")
        self.tomasz = made.network.server("misskey.example").person("tomasz")

    async def actor(self, uri: str) -> Actor:
        found = await self.house.db.read(actors.by_uri, uri)
        assert found is not None
        return found

    async def meet(self, person: Person) -> Actor:
        """Know them as they show themselves."""
        return await self.house.fetcher.actor(person.uri, fresh=True)

    async def hear(self, person: Person, activity: Json) -> str:
        """They say it, and it is applied: "applied", or "dropped"."""
        answer = await person.post(self.house.inbox, activity, now=self.house.clock.now())
        assert answer.status_code == 202
        await self.house.apply()
        newest = (await self.house.db.read(inbox.listing, state=None, size=1))[0]
        return newest.state

    async def sent(self, person: Person) -> list[Json]:
        """What reached their server so far, in order."""
        await self.house.deliver()
        return person.server.letters

    async def state(self, follower: str, followed: str) -> State | None:
        db = self.house.db
        one, other = await db.read(actors.by_uri, follower), await db.read(actors.by_uri, followed)
        if one is None or other is None:
            return None
        found = await db.read(store.pair, one.id, other.id)
        return found.state if found else None

    async def do(self, operation: Any, follower: Actor, followed: Actor) -> Any:
        here, now = self.house.here, self.house.clock.now()
        return await self.house.db.write(operation, follower, followed, here=here, now=now)


@asynccontextmanager
async def town(database: Database) -> AsyncIterator[Town]:
    async with house(database) as made:
        made.handlers |= HANDLERS
        await belongs_to(made, "remise")
        await made.lives("nadia")
        yield Town(made)
