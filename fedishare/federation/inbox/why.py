"""`fedishare queue why`: one question to both queues, from a terminal. Why has this not arrived?"""

import click
from msgspec import Struct

from fedishare.federation.outbox import late as outgoing
from fedishare.federation.outbox.listing import FailingHost
from fedishare.federation.outbox.wording import held_back, one_line, trouble, why, why_received
from fedishare.federation.vocabulary.origins import host as host_of
from fedishare.foundation.db.access import Read
from fedishare.foundation.db.queries import load
from fedishare.foundation.terminal import Terminal
from fedishare.foundation.text.translate import N_, _, ngettext
from fedishare.foundation.values.clock import Instant, rfc3339

sql = load(__file__, "late.sql")

SHOWN = 200


class Received(Struct, frozen=True, kw_only=True):
    """An activity that came in and waits, or was given up."""

    id: int
    uri: str
    type: str
    actor_uri: str
    origin: str
    state: str
    attempts: int
    due_at: Instant
    lease_until: Instant
    outcome: str
    received_at: Instant


class Known(Struct, frozen=True, kw_only=True):
    """All there is to say about an id or a server; `arrived` counts what reached its inbox, for an id."""

    out: list[outgoing.Late]
    came: list[Received]
    hosts: list[FailingHost]
    arrived: int


class Line(Struct, frozen=True, kw_only=True):
    """Something that waits, as it is printed. `whole` is the last trouble as it was noted."""

    queue: str
    number: int
    activity: str
    type: str
    where: str
    state: str
    attempts: int
    due_at: str
    leased: bool
    why: str
    trouble: str
    whole: str


class HostLine(Struct, frozen=True, kw_only=True):
    """A server that fails, as JSON."""

    queue: str
    host: str
    failures: int
    failing_since: str | None
    failed_days: int
    open_until: str
    waiting: int


class ArrivedLine(Struct, frozen=True, kw_only=True):
    """How many inboxes have it, as JSON."""

    queue: str
    count: int


@click.command(
    "why", help=N_("Why ABOUT is late: the id of an activity or of what it is about, or the name of a server.")
)
@click.argument("about")
@click.option("--limit", type=click.IntRange(1, 10_000), default=SHOWN, show_default=True, help=N_("How many."))
@click.option("--json", "as_json", is_flag=True, help=N_("One JSON object a line."))
@click.pass_obj
def why_late(terminal: Terminal, about: str, limit: int, as_json: bool) -> None:
    """Why something is late."""
    known = terminal.read(known_of, about, size=limit)
    now, zone = terminal.now(), terminal.here.time_zone
    lines = [_out(row, now, zone) for row in known.out] + [_came(row, now, zone) for row in known.came]
    if as_json:
        for each in [*map(_host, known.hosts), ArrivedLine(queue="arrived", count=known.arrived), *lines]:
            terminal.json(each)
        return
    for host in known.hosts:
        terminal.say(_("%(host)s: %(how)s", host=host.host, how=held_back(host, now, zone=zone)))
    if known.arrived:
        terminal.say(ngettext("It has reached %(count)s inbox.", "It has reached %(count)s inboxes.", known.arrived))
    terminal.table([_shown(line) for line in lines], as_json=False)
    for line in lines:
        if line.whole not in ("", one_line(line.whole)):
            terminal.say(_("Number %(number)s, in full:", number=line.number))
            terminal.say(line.whole)


async def known_of(read: Read, about: str, *, size: int) -> Known:
    """`about` is an id, or the name of a server."""
    is_id = "://" in about
    host = None if is_id else host_in(about)
    if host is None:
        out = await outgoing.about(read, about, size=size)
    else:
        out = await outgoing.at_host(read, host, size=size)
    names = sorted({row.host for row in out} | ({host} if host else set()))
    failing = [await outgoing.failing_host(read, name) for name in names]
    return Known(
        out=out,
        came=await received(read, size=size, said=about if is_id else None, host=host),
        hosts=[each for each in failing if each is not None],
        arrived=await outgoing.arrived_count(read, about) if is_id else 0,
    )


async def received(read: Read, *, size: int, said: str | None = None, host: str | None = None) -> list[Received]:
    """What came in and is not applied, oldest first: all, what has an id or author, or a server's."""
    return await read.all(Received, sql.late.filtered(said=said, host=host), said=said, host=host, size=size)


def host_in(text: str) -> str:
    """A server's name as it is kept: in small letters, in ASCII. What cannot be one stays as it is: nobody has it."""
    try:
        return host_of(f"https://{text}/")
    except ValueError:
        return text


def _out(row: outgoing.Late, now: Instant, zone: str) -> Line:
    return Line(
        queue="out",
        number=row.id,
        activity=row.activity,
        type=row.type,
        where=row.inbox,
        state=row.state,
        attempts=row.attempts,
        due_at=rfc3339(row.due_at),
        leased=row.lease_until > now,
        why=why(row, now, zone=zone),
        trouble=trouble(row.status, row.outcome),
        whole=row.outcome,
    )


def _came(row: Received, now: Instant, zone: str) -> Line:
    return Line(
        queue="in",
        number=row.id,
        activity=row.uri,
        type=row.type,
        where=row.actor_uri,
        state=row.state,
        attempts=row.attempts,
        due_at=rfc3339(row.due_at),
        leased=row.lease_until > now,
        why=why_received(row.state, row.lease_until, row.due_at, now, zone=zone),
        trouble=trouble(None, row.outcome),
        whole=row.outcome,
    )


def _shown(line: Line) -> dict[str, object]:
    """For a table: what is in full comes below it."""
    names = ("queue", "number", "activity", "type", "where", "state", "attempts", "due_at", "why", "trouble")
    return {name: getattr(line, name) for name in names}


def _host(host: FailingHost) -> HostLine:
    return HostLine(
        queue="host",
        host=host.host,
        failures=host.failures,
        failing_since=None if host.failing_since is None else rfc3339(host.failing_since),
        failed_days=host.failed_days,
        open_until=rfc3339(host.open_until),
        waiting=host.waiting,
    )
