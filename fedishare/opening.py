"""Opening what an instance consists of: its database, its address, its way out to others, its secret.

The server and every command of the CLI begin here (`app.py` says with which rooms). A database with nothing in it gets
its schema; one that does not fit the settings or this release stops the start, in words.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fedishare import __version__
from fedishare.federation.fetching.fetcher import Fetcher
from fedishare.foundation.config.folder import make_folder
from fedishare.foundation.config.secret_file import read_masters, read_or_make_masters
from fedishare.foundation.config.settings import Settings
from fedishare.foundation.db import migrations
from fedishare.foundation.db.access import Listener
from fedishare.foundation.db.database import Database, open_database
from fedishare.foundation.db.migrations import Say
from fedishare.foundation.net.client import Net, NetSettings, open_net
from fedishare.foundation.net.dialling import Connector
from fedishare.foundation.net.limits import DEADLINE_S
from fedishare.foundation.net.resolving import Resolver
from fedishare.foundation.text.translate import _
from fedishare.foundation.values.clock import Clock
from fedishare.foundation.values.errors import Misconfigured
from fedishare.foundation.values.here import Here
from fedishare.foundation.values.ids import IdSource, first_id_at
from fedishare.foundation.values.secrets import Secret
from fedishare.surfaces.upkeep import store as upkeep

ListenersOf = Callable[[Here], Mapping[type, Sequence[Listener]]]
"""Who is told of which fact, in this instance."""


class Parts:
    """What a running instance and a command of the CLI share. `here` raises Misconfigured before `init`, unless the
    settings say which address it will have."""

    def __init__(
        self,
        *,
        settings: Settings,
        db: Database,
        here: Here | None,
        net: Net,
        clock: Clock,
        begun: bool,
        verifier: str | None,
    ) -> None:
        self.settings = settings
        self.db = db
        self.net = net
        self.clock = clock
        self._here = here
        self._begun = begun
        self._verifier = verifier
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
        """Made at the first need of a new instance; one that has begun has keys that only its own secret opens, so
        another is never made in its place. Raises Misconfigured when it cannot be read or is another."""
        if self._secret is None:
            take = read_masters if self._begun else read_or_make_masters
            master, *former = take(self.settings.secret_file)
            secret = Secret(master, former=former)
            if self._verifier is not None:
                secret.check(self._verifier)
            self._secret = secret
        return self._secret

    @property
    def fetcher(self) -> Fetcher:
        return Fetcher(
            net=self.net,
            db=self.db,
            here=self.here,
            clock=self.clock,
            secret=self.secret,
            limits=self.settings.limits,
        )

    async def close(self) -> None:
        await self.net.close()
        await self.db.close()


async def open_parts(
    settings: Settings,
    *,
    listeners_of: ListenersOf,
    clock: Clock,
    direct: bool,
    resolver: Resolver | None = None,
    connector: Connector | None = None,
    deadline_s: float = DEADLINE_S,
) -> Parts:
    decided, highest_id = await _look_back(settings)
    # Two processes that begin from one database would else give the same ids for what came before either of them.
    here = _here(settings, decided, max(highest_id, first_id_at(clock.now())))
    # The way out first: a hosts file that cannot be read must not leave a database open, which keeps a process alive.
    net = open_net(
        NetSettings(
            user_agent=f"Fedishare/{__version__} (+{here.base_url})" if here else f"Fedishare/{__version__}",
            allow_networks=settings.allow_networks,
            hosts_file=settings.hosts_file,
            ca_file=settings.ca_file,
            deadline_s=deadline_s,
        ),
        resolver=resolver,
        connector=connector,
    )
    listeners = listeners_of(here) if here else {}
    db = await open_database(settings.database_url, listeners=listeners, direct=direct, clock=clock)
    return Parts(
        settings=settings,
        db=db,
        here=here,
        net=net,
        clock=clock,
        begun="base_url" in decided,
        verifier=decided.get("secret_verifier"),
    )


async def bring_up_to_date(settings: Settings, *, asked: bool, clock: Clock, say: Say) -> None:
    """A database with nothing in it gets its schema at once; an older one only when that was asked for."""
    url = settings.database_url
    if settings.on_sqlite:
        make_folder(settings.database_file.parent)
    missing = await migrations.pending(url)
    if not missing:
        return
    if not await migrations.version(url):
        await migrations.migrate(url, say=quietly, clock=clock)
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


def _here(settings: Settings, decided: Mapping[str, str], id_floor: int) -> Here | None:
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
        ids=IdSource(floor=id_floor),
        language=settings.lang,
        time_zone=settings.time_zone,
        open=settings.mode != "closed",
        partners_only=settings.mode == "partners",
        signed_only=settings.authorized_fetch,
    )


def quietly(msgid: str, values: Mapping[str, Any]) -> None:
    """Where there was nothing, nobody needs to read of each step."""
