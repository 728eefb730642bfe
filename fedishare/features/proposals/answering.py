"""Forms that answer a proposal, ours or another's: for everybody to read, or to its owner alone."""

from typing import Annotated

from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from fedishare.features.conversations import operations as conversations
from fedishare.features.conversations import store as posts
from fedishare.features.conversations.model import LONGEST_TEXT
from fedishare.features.proposals import store
from fedishare.features.proposals.model import Proposal
from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.foundation.db.access import Read
from fedishare.foundation.text.translate import _
from fedishare.foundation.values.errors import Gone, NotFound
from fedishare.foundation.web.forms import read_form, see_other
from fedishare.foundation.web.pages import page
from fedishare.foundation.web.sending import form_of, once
from fedishare.foundation.web.sessions import signed_in


class TextForm(Struct, frozen=True, kw_only=True):
    text: Annotated[str, Meta(max_length=LONGEST_TEXT)]


class WritePage(Struct, frozen=True, kw_only=True):
    proposal: Proposal
    owner: Actor


async def reply(request: Request) -> Response:
    """POST /proposals/{id}/reply: under it, for everybody."""
    state, viewer, form = request.state, signed_in(request), await read_form(request, TextForm)
    view = await state.db.read(_answerable, request.path_params["id"], viewer=viewer.actor_id)
    author = await state.db.read(actors.by_id, viewer.actor_id)
    number = await state.db.write(
        once,
        form_of(request),
        conversations.reply,
        view.proposal.uri,
        form.text,
        by=author,
        language=state.language,
        here=state.here,
        now=state.clock.now(),
    )
    post = await state.db.read(posts.post_by_id, number)
    who = view.owner.display_name or view.owner.name
    waits = _("Sent. It will be shown once %(who)s has read it.", who=who)
    return see_other(request, f"/proposals/{view.proposal.id}", say=waits if post and post.steward_id else _("Sent."))


async def write_page(request: Request) -> Response:
    """GET /proposals/{id}/write"""
    viewer = signed_in(request)
    view = await request.state.db.read(_answerable, request.path_params["id"], viewer=viewer.actor_id)
    return page(request, "proposals/write.html", view, indexed=False)


async def write(request: Request) -> Response:
    """POST /proposals/{id}/write: to its owner alone."""
    state, viewer, form = request.state, signed_in(request), await read_form(request, TextForm)
    author = await state.db.read(actors.by_id, viewer.actor_id)
    number = await state.db.write(
        once,
        form_of(request),
        conversations.write_about,
        request.path_params["id"],
        form.text,
        by=author,
        language=state.language,
        here=state.here,
        now=state.clock.now(),
    )
    post = await state.db.read(posts.post_by_id, number)
    return see_other(request, f"/messages/{post.thread_id}" if post else "/messages", say=_("Sent."))


async def _answerable(read: Read, number: int, *, viewer: int) -> WritePage:
    """Raises NotFound, Gone."""
    proposal = await store.proposal_seen(read, number, viewer=viewer)
    if proposal is None:
        raise NotFound(f"no proposal {number}")
    if proposal.deleted_at is not None:
        raise Gone(proposal.uri)
    owner = (await actors.by_ids(read, [proposal.owner_id]))[proposal.owner_id]
    return WritePage(proposal=proposal, owner=owner)
