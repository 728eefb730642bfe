"""`fedishare block ...`: whom somebody here wants to hear nothing of, from a terminal. Whole servers: `policy`."""

import click
from msgspec import Struct

from fedishare.federation.actors import store as actors
from fedishare.federation.following import blocking, meant, store
from fedishare.foundation.terminal import Terminal
from fedishare.foundation.text.translate import _
from fedishare.foundation.values.clock import rfc3339
from fedishare.foundation.values.errors import N_


class Line(Struct, frozen=True, kw_only=True):
    """Somebody who is blocked, as they are printed."""

    handle: str
    id: str
    since: str


@click.group("block", help=N_("Hear nothing of somebody, and tell them nothing."))
def block() -> None:
    """Between two people; whole servers are `fedishare policy`."""


@block.command("add", help=N_("Hear nothing of HANDLE, such as @somebody@example.org. Follows end both ways."))
@click.argument("handle")
@click.option("--as", "name", default="", help=N_("Who blocks; the association unless another name is given."))
@click.pass_obj
def add(terminal: Terminal, handle: str, name: str) -> None:
    blocker = meant.local(terminal, name)
    blocked = terminal.fetching(meant.looked_up, handle)
    terminal.write(blocking.block, blocker, blocked, here=terminal.here, now=terminal.now())
    words = _("%(name)s hears nothing of %(handle)s from now on.")
    terminal.say(words % {"name": blocker.name, "handle": blocked.handle})


@block.command("list", help=N_("Whom the association wants to hear nothing of."))
@click.option("--as", "name", default="", help=N_("Whose; the association's unless another name is given."))
@click.option("--json", "as_json", is_flag=True, help=N_("One JSON object a line."))
@click.pass_obj
def list_(terminal: Terminal, name: str, as_json: bool) -> None:
    found = terminal.read(store.blocked_by, meant.local(terminal, name).id)
    lines = [Line(handle=one.handle, id=one.uri, since=rfc3339(one.created_at)) for one in found]
    terminal.table(lines, as_json=as_json)


@block.command("remove", help=N_("Hear HANDLE again. Nobody follows again by itself."))
@click.argument("handle")
@click.option("--as", "name", default="", help=N_("Who blocks; the association unless another name is given."))
@click.pass_obj
def remove(terminal: Terminal, handle: str, name: str) -> None:
    blocker = meant.local(terminal, name)
    found = next(
        (one for one in terminal.read(store.blocked_by, blocker.id) if handle in (one.uri, *_forms(one))), None
    )
    blocked = terminal.read(actors.by_uri, found.uri) if found is not None else None
    if blocked is None:
        terminal.fail(_("%(name)s has not blocked %(handle)s.") % {"name": blocker.name, "handle": handle})
    terminal.write(blocking.unblock, blocker, blocked, here=terminal.here, now=terminal.now())
    terminal.say(_("%(name)s hears %(handle)s again.") % {"name": blocker.name, "handle": blocked.handle})


COMMANDS: list[click.Command] = [block]


def _forms(one: store.Blocked) -> tuple[str, str]:
    return one.handle, f"@{one.handle}"
