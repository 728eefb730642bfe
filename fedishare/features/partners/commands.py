"""`fedishare partner ...`: who is a partner, who wants to be, and who is asked, from a terminal."""

import click
from msgspec import Struct

from fedishare.features.partners import operations, store
from fedishare.features.partners.model import Listed, State
from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.following import meant
from fedishare.federation.policy import domains, ruling
from fedishare.federation.vocabulary.origins import host
from fedishare.foundation.db.access import Read
from fedishare.foundation.terminal import Terminal
from fedishare.foundation.text.translate import N_, _
from fedishare.foundation.values.clock import rfc3339


class Line(Struct, frozen=True, kw_only=True):
    """An association as it is printed."""

    handle: str
    name: str
    state: str
    asked_by: str
    we_follow: str
    they_follow: str
    since: str
    id: str


@click.group("partner", help=N_("Associations that share with this one: ask, answer, end."))
def partner() -> None:
    """Associations that share with this one: ask, answer, end."""


@partner.command("list", help=N_("Partners, and requests that wait for an answer on either side."))
@click.option("--all", "everything", is_flag=True, help=N_("Also those that were refused or have ended."))
@click.option("--json", "as_json", is_flag=True, help=N_("One JSON object a line."))
@click.pass_obj
def list_(terminal: Terminal, everything: bool, as_json: bool) -> None:
    """Partners, and requests that wait for an answer on either side."""
    states = list(State) if everything else [State.WAITING, State.ASKED, State.PARTNER]
    terminal.table(terminal.read(_lines, states), as_json=as_json)


@partner.command("add", help=N_("Ask HANDLE, such as @association@example.org, to be a partner."))
@click.argument("handle")
@click.option("--json", "as_json", is_flag=True, help=N_("One JSON object a line."))
@click.pass_obj
def add(terminal: Terminal, handle: str, as_json: bool) -> None:
    """When they have asked already, this is the yes."""
    if not ("://" in handle or "@" in handle.removeprefix("@")):
        terminal.fail(_("%(handle)s is no address in the fediverse. It looks like: @name@example.org.", handle=handle))
    them = _asked(terminal, handle)
    state = terminal.write(operations.ask, them, here=terminal.here, now=terminal.now())
    if as_json:
        terminal.json({"handle": them.handle, "id": them.uri, "state": state.value})
    elif state is State.PARTNER:
        terminal.say(_("%(handle)s is a partner.", handle=them.handle))
    elif them.speaks_fedishare:
        terminal.say(_("%(handle)s was asked. The answer arrives by itself.", handle=them.handle))
    else:
        terminal.say(_("%(handle)s knows no partners: it is one as soon as it follows back.", handle=them.handle))


@partner.command("accept", help=N_("Say yes to the request of HANDLE."))
@click.argument("handle")
@click.pass_obj
def accept(terminal: Terminal, handle: str) -> None:
    """Each follows the other from then on, and what they published is read."""
    them = _known(terminal, handle)
    terminal.write(operations.accept, them, here=terminal.here, now=terminal.now())
    terminal.say(_("%(handle)s is a partner.", handle=them.handle))


@partner.command("reject", help=N_("Say no to the request of HANDLE."))
@click.argument("handle")
@click.pass_obj
def reject(terminal: Terminal, handle: str) -> None:
    """They are told."""
    them = _known(terminal, handle)
    terminal.write(operations.refuse, them, here=terminal.here, now=terminal.now())
    terminal.say(_("%(handle)s was told no.", handle=them.handle))


@partner.command("remove", help=N_("No longer be a partner of HANDLE, or take the question back."))
@click.argument("handle")
@click.pass_obj
def remove(terminal: Terminal, handle: str) -> None:
    """They are told; what they published in public stays."""
    them = _known(terminal, handle)
    terminal.write(operations.end, them, here=terminal.here, now=terminal.now())
    terminal.say(_("%(handle)s is no partner any more.", handle=them.handle))


def _asked(terminal: Terminal, handle: str) -> Actor:
    """Asked for on the network: in the mode "partners" their server must be let in for that."""
    if not terminal.here.partners_only:
        return terminal.fetching(meant.looked_up, handle, fresh=True)
    place = host(handle) if "://" in handle else ruling.subject_of(handle.rpartition("@")[2])
    terminal.write(domains.let_in, place)
    them = None
    try:
        them = terminal.fetching(meant.looked_up, handle, fresh=True)
    finally:
        if them is None or host(them.uri) != place:
            terminal.write(domains.let_go, place)
    return them


def _known(terminal: Terminal, handle: str) -> Actor:
    """Somebody already stored: to answer or end, nobody has to be asked."""
    found = terminal.read(meant.stored, handle)
    if found is None:
        terminal.fail(_("%(handle)s is not known here. `fedishare partner list` shows who is.", handle=handle))
    return found


async def _lines(read: Read, states: list[State]) -> list[Line]:
    us = await actors.association(read)
    return [_line(one) for state in states for one in await store.in_state(read, state, association_id=us.id)]


def _line(listed: Listed) -> Line:
    return Line(
        handle=listed.handle,
        name=listed.display_name or listed.name,
        state=listed.state.value,
        asked_by="us" if listed.by_us else "them",
        we_follow=listed.we_follow,
        they_follow=listed.they_follow,
        since=rfc3339(listed.changed_at),
        id=listed.uri,
    )
