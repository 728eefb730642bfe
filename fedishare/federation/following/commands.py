"""`fedishare follow ...` and `fedishare peer ...`: who follows whom, from a terminal."""

import re
from typing import Any

import click
from msgspec import Struct

from fedishare.federation.actors.model import Actor
from fedishare.federation.following import meant, operations, store
from fedishare.federation.following.model import Follow, Relation, State
from fedishare.federation.policy import circles
from fedishare.foundation.db.access import Read
from fedishare.foundation.terminal import Terminal
from fedishare.foundation.text.translate import _
from fedishare.foundation.values.clock import rfc3339
from fedishare.foundation.values.errors import N_

_HANDLE = re.compile("@?[^@]+@[^@]+")


class Line(Struct, frozen=True, kw_only=True):
    """A follow as it is printed."""

    direction: str
    handle: str
    name: str
    state: str
    since: str
    id: str


class PeerLine(Struct, frozen=True, kw_only=True):
    """A server as it is printed."""

    host: str
    followers: int
    following: int
    software: str
    failures: int
    last_heard: str
    last_delivered: str


@click.group("follow", help=N_("Follow others, and see who follows."))
def follow() -> None:
    """One row a pair; who is followed is asked for on the network first."""


@follow.command("add", help=N_("Follow HANDLE, such as @association@example.org, or the address of an actor."))
@click.argument("handle")
@click.option("--as", "name", default="", help=N_("Who follows; the association unless another name is given."))
@click.option("--json", "as_json", is_flag=True, help=N_("One JSON object a line."))
@click.pass_obj
def add(terminal: Terminal, handle: str, name: str, as_json: bool) -> None:
    follower = meant.local(terminal, name)
    if not ("://" in handle or _HANDLE.fullmatch(handle)):
        terminal.fail(_("%(handle)s is no address in the fediverse. It looks like: @name@example.org.", handle=handle))
    followed = terminal.fetching(meant.looked_up, handle)
    state = terminal.write(operations.follow, follower, followed, here=terminal.here, now=terminal.now())
    if as_json:
        terminal.json({"handle": followed.handle, "id": followed.uri, "state": state.value})
    elif state is State.ACCEPTED:
        terminal.say(_("%(name)s follows %(handle)s.") % {"name": follower.name, "handle": followed.handle})
    else:
        words = _("%(name)s asks to follow %(handle)s. The answer arrives by itself.")
        terminal.say(words % {"name": follower.name, "handle": followed.handle})


@follow.command("list", help=N_("Whom the association follows, who follows it, and who has not answered yet."))
@click.option("--as", "name", default="", help=N_("Whose follows; the association's unless another name is given."))
@click.option("--json", "as_json", is_flag=True, help=N_("One JSON object a line."))
@click.pass_obj
def list_(terminal: Terminal, name: str, as_json: bool) -> None:
    actor = meant.local(terminal, name)
    terminal.table(terminal.read(_lines, actor.id), as_json=as_json)


@follow.command("remove", help=N_("No longer follow HANDLE, or no longer be followed by it."))
@click.argument("handle")
@click.option("--as", "name", default="", help=N_("Who stops following; the association unless another is named."))
@click.option("--follower", "follower_too", is_flag=True, help=N_("Remove HANDLE from the followers instead."))
@click.pass_obj
def remove(terminal: Terminal, handle: str, name: str, follower_too: bool) -> None:
    us, them = meant.local(terminal, name), _known(terminal, handle)
    if follower_too:
        terminal.write(operations.remove_follower, them, us, here=terminal.here, now=terminal.now())
        words = _("%(handle)s no longer follows %(name)s.")
    else:
        terminal.write(operations.unfollow, us, them, here=terminal.here, now=terminal.now())
        words = _("%(name)s no longer follows %(handle)s.")
    terminal.say(words % {"name": us.name, "handle": them.handle})


@click.group("peer", help=N_("Other servers that this one speaks with."))
def peer() -> None:
    """Read from what is stored: nobody is asked."""


@peer.command("list", help=N_("Servers that somebody here follows, or that follow somebody here."))
@click.option("--json", "as_json", is_flag=True, help=N_("One JSON object a line."))
@click.pass_obj
def peers(terminal: Terminal, as_json: bool) -> None:
    terminal.table([_peer_line(found) for found in terminal.read(store.peers)], as_json=as_json)


@peer.command("show", help=N_("What stands between the association and HANDLE."))
@click.argument("handle")
@click.option("--json", "as_json", is_flag=True, help=N_("One JSON object a line."))
@click.pass_obj
def show(terminal: Terminal, handle: str, as_json: bool) -> None:
    us, them = meant.local(terminal, ""), _known(terminal, handle)
    found = terminal.read(_between, us.id, them.id)
    row = {
        "handle": them.handle,
        "name": them.display_name or them.name,
        "id": them.uri,
        "fedishare": them.speaks_fedishare,
        "we_follow": _state(found[0]),
        "they_follow": _state(found[1]),
        "partner": not them.local and terminal.read(circles.sees, circles.PARTNERS, them.id),
        "seen": rfc3339(them.fetched_at),
    }
    if as_json:
        terminal.json(row)
        return
    for name, value in row.items():
        terminal.say(f"{name:12} {value}")


COMMANDS: list[click.Command] = [follow, peer]


def _known(terminal: Terminal, handle: str) -> Actor:
    """Somebody already stored: to end a follow, nobody has to be asked."""
    found = terminal.read(meant.stored, handle)
    if found is None:
        words = _("%(handle)s is not known here. `fedishare follow list` shows who is.")
        terminal.fail(words % {"handle": handle})
    return found


async def _lines(read: Read, actor_id: int) -> list[Line]:
    listed: list[Line] = []
    for state in (State.ACCEPTED, State.PENDING):
        following = await store.following(read, actor_id, state=state)
        followers = await store.followers(read, actor_id, state=state)
        listed += [_line("following", one) for one in following] + [_line("follower", one) for one in followers]
    return listed


def _line(direction: str, relation: Relation) -> Line:
    return Line(
        direction=direction,
        handle=relation.handle,
        name=relation.display_name or relation.name,
        state=relation.state.value,
        since=rfc3339(relation.created_at),
        id=relation.uri,
    )


def _peer_line(found: store.Peer) -> PeerLine:
    def when(instant: Any) -> str:
        return rfc3339(instant) if instant is not None else ""

    return PeerLine(
        host=found.host,
        followers=found.followers,
        following=found.following,
        software=found.software,
        failures=found.failures,
        last_heard=when(found.last_heard_at),
        last_delivered=when(found.last_success_at),
    )


async def _between(read: Read, us: int, them: int) -> tuple[Follow | None, Follow | None]:
    return await store.pair(read, us, them), await store.pair(read, them, us)


def _state(found: Follow | None) -> str:
    return found.state.value if found is not None else "no"
