"""`fedishare report ...`: what people and other servers find wrong, from a terminal."""

import click
import msgspec
from msgspec import Struct

from fedishare.features.moderation import operations, store
from fedishare.features.moderation.model import Listed
from fedishare.foundation.terminal import Terminal
from fedishare.foundation.text.translate import N_, _
from fedishare.foundation.values.clock import rfc3339


class Line(Struct, frozen=True, kw_only=True):
    """A report as it is printed."""

    number: str
    about: str
    said_by: str
    words: str
    objects: str
    since: str
    closed: str


@click.group("report", help=N_("What people and other servers find wrong."))
def report() -> None:
    """What people and other servers find wrong."""


@report.command("list", help=N_("Reports that nobody has closed, newest first."))
@click.option("--all", "everything", is_flag=True, help=N_("Also those that are closed."))
@click.option("--json", "as_json", is_flag=True, help=N_("One JSON object a line."))
@click.pass_obj
def list_(terminal: Terminal, everything: bool, as_json: bool) -> None:
    """The person or server that said it is named here, and nowhere else."""
    listed = terminal.read(store.listing, everything=everything)
    terminal.table([_line(one) for one in listed], as_json=as_json)


@report.command("close", help=N_("Mark the report NUMBER as dealt with."))
@click.argument("number", type=click.IntRange(1, 2**63 - 1))
@click.pass_obj
def close(terminal: Terminal, number: int) -> None:
    """Nobody is told: what was done about it is another command's."""
    terminal.write(operations.close, number, now=terminal.now())
    terminal.say(_("Report %(number)s is closed.", number=number))


def _line(listed: Listed) -> Line:
    return Line(
        number=str(listed.id),
        about=listed.target_handle,
        said_by=listed.host or listed.reporter_handle,
        words=listed.content,
        objects=" ".join(msgspec.json.decode(listed.objects, type=list[str])),
        since=rfc3339(listed.created_at),
        closed="" if listed.closed_at is None else rfc3339(listed.closed_at),
    )
