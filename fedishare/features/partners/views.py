"""The administrators' page of partners: who wants to be one, who is asked, who is; yes, no, no longer.

Asking somebody new takes a look at another server, which no page does: `fedishare partner add`.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from fedishare.features.partners import operations, store
from fedishare.features.partners.model import Listed, State
from fedishare.federation.actors import store as actors
from fedishare.foundation.db.access import Read
from fedishare.foundation.text.translate import _
from fedishare.foundation.values.errors import NotFound
from fedishare.foundation.web.forms import read_form, see_other
from fedishare.foundation.web.pages import page
from fedishare.foundation.web.sessions import admin


class PartnersPage(Struct, frozen=True, kw_only=True):
    """`waiting` wants an answer of ours, `asked` owes us one."""

    waiting: list[Listed]
    asked: list[Listed]
    partners: list[Listed]
    command: str


class AnswerForm(Struct, frozen=True, kw_only=True):
    partner: Annotated[int, Meta(ge=1, le=2**63 - 1)]
    answer: Literal["accept", "refuse", "remove"]


async def partners_page(request: Request) -> Response:
    """GET /admin/partners"""
    admin(request)
    view = await request.state.db.read(_listed)
    return page(request, "partners/partners.html", view, indexed=False)


async def answer(request: Request) -> Response:
    """POST /admin/partners: the three buttons."""
    admin(request)
    form, state = await read_form(request, AnswerForm), request.state
    them = await state.db.read(actors.by_id, form.partner)
    if them is None:
        raise NotFound(f"no actor {form.partner}")
    operation = {"accept": operations.accept, "refuse": operations.refuse, "remove": operations.end}[form.answer]
    await state.db.write(operation, them, here=state.here, now=state.clock.now())
    said = {
        "accept": _("%(handle)s is a partner.", handle=them.handle),
        "refuse": _("%(handle)s was told no.", handle=them.handle),
        "remove": _("%(handle)s is no partner any more.", handle=them.handle),
    }[form.answer]
    return see_other(request, "/admin/partners", say=said)


async def _listed(read: Read) -> PartnersPage:
    us = await actors.association(read)
    return PartnersPage(
        waiting=await store.in_state(read, State.WAITING, association_id=us.id),
        asked=await store.in_state(read, State.ASKED, association_id=us.id),
        partners=await store.in_state(read, State.PARTNER, association_id=us.id),
        command="fedishare partner add @association@example.org",
    )
