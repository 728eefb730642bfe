"""`fedishare db status|migrate`: how far the database is, and bringing it to this release."""

from collections.abc import Mapping
from typing import Any

import click
from msgspec import Struct

from fedishare.foundation.config.folder import make_folder
from fedishare.foundation.db.address import engine_of
from fedishare.foundation.db.migrations import migrate, pending, version
from fedishare.foundation.terminal import Terminal
from fedishare.foundation.text.translate import N_, _


class Status(Struct, frozen=True, kw_only=True):
    """`pending`: names of the steps that this release has and the database has not."""

    engine: str
    version: int
    pending: list[str]


@click.group("db", help=N_("The database of this instance."))
def db() -> None:
    """A noun: its verbs follow."""


@db.command("status", help=N_("Show which version the database has, and which steps are missing."))
@click.option("--json", "as_json", is_flag=True, help=N_("One JSON object a line."))
@click.pass_obj
def status(terminal: Terminal, as_json: bool) -> None:
    url = terminal.settings.database_url
    found = Status(
        engine=engine_of(url),
        version=terminal.run(version(url)),
        pending=[f"{step.version:04}_{step.name}" for step in terminal.run(pending(url))],
    )
    if as_json:
        terminal.json(found)
        return
    terminal.say(_("Engine: %(engine)s. Version: %(version)s.", engine=found.engine, version=found.version))
    if found.pending:
        terminal.say(_("Missing: %(steps)s. Run: fedishare db migrate", steps=", ".join(found.pending)))
    else:
        terminal.say(_("The database is up to date."))


@db.command("migrate", help=N_("Bring the database to this release; SQLite is copied first."))
@click.pass_obj
def migrate_(terminal: Terminal) -> None:
    def say(msgid: str, values: Mapping[str, Any]) -> None:
        terminal.say(_(msgid, **values))

    if terminal.settings.on_sqlite:
        make_folder(terminal.settings.database_file.parent)
    if not terminal.run(migrate(terminal.settings.database_url, say=say, clock=terminal.clock)):
        terminal.say(_("The database is up to date."))
