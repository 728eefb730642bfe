"""The composition root: settings in, one running instance out.

Joins what the rooms offer (`feature.py` of each) into tables, opens what they share, and starts the waiting work. No
global object: tests build several instances in one process. Only the CLI and tests import this.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from shutil import disk_usage
from typing import Any

import click
import structlog
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from fedishare.features.conversations.feature import FEATURE as CONVERSATIONS
from fedishare.features.moderation.feature import FEATURE as MODERATION
from fedishare.features.partners.feature import FEATURE as PARTNERS
from fedishare.features.people.feature import FEATURE as PEOPLE
from fedishare.features.people.operations import viewer_of
from fedishare.features.people.profile import site_of
from fedishare.features.proposals.feature import FEATURE as PROPOSALS
from fedishare.federation.actors.views import SIGNER
from fedishare.federation.feature import FEATURE as FEDERATION
from fedishare.federation.fetching.readers import Door as ReadersDoor
from fedishare.federation.following.synchronizing import Synchronizer
from fedishare.federation.inbox import loop as inbox_loop
from fedishare.federation.inbox.accept import InboxEndpoint
from fedishare.federation.inbox.disk import Disk
from fedishare.federation.inbox.handling import joined
from fedishare.federation.inbox.limits import InboxLimits
from fedishare.federation.outbox import loop as outbox_loop
from fedishare.federation.plug import Feature, Tools
from fedishare.federation.vocabulary.origins import origin
from fedishare.foundation.config.settings import Settings
from fedishare.foundation.db.access import Listener
from fedishare.foundation.db.migrations import Say
from fedishare.foundation.jobs import runner
from fedishare.foundation.net.dialling import Connector
from fedishare.foundation.net.limits import DEADLINE_S
from fedishare.foundation.net.resolving import Resolver
from fedishare.foundation.terminal import Opened
from fedishare.foundation.values.clock import Clock, SystemClock
from fedishare.foundation.values.here import Here
from fedishare.foundation.web import problems
from fedishare.foundation.web.kernel import build_web
from fedishare.opening import Parts, bring_up_to_date, open_parts, quietly
from fedishare.surfaces.site.feature import FEATURE as SITE
from fedishare.surfaces.upkeep.feature import FEATURE as UPKEEP

FEATURES: Sequence[Feature] = (FEDERATION, PEOPLE, CONVERSATIONS, PROPOSALS, PARTNERS, MODERATION, SITE, UPKEEP)

STOP_S = 25
"""How long the waiting work may take to end: its own parts give up after 20."""

log = structlog.get_logger()


class Instance:
    """One running Fedishare. `asgi` answers at once; what waits is done from `start_worker` to `stop`."""

    def __init__(self, parts: Parts, *, clock: Clock) -> None:
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
        features = [feature.foresee for feature in FEATURES if feature.foresee]
        kinds = [job for feature in FEATURES for job in feature.jobs]
        async with asyncio.TaskGroup() as loops:
            loops.create_task(
                inbox_loop.run(
                    stop,
                    db=db,
                    fetcher=self.fetcher,
                    here=here,
                    clock=clock,
                    handlers=handlers,
                    features=features,
                )
            )
            loops.create_task(outbox_loop.run(stop, db=db, net=self.net, secret=self.secret, here=here, clock=clock))
            loops.create_task(runner.run(stop, db=db, clock=clock, kinds=kinds, tools=self.tools))


async def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    resolver: Resolver | None = None,
    connector: Connector | None = None,
    deadline_s: float = DEADLINE_S,
    migrate: bool = False,
    say: Say | None = None,
) -> Instance:
    """Open everything and join the tables; nothing works in the background until `start_worker`.

    Raises Misconfigured when the settings, the database and this release do not fit each other.
    """
    clock = clock or SystemClock()
    await bring_up_to_date(settings, asked=migrate or settings.migrate, clock=clock, say=say or _log_step)
    parts = await open_parts(
        settings,
        listeners_of=_listeners,
        clock=clock,
        direct=False,
        resolver=resolver,
        connector=connector,
        deadline_s=deadline_s,
    )
    async with AsyncExitStack() as unless_built:
        unless_built.push_async_callback(parts.close)
        instance = Instance(parts, clock=clock)
        unless_built.pop_all()
    return instance


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Opened]:
    """For a command: its own connection beside a running server, and closed at its end."""
    clock = SystemClock()
    await bring_up_to_date(settings, asked=False, clock=clock, say=quietly)
    parts = await open_parts(settings, listeners_of=_listeners, clock=clock, direct=True)
    try:
        yield parts
    finally:
        await parts.close()


def commands() -> list[click.Command]:
    """What the features offer to the command line, in their order."""
    return [command for feature in FEATURES for command in feature.commands]


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
    settings, clock = instance.settings, instance.clock
    endpoint = InboxEndpoint(
        db=instance.db,
        fetcher=instance.fetcher,
        here=instance.here,
        clock=clock,
        disk=Disk(clock, lambda: disk_usage(_there(settings.kept_in)).free),
        limits=InboxLimits(clock, settings.trusted_proxies) if settings.limits else None,
        heard=Synchronizer(db=instance.db, here=instance.here, clock=clock).heard,
    )
    inbox = ServerErrorMiddleware(endpoint, handler=problems.on_bug_at_the_inbox)
    web = build_web(
        [route for feature in FEATURES for route in feature.routes],
        state={
            "db": instance.db,
            "clock": clock,
            "here": instance.here,
            "settings": settings,
            "fetcher": instance.fetcher,
            "secret": instance.secret,
            "works": lambda: instance.works,
        },
        menu=[entry for feature in FEATURES for entry in feature.menu],
        viewer_of=viewer_of,
        site_of=site_of,
        csrf_key=instance.secret.subkey("csrf"),
        trusted_proxies=settings.trusted_proxies,
        limited=settings.limits,
        server_of=lambda scope: origin(scope[SIGNER].uri) if SIGNER in scope else "",
    )

    if instance.here.signed_only:
        web = ReadersDoor(web, db=instance.db, fetcher=instance.fetcher, here=instance.here, clock=clock)

    async def asgi(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _is_inbox(scope["path"]):
            await inbox(scope, receive, send)
        else:
            await web(scope, receive, send)

    return asgi


def _there(folder: Path) -> Path:
    """The folder, or the one in which it would be made."""
    return next(place for place in (folder, *folder.parents) if place.exists())


def _is_inbox(path: str) -> bool:
    return path == "/inbox" or (path.startswith("/users/") and path.endswith("/inbox"))


def _log_step(msgid: str, values: Mapping[str, Any]) -> None:
    log.info("migration_told", said=msgid % values if values else msgid)
