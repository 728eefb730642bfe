"""Pages of reports: the form for whoever has signed in, the list for administrators.

What is reported is named by its number among the things the reader may see; what they may not see does not exist.
"""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from fedishare.features.conversations import objects
from fedishare.features.conversations import store as posts
from fedishare.features.conversations.model import POST, PostState, StoredObject
from fedishare.features.conversations.stewards import acts_for
from fedishare.features.moderation import operations, store
from fedishare.features.moderation.model import LONGEST_TEXT, Listed
from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.foundation.db.access import Read
from fedishare.foundation.text.translate import _
from fedishare.foundation.values.errors import Gone, NotFound
from fedishare.foundation.web.forms import read_form, see_other
from fedishare.foundation.web.pages import page
from fedishare.foundation.web.sending import form_of, once
from fedishare.foundation.web.sessions import SignedIn, admin, signed_in

_BIGGEST = 2**63 - 1
Number = Annotated[int, Meta(ge=1, le=_BIGGEST)]


class ReportForm(Struct, frozen=True, kw_only=True):
    """`about` is the number of a proposal or post, `home` whether its author's server is told."""

    about: Number
    text: Annotated[str, Meta(max_length=LONGEST_TEXT)]
    home: str = ""


class CloseForm(Struct, frozen=True, kw_only=True):
    report: Number


class ReportPage(Struct, frozen=True, kw_only=True):
    about: int
    is_post: bool
    target: Actor


class Line(Struct, frozen=True, kw_only=True):
    """A report, and the addresses of what it is about."""

    report: Listed
    addresses: list[str]


class ReportsPage(Struct, frozen=True, kw_only=True):
    lines: list[Line]
    command: str


async def report_page(request: Request) -> Response:
    """GET /report?about=…"""
    viewer, asked = signed_in(request), request.query_params.get("about", "") or _sent(request)
    if not (asked.isascii() and asked.isdigit() and len(asked) < 20 and int(asked) <= _BIGGEST):
        raise NotFound(f"nothing has the number {asked[:40]}")
    about, target = await request.state.db.read(_about, int(asked), viewer)
    view = ReportPage(about=about.id, is_post=about.kind == POST, target=target)
    return page(request, "moderation/report.html", view, indexed=False)


async def report(request: Request) -> Response:
    """POST /report"""
    state, viewer, form = request.state, signed_in(request), await read_form(request, ReportForm)
    about, _target = await state.db.read(_about, form.about, viewer)
    by = await state.db.read(actors.by_id, viewer.actor_id)
    await state.db.write(
        once,
        form_of(request),
        operations.report,
        about,
        form.text,
        by=by,
        tell_home=bool(form.home),
        here=state.here,
        now=state.clock.now(),
    )
    where = f"/proposals/{about.id}" if about.kind != POST else "/"
    return see_other(request, where, say=_("Thank you. Who answers for this site will look at it."))


async def reports_page(request: Request) -> Response:
    """GET /admin/reports"""
    admin(request)
    listed = await request.state.db.read(store.listing)
    lines = [Line(report=one, addresses=msgspec.json.decode(one.objects, type=list[str])) for one in listed]
    return page(
        request, "moderation/reports.html", ReportsPage(lines=lines, command="fedishare policy add"), indexed=False
    )


async def close(request: Request) -> Response:
    """POST /admin/reports"""
    admin(request)
    form, state = await read_form(request, CloseForm), request.state
    await state.db.write(operations.close, form.report, now=state.clock.now())
    return see_other(request, "/admin/reports", say=_("Closed."))


async def _about(read: Read, number: int, viewer: SignedIn) -> tuple[StoredObject, Actor]:
    """Raises NotFound, Gone."""
    about = await objects.object_seen(read, number, viewer=viewer.actor_id)
    if about is None or not await _may_know(read, about, viewer):
        raise NotFound(f"nothing of the number {number} is shown to {viewer.name}")
    if about.deleted_at is not None:
        raise Gone(about.uri)
    return about, (await actors.by_ids(read, [about.owner_id]))[about.owner_id]


async def _may_know(read: Read, about: StoredObject, viewer: SignedIn) -> bool:
    """Of a reply that waits, or was refused, its author and its steward alone."""
    post = await posts.post_by_id(read, about.id)
    if post is None or post.state == PostState.SHOWN:
        return True
    return not {post.author_id, post.steward_id}.isdisjoint(await acts_for(read, viewer))


def _sent(request: Request) -> str:
    """The number in a form that is shown again."""
    given = getattr(request.state, "fields", {}).get("about", [""])
    return str(given[0])
