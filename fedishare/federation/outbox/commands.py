"""`fedishare queue ...`: what must still be told to other servers, from a terminal."""

import click
from msgspec import Struct

from fedishare.federation.outbox import listing
from fedishare.federation.outbox.wording import one_line
from fedishare.foundation.terminal import Terminal
from fedishare.foundation.text.translate import N_, _, ngettext
from fedishare.foundation.values.clock import rfc3339

SHOWN = 200


class Line(Struct, frozen=True, kw_only=True):
    """A delivery as it is printed."""

    number: int
    activity: str
    type: str
    inbox: str
    state: str
    attempts: int
    due_at: str
    status: int | None
    outcome: str


@click.group("queue", help=N_("What waits to be told to other servers."))
def queue() -> None:
    """What waits to be told to other servers."""


@queue.command("list", help=N_("The newest deliveries, and what came of them."))
@click.option("--state", type=click.Choice(["waiting", "done", "dead"]), help=N_("Only those in this state."))
@click.option("--host", help=N_("Only those to this server."))
@click.option("--limit", type=click.IntRange(1, 10_000), default=SHOWN, show_default=True, help=N_("How many."))
@click.option("--json", "as_json", is_flag=True, help=N_("One JSON object a line."))
@click.pass_obj
def list_(terminal: Terminal, state: str | None, host: str | None, limit: int, as_json: bool) -> None:
    """The newest deliveries, and what came of them."""
    found = terminal.read(listing.listing, state=state, host=host, size=limit)
    terminal.table([_line(row, whole=as_json) for row in found], as_json=as_json)


@queue.command("retry", help=N_("Try again now what waits or was given up."))
@click.option("--host", help=N_("Those to this server."))
@click.option("--number", type=int, help=N_("This one, by the number that `queue list` shows."))
@click.option("--all", "everything", is_flag=True, help=N_("Everything that waits or was given up."))
@click.pass_obj
def retry(terminal: Terminal, host: str | None, number: int | None, everything: bool) -> None:
    """Try again now what waits or was given up."""
    _check_chosen(terminal, host, number, everything)
    count = terminal.write(listing.retry, now=terminal.now(), host=host, number=number)
    words = ngettext("%(count)s delivery is tried again now.", "%(count)s deliveries are tried again now.", count)
    terminal.say(words % {"count": count})


@queue.command("drop", help=N_("Never send what waits or was given up. This cannot be undone."))
@click.option("--host", help=N_("Those to this server."))
@click.option("--number", type=int, help=N_("This one, by the number that `queue list` shows."))
@click.option("--all", "everything", is_flag=True, help=N_("Everything that waits or was given up."))
@click.pass_obj
def drop(terminal: Terminal, host: str | None, number: int | None, everything: bool) -> None:
    """Never send what waits or was given up. This cannot be undone."""
    _check_chosen(terminal, host, number, everything)
    count = terminal.write(listing.drop, now=terminal.now(), host=host, number=number)
    words = ngettext("%(count)s delivery is dropped.", "%(count)s deliveries are dropped.", count)
    terminal.say(words % {"count": count})


def _check_chosen(terminal: Terminal, host: str | None, number: int | None, everything: bool) -> None:
    if not everything and host is None and number is None:
        terminal.fail(_("Say which: --host, --number, or --all."))


def _line(row: listing.Listed, *, whole: bool) -> Line:
    return Line(
        number=row.id,
        activity=row.activity,
        type=row.type,
        inbox=row.inbox,
        state=row.state,
        attempts=row.attempts,
        due_at=rfc3339(row.due_at),
        status=row.status,
        outcome=row.outcome if whole else one_line(row.outcome),
    )
