"""`fedishare config show`: what is chosen, and where each choice stands."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

import click
from msgspec import Struct

from fedishare.foundation.config.checks import CHECKS
from fedishare.foundation.config.loading import PREFIX, description_of
from fedishare.foundation.terminal import Terminal
from fedishare.foundation.text.translate import N_, _

DEFAULT = N_("default")
"""The origin of what nobody chose; a msgid."""


class Shown(Struct, frozen=True, kw_only=True):
    """One setting as it is printed."""

    name: str
    value: str


class ShownWithOrigin(Shown, frozen=True, kw_only=True):
    """And where it was chosen, and what it is for."""

    origin: str
    meaning: str


@click.group("config", help=N_("The settings of this instance."))
def config() -> None:
    """A noun: its verbs follow."""


@config.command("show", help=N_("Show every setting; passwords are hidden."))
@click.option("--origin", is_flag=True, help=N_("Also show where each was chosen, and what it is for."))
@click.option("--json", "as_json", is_flag=True, help=N_("One JSON object a line."))
@click.pass_obj
def show(terminal: Terminal, origin: bool, as_json: bool) -> None:
    settings, origins = terminal.settings, terminal.configured.origins
    rows: list[Shown] = []
    for name in CHECKS:
        value = _written(getattr(settings, name))
        variable = PREFIX + name.upper()
        if origin:
            where = _(origins.get(name, DEFAULT))
            rows.append(ShownWithOrigin(name=variable, value=value, origin=where, meaning=_(description_of(name))))
        else:
            rows.append(Shown(name=variable, value=value))
    terminal.table(rows, as_json=as_json)
    for unknown in terminal.configured.unknown:
        terminal.warn(_("%(name)s: there is no such setting; it is ignored.", name=unknown))


def _written(value: Any) -> str:
    """As it would stand in the environment."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    text = "" if value is None else str(value)
    return _without_password(text) if "://" in text else text


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    if parts.password is None:
        return url
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username}:…@{host}"))
