"""La Remise with its people: a house (`tests/house.py`) whose handlers, jobs and pages are those of the features.

`town.nadia` administers, `town.amel` is a member. Jobs run when a test says so, at the town's clock.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import httpx
import msgspec
from starlette.types import ASGIApp

from fedishare.features.conversations.feature import FEATURE as CONVERSATIONS
from fedishare.features.moderation.feature import FEATURE as MODERATION
from fedishare.features.people import store as people
from fedishare.features.people.model import Role
from fedishare.features.proposals import drafting, operations
from fedishare.features.proposals.drafting import Written
from fedishare.features.proposals.feature import FEATURE as PROPOSALS
from fedishare.features.proposals.model import Draft, Proposal
from fedishare.federation.actors.model import Actor
from fedishare.federation.feature import FEATURE as FEDERATION
from fedishare.federation.following.operations import follow
from fedishare.federation.inbox import store as inbox
from fedishare.federation.inbox.handling import joined
from fedishare.federation.plug import Tools
from fedishare.foundation.db.access import Listener, Tx
from fedishare.foundation.db.database import Database, open_database
from fedishare.foundation.db.queries import Query
from fedishare.foundation.jobs import queue
from fedishare.foundation.text.translate import use_language
from fedishare.foundation.values.clock import DAY, Instant, later
from fedishare.foundation.web.kernel import build_web
from fedishare.foundation.web.pages import Site
from fedishare.foundation.web.sessions import SignedIn
from tests.house import House, house
from tests.remote import Person

_TEXT = "select json from activity_out where actor_id = :actor_id order by id"
ALL_SAID = Query("all_said", {"sqlite": _TEXT, "postgres": _TEXT}, [], {})

FEATURES = (FEDERATION, CONVERSATIONS, PROPOSALS, MODERATION)
DRILL = Written(purpose="offer", action="use", title="Perceuse", text="Avec **mèches**.", place="Lille")


class Town:
    """What a test needs of La Remise."""

    def __init__(self, made: House) -> None:
        self.house = made
        self.db, self.here, self.clock = made.db, made.here, made.clock
        self.remise = made.remise
        self.nadia: Actor
        self.amel: Actor
        self.viewer: SignedIn | None = None

    @property
    def now(self) -> Instant:
        return self.clock.now()

    async def settle(self) -> None:
        await self.db.write(people.keep_setting, "association", self.remise.name)
        self.nadia = await self.moves_in("nadia", Role.ADMIN)
        self.amel = await self.moves_in("amel", Role.MEMBER)

    async def moves_in(self, name: str, role: Role) -> Actor:
        actor = await self.house.lives(name)
        email = f"{name}@example.org"
        await self.db.write(
            people.insert_person,
            person_id=self.here.ids.new(self.now),
            actor_id=actor.id,
            email=email,
            password_hash=None,
            role=role,
            now=self.now,
        )
        return actor

    def signs_in(self, actor: Actor, *, person_id: int = 1, admin: bool = False) -> SignedIn:
        self.viewer = SignedIn(
            person_id=person_id,
            actor_id=actor.id,
            name=actor.name,
            display_name=actor.display_name,
            role="admin" if admin else "member",
            language="fr",
        )
        return self.viewer

    def draft(self, written: Written = DRILL, **changed: str) -> Draft:
        fields = {**msgspec.structs.asdict(written), **changed}
        return drafting.draft(Written(**fields), language="fr", zone="Europe/Paris", now=self.now)

    async def publishes(self, owner: Actor, **changed: str) -> Proposal:
        draft = self.draft(**changed)
        return await self.db.write(
            operations.publish, draft, owner=owner, author_id=owner.id, here=self.here, now=self.now
        )

    async def follows(self, person: Person, *, by: Actor | None = None) -> Actor:
        """Somebody elsewhere is followed from here, and accepts."""
        followed = await self.house.fetcher.actor(person.uri)
        follower = by or self.remise
        await self.db.write(follow, follower, followed, here=self.here, now=self.now)
        accept = person.activity("Accept", {"type": "Follow", "actor": follower.uri, "object": person.uri})
        await self.gets(person, accept)
        return followed

    async def is_followed_by(self, person: Person, followed: Actor | None = None) -> None:
        await self.gets(person, person.activity("Follow", (followed or self.remise).uri))

    async def gets(self, person: Person, activity: dict[str, Any]) -> tuple[str, str]:
        """It comes in and is applied: its state and outcome."""
        answer = await person.post(self.house.inbox, activity, now=self.now)
        assert answer.status_code == 202, answer.text
        await self.house.apply()
        row = (await self.db.read(inbox.listing, state=None, size=1))[0]
        return row.state, row.outcome

    async def creates(self, person: Person, said: Mapping[str, Any]) -> tuple[str, str]:
        about = dict(said)
        return await self.gets(person, person.activity("Create", about, to=about["to"], cc=about.get("cc", [])))

    async def works(self) -> None:
        """Every job that is due, until none is left."""
        jobs = {job.kind: job for feature in FEATURES for job in feature.jobs}
        tools = Tools(db=self.db, fetcher=self.house.fetcher, here=self.here, clock=self.clock)
        while leased := await self.db.work(queue.lease, now=self.now, lease_until=later(self.now, DAY), size=1):
            job = jobs[leased[0].kind]
            await job.run(tools, msgspec.json.decode(leased[0].payload, type=job.payload))
            await self.db.work(queue.done, leased[0].id)

    async def said(self, actor: Actor) -> list[dict[str, Any]]:
        """What an actor of ours told the world, oldest first."""
        rows = await self.db.read(_said, actor.id)
        return [msgspec.json.decode(row) for row in rows]

    async def asks(
        self, path: str, *, accept: str = "application/activity+json", data: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """One request to the pages; redirects are not followed. With `data` it is a form sent from a page of ours."""
        transport = httpx.ASGITransport(app=self.pages())
        cookies = {"__Host-session": "a-token"} if self.viewer else {}
        async with httpx.AsyncClient(transport=transport, base_url=self.here.base_url, cookies=cookies) as client:
            if data is None:
                return await client.get(path, headers={"accept": accept, "accept-language": "fr"})
            page = await client.get("/new", headers={"accept": "text/html"})
            token = page.text.split('name="csrf" value="')[1].split('"')[0]
            headers = {"origin": self.here.base_url, "sec-fetch-site": "same-origin", "accept": "text/html"}
            return await client.post(path, data={**data, "csrf": token}, headers=headers)

    def pages(self) -> ASGIApp:
        return build_web(
            [route for feature in FEATURES for route in feature.routes],
            state={
                "db": self.db,
                "clock": self.clock,
                "here": self.here,
                "settings": _Delay(update_delay=600),
                "fetcher": self.house.fetcher,
            },
            menu=[],
            viewer_of=self._viewer_of,
            site_of=_la_remise,
            csrf_key=b"a key for tests",
        )

    async def _viewer_of(self, db: Database, token: bytes, now: Instant) -> SignedIn | None:
        return self.viewer


class _Delay(msgspec.Struct, frozen=True):
    update_delay: int
    hsts: bool = True


async def _said(read: Any, actor_id: int) -> list[str]:
    rows = await read.all(tuple, ALL_SAID, actor_id=actor_id)
    return [row[0] for row in rows]


async def _la_remise(db: Database) -> Site:
    return Site(name="La Remise")


@asynccontextmanager
async def town(database_url: str) -> AsyncIterator[Town]:
    """A database of its own, for facts are told to the listeners with which it was opened."""
    use_language("fr")
    houses: list[House] = []
    database = await open_database(database_url, listeners=_listeners(houses))
    try:
        async with house(database) as made:
            made.handlers |= joined(feature.handlers for feature in FEATURES)
            houses.append(made)
            built = Town(made)
            await built.settle()
            yield built
    finally:
        await database.close()


def _listeners(houses: list[House]) -> dict[type, list[Listener]]:
    """As `app.py` joins them: each is given the instance that it listens in."""
    told: dict[type, list[Listener]] = {}
    for feature in FEATURES:
        for fact, listener in feature.listeners:
            told.setdefault(fact, []).append(partial(_tell, listener, houses))
    return told


async def _tell(listener: Any, houses: list[House], tx: Tx, fact: Any) -> None:
    await listener(tx, fact, houses[0].here)
