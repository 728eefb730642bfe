"""What a feature plugs in: one value, joined with the others by `app.py`. Nothing registers itself at import."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import click
from msgspec import Struct
from starlette.routing import BaseRoute

from fedishare.federation.fetching.fetcher import Fetcher
from fedishare.federation.inbox.foreseeing import Foresee
from fedishare.federation.inbox.handling import Handler
from fedishare.foundation.db.access import Tx
from fedishare.foundation.db.database import Database
from fedishare.foundation.values.clock import Clock
from fedishare.foundation.values.here import Here


class Tools(Struct, frozen=True, kw_only=True):
    """What a job may use: it runs outside of any transaction and may take its time."""

    db: Database
    fetcher: Fetcher
    here: Here
    clock: Clock


class Job(Struct, frozen=True, kw_only=True):
    """Work kept in the database until done. `payload` is the Struct that `jobs.enqueue` was given."""

    kind: str
    payload: type[Struct]
    run: Callable[[Tools, Any], Awaitable[None]]


class MenuEntry(Struct, frozen=True, kw_only=True):
    """A page in the bar: its path, its msgid, its icon's name, and who sees it ("all", "members", "admins").

    Administrators' pages are found on their account page instead: the bar has no room for them.
    """

    path: str
    label: str
    icon: str
    seen_by: str = "all"


class Feature(Struct, frozen=True, kw_only=True):
    """`handlers` are keyed by (activity type, object type): see `inbox.handling`. `listeners` are called as
    `listener(tx, fact, here)`."""

    name: str
    routes: Sequence[BaseRoute] = ()
    handlers: Mapping[tuple[str, str], Handler] = {}
    jobs: Sequence[Job] = ()
    listeners: Sequence[tuple[type, Callable[[Tx, Any, Here], Awaitable[None]]]] = ()
    commands: Sequence[click.Command] = ()
    menu: Sequence[MenuEntry] = ()
    foresee: Foresee | None = None
    """What its handlers will ask, asked for a whole group."""
