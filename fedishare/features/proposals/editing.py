"""Forms that publish, change, close and delete a proposal."""

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from fedishare.features.conversations.stewards import acts_as, acts_for
from fedishare.features.proposals import drafting, operations
from fedishare.features.proposals.drafting import Written
from fedishare.features.proposals.model import Draft, Proposal, Unit
from fedishare.federation.actors.model import Actor
from fedishare.foundation.text.translate import N_, _
from fedishare.foundation.values.clock import SECOND
from fedishare.foundation.values.errors import Invalid
from fedishare.foundation.web.forms import read_form, see_other
from fedishare.foundation.web.pages import page
from fedishare.foundation.web.sending import form_of, once
from fedishare.foundation.web.sessions import signed_in

UNITS = {Unit.ONE: N_("pieces"), Unit.HOUR: N_("hours"), Unit.KILOGRAM: N_("kilograms"), Unit.LITRE: N_("litres")}


class ProposalForm(Written, frozen=True, kw_only=True):
    """As it is sent: texts, checked together by `drafting`; and in whose name."""

    owner: str = ""


class EditPage(Struct, frozen=True, kw_only=True):
    """`owners` is empty where there is no choice; `proposal_id` is 0 for a new one."""

    proposal_id: int
    written: Written
    owners: list[tuple[str, str]]
    units: list[tuple[str, str]]


class ConfirmPage(Struct, frozen=True, kw_only=True):
    proposal: Proposal


async def new_page(request: Request) -> Response:
    """GET /new: one form for offers and needs."""
    viewer = signed_in(request)
    acting = await request.state.db.read(acts_as, viewer)
    owners = [(actor.name, _(N_("me, %(name)s"), name=_named(actor))) for actor in acting[:1]]
    owners += [(actor.name, _named(actor)) for actor in acting[1:]]
    purpose = request.query_params.get("purpose", "")
    view = EditPage(
        proposal_id=0,
        written=Written(purpose=purpose if purpose in ("offer", "request") else "offer", action="use"),
        owners=owners if len(owners) > 1 else [],
        units=[(unit.value, _(said)) for unit, said in UNITS.items()],
    )
    return page(request, "proposals/edit.html", view, indexed=False)


async def publish(request: Request) -> Response:
    """POST /new"""
    state, viewer = request.state, signed_in(request)
    form = await read_form(request, ProposalForm)
    draft = _draft(request, form)
    owner = _owner(form, await state.db.read(acts_as, viewer))
    number = await state.db.write(
        once,
        form_of(request),
        operations.publish,
        draft,
        owner=owner,
        author_id=viewer.actor_id,
        here=state.here,
        now=state.clock.now(),
    )
    return see_other(request, f"/@{owner.name}/{number}", say=_("Published. Everybody can see it."))


async def edit_page(request: Request) -> Response:
    """GET /proposals/{id}/edit"""
    state = request.state
    proposal = await _changeable(request)
    view = EditPage(
        proposal_id=proposal.id,
        written=_written(proposal, zone=state.here.time_zone),
        owners=[],
        units=[(unit.value, _(said)) for unit, said in UNITS.items()],
    )
    return page(request, "proposals/edit.html", view, indexed=False)


async def edit(request: Request) -> Response:
    """POST /proposals/{id}/edit: seen here at once, told elsewhere with whatever else changes soon."""
    state = request.state
    former = await _changeable(request)
    draft = _draft(request, await read_form(request, ProposalForm), language=former.language)
    by = await state.db.read(acts_for, signed_in(request))
    await state.db.write(
        operations.edit,
        former.id,
        draft,
        by=by,
        tell_after_ms=state.settings.update_delay * SECOND,
        here=state.here,
        now=state.clock.now(),
    )
    return see_other(request, f"/proposals/{former.id}", say=_("Saved."))


async def close_page(request: Request) -> Response:
    """GET /proposals/{id}/close: what will happen, and the button."""
    return page(request, "proposals/close.html", ConfirmPage(proposal=await _changeable(request)), indexed=False)


async def close(request: Request) -> Response:
    """POST /proposals/{id}/close"""
    state, number = request.state, request.path_params["id"]
    by = await state.db.read(acts_for, signed_in(request))
    await state.db.write(operations.close, number, by=by, here=state.here, now=state.clock.now())
    return see_other(request, f"/proposals/{number}", say=_("Closed. Everybody who has it is told."))


async def delete_page(request: Request) -> Response:
    """GET /proposals/{id}/delete: what will happen, and the button."""
    by = await request.state.db.read(acts_for, signed_in(request))
    proposal = await request.state.db.read(operations.owned, request.path_params["id"], by=by)
    return page(request, "proposals/delete.html", ConfirmPage(proposal=proposal), indexed=False)


async def delete(request: Request) -> Response:
    """POST /proposals/{id}/delete"""
    state, number = request.state, request.path_params["id"]
    by = await state.db.read(acts_for, signed_in(request))
    await state.db.write(operations.delete, number, by=by, here=state.here, now=state.clock.now())
    return see_other(request, "/settings/listings", say=_("Deleted, and other servers are told."))


async def _changeable(request: Request) -> Proposal:
    by = await request.state.db.read(acts_for, signed_in(request))
    proposal: Proposal = await request.state.db.read(operations.changeable, request.path_params["id"], by=by)
    return proposal


def _draft(request: Request, form: ProposalForm, *, language: str = "") -> Draft:
    """Raises Invalid."""
    state = request.state
    return drafting.draft(form, language=language or state.language, zone=state.here.time_zone, now=state.clock.now())


def _owner(form: ProposalForm, acting: list[Actor]) -> Actor:
    """In whose name. Raises Invalid for somebody one may not speak for."""
    if not form.owner:
        return acting[0]
    for actor in acting:
        if actor.name == form.owner:
            return actor
    raise Invalid({"owner": N_("Choose one of these.")})


def _written(proposal: Proposal, *, zone: str) -> Written:
    return Written(
        purpose=proposal.purpose,
        action=proposal.action,
        title=proposal.title,
        text=proposal.source,
        category=proposal.category,
        place=proposal.place_name,
        quantity=proposal.quantity,
        unit=proposal.unit,
        conditions=proposal.conditions,
        until=drafting.last_day(proposal.ends_at, zone=zone),
    )


def _named(actor: Actor) -> str:
    return actor.display_name or actor.name
