"""The instance that is attacked, fedi.test, as `app.py` builds it, and those around it: honest, lying, or gone.

Everybody has real keys and signs for real; every request of ours goes through the real guard, pool and parser, and is
written down. Nothing works in the background: `work` does what is due, once.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import httpx

from fedishare import app
from fedishare.features.conversations.model import Post
from fedishare.features.conversations.operations import publish_note
from fedishare.features.people import operations as people
from fedishare.features.people import passwords
from fedishare.features.people.operations import NewAssociation, NewPerson
from fedishare.features.proposals import operations as proposals
from fedishare.features.proposals.model import Action, Draft, Proposal, Purpose
from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.following import operations as following
from fedishare.federation.following.own_changes import update_profile
from fedishare.federation.inbox import store as inbox
from fedishare.federation.inbox.handling import joined
from fedishare.foundation.config.settings import Settings
from fedishare.foundation.jobs.runner import Runner
from fedishare.foundation.net.addresses import Address
from fedishare.foundation.net.connection import Connection
from fedishare.foundation.net.urls import Location
from fedishare.foundation.values.clock import Instant
from tests import tables
from tests.clock import StoppedClock
from tests.front_door import PASSWORD, Reader
from tests.house import apply_what_came, deliver_what_waits, keys_of
from tests.remote import Json, Network, Person, post

BASE_URL = "https://fedi.test"
DEADLINE_S = 1.0
"""In the place of ten: for a server that never answers."""
_hashes: list[str] = []
_TAKEN = frozenset({"activity_in", "applied", "host"})
"""What taking an activity writes in any case: the activity, that it was handled, that its host has spoken."""


class Watched(Network):
    """The network, with a list of whom we tried to speak with."""

    def __init__(self) -> None:
        super().__init__()
        self.dialled: list[str] = []
        self.looked_up: list[str] = []
        self.elsewhere: dict[str, list[str]] = {}
        """Names that have other addresses than the public one of everybody."""
        self.silent: set[str] = set()
        """Names at which nobody ever picks up."""

    async def resolver(self, host: str) -> list[str]:
        self.looked_up.append(host)
        return self.elsewhere.get(host) or await super().resolver(host)

    async def connector(self, location: Location, address: Address) -> Connection:
        self.dialled.append(f"{address}:{location.port} ({location.host})")
        if location.host in self.silent:
            await asyncio.Event().wait()
        return await super().connector(location, address)


class World:
    """One instance and its surroundings."""

    def __init__(self, instance: app.Instance, network: Watched, clock: StoppedClock) -> None:
        self.instance = instance
        self.asgi = instance.asgi
        self.network = network
        self.clock = clock
        self.db = instance.db
        self.here = instance.here
        self.handlers = joined(feature.handlers for feature in app.FEATURES)
        self.carol = network.server("good.test").person("carol")
        self.mallory = network.server("evil.test").person("mallory")
        self.remise: Actor
        self.alice: Actor
        self.bob: Actor
        self.offer: Proposal

    # What comes in.

    async def post(
        self,
        body: bytes,
        headers: Mapping[str, str] | list[tuple[str, str]],
        *,
        to: str = "/inbox",
        address: str = "127.0.0.1",
    ) -> httpx.Response:
        """A POST exactly as given, from `address`; Host alone is added when it is missing."""
        transport = httpx.ASGITransport(app=self.asgi, client=(address, 40_000))
        async with httpx.AsyncClient(transport=transport) as client:
            return await client.post(BASE_URL + to, content=body, headers=headers)

    async def sends(self, person: Person, activity: Json | bytes, *, to: str = "/inbox") -> httpx.Response:
        """Signed by `person`, whoever the actor is said to be; nothing is worked off yet."""
        body = activity if isinstance(activity, bytes) else json.dumps(activity).encode()
        return await post(self.asgi, BASE_URL + to, body, self.signed(person, body, to=to))

    async def takes(self, person: Person, activity: Json | bytes, *, to: str = "/inbox") -> None:
        """It is taken, and all that follows is done."""
        answer = await self.sends(person, activity, to=to)
        assert answer.status_code == 202, answer.text
        await self.work()

    def signed(self, person: Person, body: bytes, *, to: str = "/inbox", now: Instant | None = None) -> dict[str, str]:
        """The headers of a good request of theirs."""
        return person.signed(BASE_URL + to, body, now=self.clock.now() if now is None else now)

    async def meets(self, *persons: Person) -> None:
        """They have spoken before: their key and profile are known, and nothing else of them."""
        for person in persons:
            await self.takes(person, person.activity("Hello", self.remise.uri))

    # What is done.

    async def work(self) -> None:
        """Everything that is due: what came in, jobs, what goes out."""
        await apply_what_came(self.db, self.instance.fetcher, self.here, self.clock, self.handlers)
        kinds = [job for feature in app.FEATURES for job in feature.jobs]
        runner = Runner(db=self.db, clock=self.clock, kinds=kinds, tools=self.instance.tools, stop=asyncio.Event())
        while await runner.drain():
            pass
        await deliver_what_waits(self.db, self.instance.net, self.instance.secret, self.here, self.clock)

    async def follows(self, follower: Actor, person: Person) -> str:
        """Somebody here asks to follow `person`, who has not answered; the id of the Follow."""
        followed = await self.instance.fetcher.actor(person.uri)
        await self.db.write(following.follow, follower, followed, here=self.here, now=self.clock.now())
        await self.work()
        return str((await self.ask("select uri from follow order by id desc limit 1"))[0][0])

    async def hears(self, person: Person) -> None:
        """The association follows `person`, who has accepted: what they publish is kept here."""
        follow = await self.follows(self.remise, person)
        await self.takes(person, person.activity("Accept", follow))

    async def offers(self, title: str) -> Proposal:
        """Something that alice lends."""
        draft = Draft(purpose=Purpose.OFFER, action=Action.USE, title=title)
        return await self.db.write(
            proposals.publish, draft, owner=self.alice, author_id=None, here=self.here, now=self.clock.now()
        )

    async def knows(self, person: Person) -> Actor:
        """Somebody elsewhere who is stored here."""
        found = await self.db.read(actors.by_uri, person.uri)
        assert found is not None
        return found

    async def publishes(self, text: str) -> Post:
        """A public post of alice's."""
        return await self.db.write(
            publish_note, text, by=self.alice, language="fr", here=self.here, now=self.clock.now()
        )

    # What is there.

    @asynccontextmanager
    async def unchanged(self, *, kept: bool = False, but: tuple[str, ...] = ()) -> AsyncIterator[None]:
        """Nothing in the tables is different afterwards. `kept`: an activity was taken. `but`: tables that may change.

        Raises AssertionError with the names of those that did.
        """
        without = (_TAKEN if kept else frozenset()) | frozenset(but)
        before = await tables.dump(self.db, without=without)
        yield
        await self.work()
        after = await tables.dump(self.db, without=without)
        changed = [name for name in after if after[name] != before[name]]
        assert not changed, f"changed: {', '.join(changed)}"

    async def ask(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        return await tables.ask(self.db, statement, **values)

    async def last(self) -> inbox.Listed:
        """What became of the newest activity."""
        (row,) = await self.db.read(inbox.listing, state=None, size=1)
        return row

    async def posts(self) -> list[tuple[Any, ...]]:
        """Every post that has not been deleted: its id, its circle."""
        return await self.ask(
            "select p.uri, c.kind from post p join circle c on c.id = p.circle_id "
            "where p.deleted_at is null order by p.id"
        )

    def reader(self, **more: Any) -> Reader:
        """A browser at our pages."""
        return Reader(self, **more)  # type: ignore[arg-type]  # it asks for `asgi` and `here` alone

    # Whom we spoke with.

    @property
    def outbound(self) -> list[str]:
        """Every request that another server got from us, oldest first."""
        asked = [(a.at, f"{a.method} https://{host}{a.path}") for host, a in self._asked()]
        return [text for _, text in sorted(asked)]

    @property
    def dialled(self) -> list[str]:
        return self.network.dialled

    @property
    def looked_up(self) -> list[str]:
        return self.network.looked_up

    def forget_requests(self) -> None:
        for server in self.network.servers.values():
            server.asked.clear()
        self.network.dialled.clear()
        self.network.looked_up.clear()

    def letters(self, person: Person) -> list[Json]:
        """What we have told somebody's server."""
        return person.server.letters

    def _asked(self) -> list[tuple[str, Any]]:
        return [(host, asked) for host, server in self.network.servers.items() for asked in server.asked]


@asynccontextmanager
async def opened_world(
    folder: Path, *, database_url: str, signed_only: bool = False, trusted_proxies: tuple[IPv4Network, ...] = ()
) -> AsyncIterator[World]:
    """La Remise on fedi.test with alice and bob, and one offer of alice's. `signed_only`: it wants a signature of each
    server that reads."""
    clock = StoppedClock()
    async with Watched() as network:
        settings = Settings(
            data=folder,
            base_url=BASE_URL,
            database_url=database_url,
            update_delay=0,
            authorized_fetch=signed_only,
            trusted_proxies=trusted_proxies,
        )
        instance = await app.build(
            settings, clock=clock, resolver=network.resolver, connector=network.connector, deadline_s=DEADLINE_S
        )
        world = World(instance, network, clock)
        try:
            await _settle(world)
            yield world
        finally:
            await instance.stop()


async def _settle(world: World) -> None:
    db, here, now, secret = world.db, world.here, world.clock.now(), world.instance.secret
    keys = (keys_of("Application"), keys_of("Organization"), keys_of("Person"))
    kept = await _hash()
    alice = NewPerson(name="alice", display_name="Alice", email="alice@fedi.test", password_hash=kept)
    bob = NewPerson(name="bob", display_name="Bob", email="bob@fedi.test", password_hash=kept)
    association = NewAssociation(name="La Remise", handle="remise")
    await db.write(people.init, association=association, admin=alice, keys=keys, secret=secret, here=here, now=now)
    await db.write(people.create_person, bob, role=people.Role.MEMBER, keys=keys[2], secret=secret, here=here, now=now)
    world.remise = await db.read(actors.association)
    world.alice = await _local(world, "alice")
    world.bob = await db.write(
        update_profile,
        await _local(world, "bob"),
        display_name="Bob",
        summary="",
        approves_followers=True,
        discoverable=False,
        indexable=False,
        here=here,
        now=now,
    )
    world.offer = await world.offers("Vélo cargo")
    await world.work()


async def _hash() -> str:
    """Of the password that everybody has; made once, because making one takes a while."""
    if not _hashes:
        _hashes.append(await passwords.hashed(PASSWORD))
    return _hashes[0]


async def _local(world: World, name: str) -> Actor:
    found = await world.db.read(actors.by_uri, f"{BASE_URL}/users/{name}")
    assert found is not None
    return found
