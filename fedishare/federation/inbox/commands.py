"""`fedishare inbox ...`, `fedishare queue stats` and `why`: what came in and what became of it, from a terminal."""

import click
from msgspec import Struct

from fedishare.federation.inbox import store
from fedishare.federation.inbox.why import why_late
from fedishare.federation.outbox import commands as outbox
from fedishare.federation.outbox import listing
from fedishare.foundation.db.access import Read
from fedishare.foundation.terminal import Terminal
from fedishare.foundation.text.translate import N_, _, ngettext
from fedishare.foundation.values.clock import rfc3339

STATES = ("waiting", "applied", "dropped", "dead")
SHOWN = 200


class Line(Struct, frozen=True, kw_only=True):
    """An activity as it is printed. `id` is what its sender calls it, and may be empty."""

    id: str
    type: str
    actor: str
    state: str
    attempts: int
    outcome: str
    received_at: str


class Stats(Struct, frozen=True, kw_only=True):
    """How much waits, in and out, and how much was given up."""

    inbox_waiting: int
    deliveries_waiting: int
    dead: int


@click.group("inbox", help=N_("What other servers have told this one."))
def inbox() -> None:
    """What other servers have told this one."""


@inbox.command("list", help=N_("The newest activities, and what became of them."))
@click.option("--state", type=click.Choice(STATES), help=N_("Only those in this state."))
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=SHOWN, show_default=True, help=N_("How many."))
@click.option("--json", "as_json", is_flag=True, help=N_("One JSON object a line."))
@click.pass_obj
def list_(terminal: Terminal, state: str | None, limit: int, as_json: bool) -> None:
    """The newest activities, and what became of them."""
    found = terminal.read(store.listing, state=state, size=limit)
    terminal.table([_line(row) for row in found], as_json=as_json)


@inbox.command("retry", help=N_("Apply again what was given up, once its cause is repaired."))
@click.pass_obj
def retry(terminal: Terminal) -> None:
    """Apply again what was given up, once its cause is repaired."""
    count = terminal.write(store.retry_dead, now=terminal.now())
    words = ngettext("%(count)s activity is tried again now.", "%(count)s activities are tried again now.", count)
    terminal.say(words % {"count": count})


@outbox.queue.command("stats", help=N_("How much waits, in and out, and how much was given up."))
@click.option("--json", "as_json", is_flag=True, help=N_("One JSON object a line."))
@click.pass_obj
def stats(terminal: Terminal, as_json: bool) -> None:
    """How much waits, in and out, and how much was given up."""
    found = terminal.read(count)
    if as_json:
        terminal.json(found)
        return
    terminal.say(_("Came in and not yet applied: %(count)s") % {"count": found.inbox_waiting})
    terminal.say(_("Still to be told to others: %(count)s") % {"count": found.deliveries_waiting})
    terminal.say(_("Given up: %(count)s") % {"count": found.dead})


async def count(read: Read) -> Stats:
    """Both queues at one moment."""
    return Stats(
        inbox_waiting=await store.waiting_count(read),
        deliveries_waiting=await listing.waiting_count(read),
        dead=await store.dead_count(read) + await listing.dead_count(read),
    )


def _line(row: store.Listed) -> Line:
    return Line(
        id=row.uri,
        type=row.type,
        actor=row.actor_uri,
        state=row.state,
        attempts=row.attempts,
        outcome=row.outcome,
        received_at=rfc3339(row.received_at),
    )


outbox.queue.add_command(why_late)
COMMANDS = (inbox, outbox.queue)
