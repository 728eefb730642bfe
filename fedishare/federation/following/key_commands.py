"""`fedishare key ...`: the keys of who lives here, from a terminal."""

import asyncio
from collections.abc import Sequence

import click
from msgspec import Struct

from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.actors.store import OwnKey
from fedishare.federation.following import key_rotation
from fedishare.federation.signatures.keys import make_keys
from fedishare.foundation.terminal import Terminal
from fedishare.foundation.text.translate import _
from fedishare.foundation.values.clock import rfc3339
from fedishare.foundation.values.errors import N_


class Line(Struct, frozen=True, kw_only=True):
    """A key as it is printed; `until` is empty while it is in use."""

    name: str
    kind: str
    since: str
    until: str
    id: str


@click.group("key", help=N_("The keys that sign what this instance says."))
def key() -> None:
    """Private halves are sealed in the database and shown nowhere."""


@key.command("list", help=N_("The keys of everybody here, those that were replaced too."))
@click.option("--json", "as_json", is_flag=True, help=N_("One JSON object a line."))
@click.pass_obj
def list_(terminal: Terminal, as_json: bool) -> None:
    terminal.table([_line(found) for found in terminal.read(actors.own_keys)], as_json=as_json)


@key.command("rotate", help=N_("Give NAME new keys, and tell other servers. Needed when somebody else may have them."))
@click.argument("name", default="")
@click.option("--all", "everybody", is_flag=True, help=N_("Everybody here, the instance included."))
@click.pass_obj
def rotate(terminal: Terminal, name: str, everybody: bool) -> None:
    if bool(name) == everybody:
        terminal.fail(_("Say who gets new keys: a name, or --all for everybody."))
    for actor in _chosen(terminal, name):
        # Made outside of the transaction: half a second in which nobody else could write.
        made = terminal.run(asyncio.to_thread(make_keys))
        terminal.write(
            key_rotation.rotate, actor, keys=made, secret=terminal.secret, here=terminal.here, now=terminal.now()
        )
        terminal.say(
            _("%(name)s has new keys. Other servers are told, signed with the old one.") % {"name": actor.name}
        )


COMMANDS: list[click.Command] = [key]


def _chosen(terminal: Terminal, name: str) -> Sequence[Actor]:
    living = terminal.read(actors.local_actors)
    if not name:
        return living
    found = [actor for actor in living if actor.name == name.removeprefix("@").lower()]
    if not found:
        terminal.fail(_("Nobody here is called %(name)s.") % {"name": name})
    return found


def _line(found: OwnKey) -> Line:
    return Line(
        name=found.name,
        kind=found.kind,
        since=rfc3339(found.created_at),
        until=rfc3339(found.retired_at) if found.retired_at is not None else "",
        id=found.uri,
    )
