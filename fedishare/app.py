"""The composition root: settings in, one running instance out.

Joins what the rooms offer (`feature.py` of each) into tables, opens what they share, and starts the waiting work. No
global object: tests build several instances in one process. Only the CLI and tests import this.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import click
import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from fedishare import __version__
from fedishare.features.conversations.feature import FEATURE as CONVERSATIONS
from fedishare.features.people.feature import FEATURE as PEOPLE
from fedishare.features.people.operations import viewer_of
from fedishare.features.people.profile import site_of
from fedishare.features.proposals.feature import FEATURE as PROPOSALS
from fedishare.federation.feature import FEATURE as FEDERATION
from fedishare.federation.fetching.fetcher import Fetcher
from fedishare.federation.inbox import loop as inbox_loop
from fedishare.federation.inbox.accept import InboxEndpoint
from fedishare.federation.inbox.handling import Handler, Outcome, Received, joined
from fedishare.federation.outbox import loop as outbox_loop
from fedishare.federation.plug import Feature, Tools
from fedishare.foundation.config.secret_file import read_or_make_master
from fedishare.foundation.config.settings import Settings
from fedishare.foundation.db import migrations
from fedishare.foundation.db.access import Listener, Tx
from fedishare.foundation.db.database import Database, open_database
from fedishare.foundation.db.migrations import Say
from fedishare.foundation.jobs import runner
from fedishare.foundation.net.client import Net, NetSettings, open_net
from fedishare.foundation.net.dialling import Connector
from fedishare.foundation.net.resolving import Resolver
from fedishare.foundation.terminal import Opened
from fedishare.foundation.text.translate import _
from fedishare.foundation.values.clock import Clock, SystemClock
from fedishare.foundation.values.errors import Misconfigured
from fedishare.foundation.values.here import Here
from fedishare.foundation.values.ids import IdSource
from fedishare.foundation.values.secrets import Secret
from fedishare.foundation.web.kernel import build_web
from fedishare.surfaces.site.feature import FEATURE as SITE
from fedishare.surfaces.upkeep import store as upkeep
from fedishare.surfaces.upkeep.feature import FEATURE as UPKEEP

FEATURES: Sequence[Feature] = (FEDERATION, PEOPLE, CONVERSATIONS, PROPOSALS, SITE, UPKEEP)

STOP_S = 25
"""How long the waiting work may take to end: its own parts give up after 20."""

log = structlog.get_logger()


class Instance:
    """One running Fedishare. `asgi` answers at once; what waits is done from `start_worker` to `stop`."""

    def __init__(self, parts: "Parts", *, clock: Clock) -> None:
        self.settings = parts.settings
        self.db = parts.db
        self.here = parts.here
        self.net = parts.net
        self.fetcher = parts.fetcher
        self.secret = parts.secret
        self.clock = clock
        self.tools = Tools(db=self.db, fetcher=self.fetcher, here=self.here, clock=clock)
        self.asgi = _doors(self)
        self._working: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()

    async def start_worker(self, *, when_broken: Callable[[], None] | None = None) -> None:
        """Begin with what waits: what came in, what must go out, jobs.

        The loops survive whatever is in their queues; should one end all the same, `when_broken` is called, so that
        nobody goes on answering for work that nobody does.
        """
        self._working = asyncio.create_task(self._work(), name="worker")
        if when_broken:
            self._working.add_done_callback(lambda task: when_broken())

    @property
    def works(self) -> bool:
        """False when the work was begun and has ended."""
        return self._working is None or not self._working.done()

    async def stop(self) -> None:
        """End the work, then close what was opened. What was leased is done by the next start."""
        self._stop.set()
        try:
            if self._working is not None:
                async with asyncio.timeout(STOP_S):
                    await self._working
        except TimeoutError:
            log.warning("worker_stopped_late", after_s=STOP_S)
        finally:
            await self.net.close()
            await self.db.close()

    async def _work(self) -> None:
        stop, db, here, clock = self._stop, self.db, self.here, self.clock
        handlers = joined(feature.handlers for feature in FEATURES)
        kinds = [job for feature in FEATURES for job in feature.jobs]
        async with asyncio.TaskGroup() as loops:
            loops.create_task(
                inbox_loop.run(stop, db=db, fetcher=self.fetcher, here=here, clock=clock, handlers=handlers)
            )
            loops.create_task(outbox_loop.run(stop, db=db, net=self.net, secret=self.secret, here=here, clock=clock))
            loops.create_task(runner.run(stop, db=db, clock=clock, kinds=kinds, tools=self.tools))


class Parts:
    """What a running instance and a command of the CLI share. `here` raises Misconfigured before `init`, unless the
    settings say which address it will have."""

    def __init__(self, *, settings: Settings, db: Database, here: Here | None, net: Net, clock: Clock) -> None:
        self.settings = settings
        self.db = db
        self.net = net
        self.clock = clock
        self._here = here
        self._secret: Secret | None = None

    @property
    def here(self) -> Here:
        if self._here is None:
            raise Misconfigured(
                _(
                    "This instance has no address yet. Run `fedishare init --base-url https://partage.example.org`, "
                    "or set FEDISHARE_BASE_URL and open the link that `fedishare serve` prints."
                )
            )
        return self._here

    @property
    def secret(self) -> Secret:
        """Made at the first need. Raises Misconfigured when it cannot be read."""
        if self._secret is None:
            self._secret = Secret(read_or_make_master(self.settings.secret_file))
        return self._secret

    @property
    def fetcher(self) -> Fetcher:
        return Fetcher(net=self.net, db=self.db, here=self.here, clock=self.clock, secret=self.secret)

    async def close(self) -> None:
        await self.net.close()
        await self.db.close()


async def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    resolver: Resolver | None = None,
    connector: Connector | None = None,
    migrate: bool = False,
    say: Say | None = None,
) -> Instance:
    """Open everything and join the tables; nothing works in the background until `start_worker`.

    Raises Misconfigured when the settings, the database and this release do not fit each other.
    """
    clock = clock or SystemClock()
    await _bring_up_to_date(settings, asked=migrate or settings.migrate, clock=clock, say=say or _log_step)
    parts = await _open(settings, clock=clock, direct=False, resolver=resolver, connector=connector)
    try:
        return Instance(parts, clock=clock)
    except Misconfigured:
        await parts.close()
        raise


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Opened]:
    """For a command: its own connection beside a running server, and closed at its end."""
    clock = SystemClock()
    await _bring_up_to_date(settings, asked=False, clock=clock, say=_quietly)
    parts = await _open(settings, clock=clock, direct=True)
    try:
        yield parts
    finally:
        await parts.close()


def commands() -> list[click.Command]:
    """What the features offer to the command line, in their order."""
    return [command for feature in FEATURES for command in feature.commands]


def joined_handlers() -> dict[tuple[str, str], Handler]:
    """What takes which activity. Some name their object by its id alone: then each room that may know it is asked in
    turn, the later rooms first, until one has applied it."""
    asked: dict[tuple[str, str], list[Handler]] = {}
    for feature in reversed(FEATURES):
        for key, handler in feature.handlers.items():
            asked.setdefault(key, []).append(handler)
    return {key: rooms[0] if len(rooms) == 1 else _first_of(rooms) for key, rooms in asked.items()}


def _first_of(rooms: Sequence[Handler]) -> Handler:
    async def ask(tx: Tx, received: Received, here: Here) -> Outcome:
        for handler in rooms:
            if await handler(tx, received, here) is Outcome.APPLIED:
                return Outcome.APPLIED
        return Outcome.DROPPED

    return ask


async def _open(
    settings: Settings,
    *,
    clock: Clock,
    direct: bool,
    resolver: Resolver | None = None,
    connector: Connector | None = None,
) -> Parts:
    here = _here(settings, *await _look_back(settings))
    listeners = _listeners(here) if here else {}
    db = await open_database(settings.database_url, listeners=listeners, direct=direct, clock=clock)
    net = open_net(
        NetSettings(
            user_agent=f"Fedishare/{__version__} (+{here.base_url})" if here else f"Fedishare/{__version__}",
            allow_networks=settings.allow_networks,
            hosts_file=settings.hosts_file,
            ca_file=settings.ca_file,
        ),
        resolver=resolver,
        connector=connector,
    )
    return Parts(settings=settings, db=db, here=here, net=net, clock=clock)


async def _bring_up_to_date(settings: Settings, *, asked: bool, clock: Clock, say: Say) -> None:
    """A database with nothing in it gets its schema at once; an older one only when that was asked for."""
    url = settings.database_url
    if settings.on_sqlite:
        settings.database_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    missing = await migrations.pending(url)
    if not missing:
        return
    if not await migrations.version(url):
        await migrations.migrate(url, say=_quietly, clock=clock)
        return
    if not asked:
        raise Misconfigured(
            _(
                "The database is older than this release (steps missing: %(count)s). "
                "Run `fedishare db migrate`, or start with `fedishare serve --migrate`.",
                count=len(missing),
            )
        )
    await migrations.migrate(url, say=say, clock=clock)


async def _look_back(settings: Settings) -> tuple[Mapping[str, str], int]:
    """What was decided once, and the largest id that was given."""
    db = await open_database(settings.database_url, direct=True)
    try:
        return await db.read(upkeep.decided), await db.read(upkeep.highest_id)
    finally:
        await db.close()


def _here(settings: Settings, decided: Mapping[str, str], highest_id: int) -> Here | None:
    """Raises Misconfigured for another address than the one that stands in every id given so far."""
    base_url = decided.get("base_url") or settings.base_url
    if not base_url:
        return None
    for name, chosen in (("base_url", settings.base_url), ("handle_domain", settings.handle_domain)):
        if chosen and decided.get(name, chosen) != chosen:
            raise Misconfigured(
                _(
                    "%(setting)s: this instance was made with %(former)s, and other servers know it by that for ever. "
                    "Put that back, or begin a new instance in another data folder.",
                    setting=f"FEDISHARE_{name.upper()}={chosen}",
                    former=decided[name],
                )
            )
    host = base_url.split("://", 1)[1]
    return Here(
        base_url=base_url,
        handle_domain=decided.get("handle_domain") or settings.handle_domain or host,
        ids=IdSource(floor=highest_id),
        language=settings.lang,
        time_zone=settings.time_zone,
        open=settings.mode == "open",
    )


def _listeners(here: Here) -> dict[type, list[Listener]]:
    """Who is told of which fact, with `here` already in hand."""
    told: dict[type, list[Listener]] = {}
    for feature in FEATURES:
        for fact, listen in feature.listeners:

            async def heard(tx: Any, said: Any, listen: Any = listen) -> None:
                await listen(tx, said, here)

            told.setdefault(fact, []).append(heard)
    return told


def _doors(instance: Instance) -> ASGIApp:
    """The inbox stands in front of everything people use: whatever is before it is paid by each activity."""
    inbox = InboxEndpoint(db=instance.db, fetcher=instance.fetcher, here=instance.here, clock=instance.clock)
    web = build_web(
        [route for feature in FEATURES for route in feature.routes],
        state={
            "db": instance.db,
            "clock": instance.clock,
            "here": instance.here,
            "settings": instance.settings,
            "fetcher": instance.fetcher,
            "secret": instance.secret,
            "works": lambda: instance.works,
        },
        menu=[entry for feature in FEATURES for entry in feature.menu],
        viewer_of=viewer_of,
        site_of=site_of,
        csrf_key=instance.secret.subkey("csrf"),
        trusted_proxies=instance.settings.trusted_proxies,
    )

    async def asgi(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST" and _is_inbox(scope["path"]):
            await inbox(scope, receive, send)
        else:
            await web(scope, receive, send)

    return asgi


def _is_inbox(path: str) -> bool:
    return path == "/inbox" or (path.startswith("/users/") and path.endswith("/inbox"))


def _log_step(msgid: str, values: Mapping[str, Any]) -> None:
    log.info("migration_told", said=msgid % values if values else msgid)


def _quietly(msgid: str, values: Mapping[str, Any]) -> None:
    """Where there was nothing, nobody needs to read of each step."""
