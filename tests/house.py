"""One instance without its pages: database, keys, fetcher, inbox and outbox, for tests of how activities travel.

Nothing works in the background: `apply` and `deliver` do what is due, once, and return. What is applied is decided by
the handlers a test gives. For the whole of it there is `fedishare.app`.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import lru_cache

from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.actors.operations import create_local
from fedishare.federation.fetching.fetcher import Fetcher
from fedishare.federation.following.synchronizing import Synchronizer
from fedishare.federation.inbox import loop as inbox_loop
from fedishare.federation.inbox.accept import InboxEndpoint
from fedishare.federation.inbox.disk import Disk
from fedishare.federation.inbox.handling import Handler, Outcome, Received
from fedishare.federation.outbox import loop as outbox_loop
from fedishare.federation.outbox.delivery import Post
from fedishare.federation.outbox.lanes import Lanes
from fedishare.federation.outbox.recording import Recorder
from fedishare.federation.signatures.keys import ActorKeys, make_keys
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.db.database import Database
from fedishare.foundation.net.client import Net, NetSettings, open_net
from fedishare.foundation.values.clock import Clock
from fedishare.foundation.values.here import Here
from fedishare.foundation.values.ids import IdSource, first_id_at
from fedishare.foundation.values.secrets import Secret
from tests.clock import StoppedClock
from tests.remote import Network

BASE_URL = "https://share.example"
SECRET = Secret(b"a secret of thirty-two bytes....")


class House:
    """La Remise, and whoever lives there."""

    def __init__(self, database: Database, network: Network, *, clock: StoppedClock, here: Here) -> None:
        self.db = database
        self.network = network
        self.clock = clock
        self.here = here
        self.net = open_net(
            NetSettings(user_agent="Fedishare/test"), resolver=network.resolver, connector=network.connector
        )
        self.fetcher = Fetcher(net=self.net, db=database, here=here, clock=clock, secret=SECRET)
        self.inbox = InboxEndpoint(
            db=database,
            fetcher=self.fetcher,
            here=here,
            clock=clock,
            disk=Disk(clock, lambda: 10**12),
            limits=None,
            heard=Synchronizer(db=database, here=here, clock=clock).heard,
        )
        self.told: list[Received] = []
        self.handlers: dict[tuple[str, str], Handler] = {}
        self.lanes = Lanes()
        self.remise: Actor

    def listens_to(self, *keys: tuple[str, str]) -> None:
        """Write down what arrives under these keys."""
        self.handlers |= dict.fromkeys(keys, self._write_down)

    async def _write_down(self, tx: Tx, received: Received, here: Here) -> Outcome:
        self.told.append(received)
        return Outcome.APPLIED

    async def lives(self, name: str, kind: str = "Person") -> Actor:
        """Somebody comes to live here."""
        return await self.db.write(
            create_local,
            name=name,
            kind=kind,
            display_name=name.capitalize(),
            summary="",
            secret=SECRET,
            keys=keys_of(kind),
            here=self.here,
            now=self.clock.now(),
        )

    async def apply(self) -> None:
        await apply_what_came(self.db, self.fetcher, self.here, self.clock, self.handlers)

    async def deliver(self) -> None:
        await deliver_what_waits(self.db, self.net, SECRET, self.here, self.clock, self.lanes)


async def apply_what_came(
    db: Database, fetcher: Fetcher, here: Here, clock: Clock, handlers: Mapping[tuple[str, str], Handler]
) -> None:
    """Everything that is due in the inbox."""
    async with asyncio.TaskGroup() as chains:
        worker = inbox_loop.Worker(
            db=db, fetcher=fetcher, here=here, clock=clock, handlers=handlers, chains=chains, wake=asyncio.Event()
        )
        while await worker.drain():
            await worker.finish()


async def deliver_what_waits(
    db: Database, net: Net, secret: Secret, here: Here, clock: Clock, lanes: Lanes | None = None
) -> None:
    """Everything that is due in the outbox, and written down what came of it."""
    async with asyncio.TaskGroup() as group:
        recorder = Recorder(db)
        group.create_task(recorder.run())
        worker = outbox_loop.Worker(
            db=db,
            post=Post(db=db, net=net, secret=secret, here=here, clock=clock),
            recorder=recorder,
            clock=clock,
            group=group,
            wake=asyncio.Event(),
            lanes=lanes,
        )
        while await worker.drain():
            await worker.finish()
            await recorder.flush()
        recorder.end()


@asynccontextmanager
async def house(
    database: Database,
    *,
    closed: bool = False,
    founded: bool = False,
    clock: StoppedClock | None = None,
) -> AsyncIterator[House]:
    """La Remise with its instance actor and its association (`founded`: they are there already), and a network."""
    clock = clock or StoppedClock()
    # As a real start does: no id of the run before can come again, although the clock stands still.
    ids = IdSource(floor=first_id_at(clock.now()))
    here = Here(base_url=BASE_URL, handle_domain="share.example", ids=ids, open=not closed)
    async with Network() as network:
        made = House(database, network, clock=clock, here=here)
        if not founded:
            await made.lives("instance", "Application")
            await made.lives("remise", "Organization")
        made.remise = await database.read(_remise)
        yield made
        await made.net.close()


async def _remise(read: Read) -> Actor:
    found = await actors.by_uri(read, f"{BASE_URL}/users/remise")
    assert found is not None
    return found


@lru_cache(maxsize=8)
def keys_of(kind: str) -> ActorKeys:
    return make_keys()
