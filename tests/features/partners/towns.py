"""Two instances as `app.py` builds them, in one process, that reach each other through the real guard and pool.

    async with towns(folder, urls) as (remise, hangar): ...

Each is a server of the tests' network that hands what it is asked to its own application. What waits is done by
`settle`, and only then.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import httpx

from fedishare import app
from fedishare.features.partners import operations, store
from fedishare.features.partners.model import State
from fedishare.features.people import operations as people
from fedishare.features.people import passwords
from fedishare.features.people.operations import NewAssociation, NewPerson
from fedishare.features.proposals import operations as proposals
from fedishare.features.proposals.model import Action, Draft, Proposal, Purpose
from fedishare.features.proposals.store import Cursor, Wanted, open_proposals
from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.following import store as follows
from fedishare.federation.inbox import store as inbox
from fedishare.federation.inbox.handling import joined
from fedishare.federation.policy import circles
from fedishare.federation.signatures import cavage
from fedishare.federation.signatures.keys import ActorKeys, make_keys, opened
from fedishare.foundation.config.settings import Settings
from fedishare.foundation.jobs.runner import Runner
from tests import tables
from tests.clock import StoppedClock
from tests.front_door import PASSWORD, Reader
from tests.house import apply_what_came, deliver_what_waits
from tests.remote import Asked, Json, Network, Person, Reply, Server, post


@lru_cache(maxsize=8)
def _keys(town: str, number: int) -> ActorKeys:
    """Each has its own; made once, because making them is slow."""
    return make_keys()


class Site(Server):
    """A server of the network behind which an instance of ours stands."""

    town: "Town"

    async def respond(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        transport = httpx.ASGITransport(self.town.instance.asgi)
        async with httpx.AsyncClient(transport=transport) as client:
            answer = await client.request(
                asked.method, f"https://{self.host}{asked.path}", headers=asked.headers, content=asked.body
            )
        kept = {name: answer.headers[name] for name in ("content-type", "location") if name in answer.headers}
        return Reply(answer.status_code, answer.content, kept)


class Town:
    """One association with its administrator, a member, and one offer."""

    def __init__(self, name: str, instance: app.Instance, network: Network, clock: StoppedClock) -> None:
        self.name = name
        self.instance = instance
        self.asgi = instance.asgi
        self.network = network
        self.clock = clock
        self.db, self.here = instance.db, instance.here
        self.handlers = joined(feature.handlers for feature in app.FEATURES)
        self.us: Actor
        self.nadia: Actor
        self.amel: Actor
        self.offer: Proposal

    @property
    def uri(self) -> str:
        return self.us.uri

    async def work(self) -> None:
        """Everything that is due here: what came in, jobs, what goes out."""
        await apply_what_came(self.db, self.instance.fetcher, self.here, self.clock, self.handlers)
        kinds = [job for feature in app.FEATURES for job in feature.jobs]
        runner = Runner(db=self.db, clock=self.clock, kinds=kinds, tools=self.instance.tools, stop=asyncio.Event())
        while await runner.drain():
            pass
        await deliver_what_waits(self.db, self.instance.net, self.instance.secret, self.here, self.clock)

    async def knows(self, other: "Town | Person") -> Actor:
        return await self.instance.fetcher.actor(other.uri)

    async def does(self, operation: Any, other: "Town | Person") -> Any:
        """What its administrator does about a partner."""
        them = await self.knows(other)
        return await self.db.write(operation, them, here=self.here, now=self.clock.now())

    async def asks(self, other: "Town | Person") -> Any:
        return await self.does(operations.ask, other)

    async def stands(self, other: "Town | Person") -> State | None:
        """What stands between it and another, as it sees it."""
        them = await self.db.read(actors.by_uri, other.uri)
        found = await self.db.read(store.partnership, them.id) if them else None
        return found.state if found else None

    async def shares_with(self, other: "Town | Person") -> bool:
        """Whether the other is in the circle of partners here."""
        them = await self.db.read(actors.by_uri, other.uri)
        return them is not None and await self.db.read(circles.sees, circles.PARTNERS, them.id)

    async def follows(self, other: "Town | Person") -> bool:
        them = await self.db.read(actors.by_uri, other.uri)
        return them is not None and await self.db.read(follows.follows, self.us.id, them.id)

    async def hears(self, who: Person, activity: Json) -> str:
        """Somebody elsewhere says it, signed, and it is applied: the state of it in the end, or the refusal."""
        answer = await who.post(self.asgi, activity, now=self.clock.now(), to=f"{self.here.base_url}/inbox")
        if answer.status_code != 202:
            return str(answer.status_code)
        await self.work()
        (row,) = await self.db.read(inbox.listing, state=None, size=1)
        return row.state

    async def hears_again(self, request: Asked) -> int:
        """A request that came before comes once more, byte for byte."""
        answer = await post(self.asgi, f"{self.here.base_url}{request.path}", request.body, request.headers)
        await self.work()
        return answer.status_code

    async def reads(self, path: str, *, by: Actor | Person | None = None, of: "Town | None" = None) -> httpx.Response:
        """A GET as other servers send it, signed by an actor of `of` or by somebody elsewhere, or by nobody."""
        url, headers = self.here.base_url + path, {"Accept": "application/activity+json"}
        if isinstance(by, Person):
            headers |= cavage.sign("GET", url, body=None, key=by.key, now=self.clock.now())
        elif by is not None and of is not None:
            key = opened(await of.db.read(actors.private_key, by.id), of.instance.secret)
            headers |= cavage.sign("GET", url, body=None, key=key, now=self.clock.now())
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.asgi)) as client:
            return await client.get(url, headers=headers)

    async def sees(self, title: str, viewer: Actor | None) -> bool:
        """Whether somebody finds it in the list."""
        found = await self.db.read(
            open_proposals, Wanted(), viewer=viewer.id if viewer else 0, now=self.clock.now(), before=Cursor()
        )
        return title in {card.title for card in found}

    def heard(self, kind: str) -> list[Asked]:
        """What came in of a kind, as it came."""
        return [one for one in self.network.servers[self.here.host].asked if one.method == "POST" and
                one.json["type"] == kind]  # fmt: skip

    async def notices(self) -> list[str]:
        return [row[0] for row in await tables.ask(self.db, "select kind from notification order by id")]

    async def listed(self) -> set[str]:
        """The titles of everything it knows."""
        return {row[0] for row in await tables.ask(self.db, "select title from proposal")}

    async def reader(self, name: str) -> Reader:
        """A browser in which somebody of here is signed in."""
        reader = Reader(self)  # type: ignore[arg-type]  # it asks for `asgi` and `here` alone
        await reader.signs_in(name)
        return reader


async def settle(*towns: Town) -> None:
    """Until neither has anything more to tell the other."""
    for _ in range(4):
        for town in towns:
            await town.work()


@asynccontextmanager
async def towns(
    folder: Path, urls: Sequence[str], *, modes: Sequence[str] = ("open", "open"), signed_only: bool = False
) -> AsyncIterator[tuple[Town, Town]]:
    """La Remise and Le Hangar, each with a database of its own."""
    clock = StoppedClock()
    async with Network() as network, AsyncExitStack() as stack:
        made = []
        for name, url, mode in zip(("remise", "hangar"), urls, modes, strict=True):
            site = Site(f"{name}.example", network.people)
            network.servers[site.host] = site
            settings = Settings(
                data=folder / name,
                base_url=f"https://{site.host}",
                database_url=url,
                update_delay=0,
                mode=mode,  # type: ignore[arg-type]  # one of its words
                authorized_fetch=signed_only,
            )
            instance = await app.build(
                settings, clock=clock, resolver=network.resolver, connector=network.connector, migrate=True
            )
            stack.push_async_callback(instance.stop)
            site.town = Town(name, instance, network, clock)
            await _move_in(site.town)
            made.append(site.town)
        yield made[0], made[1]


async def _move_in(town: Town) -> None:
    db, here, now, secret = town.db, town.here, town.clock.now(), town.instance.secret
    keys = tuple(_keys(town.name, number) for number in range(3))
    hashed = await passwords.hashed(PASSWORD)
    admin, member = (
        NewPerson(name=name, display_name=name.title(), email=f"{name}@{here.host}", password_hash=hashed)
        for name in ("nadia", "amel")
    )
    association = NewAssociation(name=town.name.title(), handle=town.name)
    await db.write(people.init, association=association, admin=admin, keys=keys, secret=secret, here=here, now=now)
    await db.write(
        people.create_person, member, role=people.Role.MEMBER, keys=keys[2], secret=secret, here=here, now=now
    )
    town.us = await db.read(actors.association)
    town.nadia, town.amel = [await _local(town, name) for name in ("nadia", "amel")]
    draft = Draft(purpose=Purpose.OFFER, action=Action.USE, title=f"Vélo de {town.name}")
    town.offer = await db.write(proposals.publish, draft, owner=town.us, author_id=None, here=here, now=now)


async def _local(town: Town, name: str) -> Actor:
    found = await town.db.read(actors.local_by_name, name)
    assert found is not None
    return found
