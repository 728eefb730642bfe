"""The administrators' page of both queues: what is late and why, which servers fail; try again, or never.

Lists are bounded: whoever needs more asks `fedishare queue list` and `fedishare queue why`.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from fedishare.federation.inbox import store as inbox
from fedishare.federation.inbox import why as received
from fedishare.federation.outbox import late, listing
from fedishare.federation.outbox.wording import held_back, trouble, why, why_received
from fedishare.foundation.db.access import Read
from fedishare.foundation.text.translate import _, ngettext
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.errors import N_, Invalid
from fedishare.foundation.web.forms import read_form, see_other
from fedishare.foundation.web.pages import page
from fedishare.foundation.web.sessions import admin

PATH = "/admin/queue"
SHOWN = 20
"""Of each list."""
_WHICH = N_("Say which: a server, or a number.")


class Row(Struct, frozen=True, kw_only=True):
    """Something that waits or was given up: what it is, between whom, why, and what went wrong the last time."""

    number: int
    activity: str
    type: str
    where: str
    attempts: int
    why: str
    trouble: str


class HostRow(Struct, frozen=True, kw_only=True):
    """A server that fails, and how, in a sentence."""

    host: str
    how: str
    waiting: int


class QueuePage(Struct, frozen=True, kw_only=True):
    """`waiting`, `late` and `dead` count what goes out, `came` and `came_dead` what came in."""

    waiting: int
    late: int
    dead: int
    came: int
    came_dead: int
    hosts: list[HostRow]
    oldest: list[Row]
    given_up: list[Row]
    received: list[Row]
    shown: int
    command: str


class QueueForm(Struct, frozen=True, kw_only=True):
    """One server's, or the one of a number; `apply` takes up again what came in and was given up."""

    do: Literal["retry", "drop", "apply"]
    host: Annotated[str, Meta(max_length=300)] = ""
    number: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 0


async def queue_page(request: Request) -> Response:
    """GET /admin/queue"""
    admin(request)
    state = request.state
    view = await state.db.read(_looked_at, now=state.clock.now(), zone=state.here.time_zone)
    return page(request, "upkeep/queue.html", view, indexed=False)


async def act(request: Request) -> Response:
    """POST /admin/queue: the buttons. Never everything at once by accident: what is sent to others is chosen."""
    admin(request)
    form, state = await read_form(request, QueueForm), request.state
    now: Instant = state.clock.now()
    if form.do == "apply":
        count = await state.db.write(inbox.retry_dead, now=now)
        return see_other(request, PATH, say=_again_applied(count))
    if bool(form.host) == bool(form.number):
        raise Invalid({"host": _WHICH})
    operation = {"retry": listing.retry, "drop": listing.drop}[form.do]
    count = await state.db.write(operation, now=now, host=form.host or None, number=form.number or None)
    return see_other(request, PATH, say=_again(count) if form.do == "retry" else _dropped(count))


async def _looked_at(read: Read, *, now: Instant, zone: str) -> QueuePage:
    failing = await listing.failing_hosts(read, size=SHOWN)
    dead = await listing.listing(read, state="dead", host=None, size=SHOWN)
    return QueuePage(
        waiting=await listing.waiting_count(read),
        late=await late.late_count(read, now=now),
        dead=await listing.dead_count(read),
        came=await inbox.waiting_count(read),
        came_dead=await inbox.dead_count(read),
        hosts=[HostRow(host=one.host, how=held_back(one, now, zone=zone), waiting=one.waiting) for one in failing],
        oldest=[_sent(one, why(one, now, zone=zone)) for one in await late.oldest(read, size=SHOWN)],
        given_up=[_sent(one, _("It was given up.")) for one in dead],
        received=[_received(one, now, zone) for one in await received.received(read, size=SHOWN)],
        shown=SHOWN,
        command="fedishare queue why https://…",
    )


def _sent(one: late.Late | listing.Listed, reason: str) -> Row:
    return Row(
        number=one.id,
        activity=one.activity,
        type=one.type,
        where=one.inbox,
        attempts=one.attempts,
        why=reason,
        trouble=trouble(one.status, one.outcome),
    )


def _received(one: received.Received, now: Instant, zone: str) -> Row:
    return Row(
        number=one.id,
        activity=one.uri,
        type=one.type,
        where=one.actor_uri,
        attempts=one.attempts,
        why=why_received(one.state, one.lease_until, one.due_at, now, zone=zone),
        trouble=trouble(None, one.outcome),
    )


def _again(count: int) -> str:
    return ngettext("%(count)s delivery is tried again now.", "%(count)s deliveries are tried again now.", count)


def _dropped(count: int) -> str:
    return ngettext("%(count)s delivery is dropped.", "%(count)s deliveries are dropped.", count)


def _again_applied(count: int) -> str:
    return ngettext("%(count)s activity is tried again now.", "%(count)s activities are tried again now.", count)
