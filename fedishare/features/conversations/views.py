"""Pages and documents of what people write: one's notices, private threads, posts, and the steward's yes or no.

The thread under a proposal is drawn by its own page (`proposals/views.py`).
"""

from typing import Annotated

from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from fedishare.features.conversations import objects, operations, store
from fedishare.features.conversations.model import (
    LONGEST_TEXT,
    PAGE_SIZE,
    NoticeCard,
    PostCard,
    PostState,
    StoredObject,
    Thread,
    ThreadCard,
)
from fedishare.features.conversations.stewards import acts_as, acts_for
from fedishare.federation.actors.model import Actor
from fedishare.federation.fetching.readers import FOR_THEM_ALONE, reader_id
from fedishare.federation.vocabulary.collections import NEWEST, cut, tombstone
from fedishare.federation.vocabulary.context import with_context
from fedishare.federation.vocabulary.parsing import parse
from fedishare.foundation.db.access import Read
from fedishare.foundation.text.translate import _
from fedishare.foundation.values.errors import Gone, NotFound
from fedishare.foundation.web.forms import own_path, read_form, see_other
from fedishare.foundation.web.negotiation import activity_json, wants_activity
from fedishare.foundation.web.pages import page
from fedishare.foundation.web.sending import form_of, once
from fedishare.foundation.web.sessions import SignedIn, signed_in, viewer_id


class TextForm(Struct, frozen=True, kw_only=True):
    text: Annotated[str, Meta(max_length=LONGEST_TEXT)]


class BackForm(Struct, frozen=True, kw_only=True):
    """Where the button stood."""

    then: Annotated[str, Meta(max_length=1000)] = ""


class SeenForm(Struct, frozen=True, kw_only=True):
    """`up_to` is the id of a notice."""

    up_to: Annotated[int, Meta(ge=1, le=2**63 - 1)]


class NoticesPage(Struct, frozen=True, kw_only=True):
    held: list[PostCard]
    notices: list[NoticeCard]
    more: str
    first: bool


class Inbox(Struct, frozen=True, kw_only=True):
    """The private threads of one actor; `whose` is '' for the reader's own."""

    whose: str
    threads: list[ThreadCard]


class MessagesPage(Struct, frozen=True, kw_only=True):
    inboxes: list[Inbox]


class ThreadPage(Struct, frozen=True, kw_only=True):
    thread_id: int
    thread: Thread
    first: bool
    others: list[str]
    mine: int
    writes_as: str


class PostPage(Struct, frozen=True, kw_only=True):
    post: PostCard


async def notifications_page(request: Request) -> Response:
    """GET /notifications: what waits for a yes or no, then what happened."""
    before = page_key(request.query_params.get("before", ""))
    view = await request.state.db.read(_notices, signed_in(request), before)
    return page(request, "conversations/notifications.html", view, indexed=False)


async def seen(request: Request) -> Response:
    """POST /notifications/seen: up to the newest that was on the page; what came meanwhile stays new."""
    form, viewer = await read_form(request, SeenForm), signed_in(request)
    await request.state.db.write(store.mark_seen, viewer.person_id, up_to=form.up_to, now=request.state.clock.now())
    return see_other(request, "/notifications")


async def approve(request: Request) -> Response:
    """POST /posts/{id}/approve"""
    state, form = request.state, await read_form(request, BackForm)
    by = await state.db.read(acts_for, signed_in(request))
    post_id = request.path_params["id"]
    await state.db.write(operations.approve, post_id, by=by, here=state.here, now=state.clock.now())
    return see_other(request, own_path(form.then, "/notifications"), say=_("Everybody can read it now."))


async def refuse(request: Request) -> Response:
    """POST /posts/{id}/refuse"""
    state, form = request.state, await read_form(request, BackForm)
    by = await state.db.read(acts_for, signed_in(request))
    await state.db.write(operations.refuse, request.path_params["id"], by=by)
    return see_other(request, own_path(form.then, "/notifications"), say=_("It will not be shown here."))


async def delete(request: Request) -> Response:
    """POST /posts/{id}/delete: one's own words."""
    state, form = request.state, await read_form(request, BackForm)
    by = await state.db.read(acts_for, signed_in(request))
    post_id = request.path_params["id"]
    await state.db.write(operations.delete_post, post_id, by=by, here=state.here, now=state.clock.now())
    return see_other(request, own_path(form.then, "/notifications"), say=_("Deleted, and other servers are told."))


async def messages_page(request: Request) -> Response:
    """GET /messages: private threads, one's own and, for administrators, the association's."""
    viewer = signed_in(request)
    view = await request.state.db.read(_inboxes, viewer)
    return page(request, "conversations/messages.html", view, indexed=False)


async def thread_page(request: Request) -> Response:
    """GET /messages/{id}: the newest of it, or with `before` what came earlier."""
    viewer = signed_in(request)
    before = page_key(request.query_params.get("before", ""))
    view = await request.state.db.read(_thread, viewer, request.path_params["id"], before=before)
    return page(request, "conversations/thread.html", view, indexed=False)


async def answer_thread(request: Request) -> Response:
    """POST /messages/{id}: to everybody who is in it."""
    state, viewer = request.state, signed_in(request)
    form = await read_form(request, TextForm)
    thread_id = request.path_params["id"]
    writer = await state.db.read(_writer, viewer, thread_id)
    await state.db.write(
        once,
        form_of(request),
        operations.answer_direct,
        thread_id,
        form.text,
        by=writer,
        language=state.language,
        here=state.here,
        now=state.clock.now(),
    )
    return see_other(request, f"/messages/{thread_id}", say=_("Sent."))


async def post_document(request: Request) -> Response:
    """GET /posts/{id}: ActivityPub alone; a browser is shown the way to the page."""
    state = request.state
    number, viewer = request.path_params["id"], viewer_id(request)
    # Whether everybody may have it, and so a cache may keep it, is not a question of its circle: it may be waiting.
    found, headers = await state.db.read(_servable, number, viewer=0), None
    if found is None:
        headers = FOR_THEM_ALONE
        found = await state.db.read(_servable, number, viewer=viewer or await reader_id(request))
    if found is None:
        raise NotFound(f"no post {number}")
    if not state.here.owns(found.uri):
        raise NotFound
    if found.deleted_at is not None:
        if wants_activity(request):
            return activity_json(with_context(tombstone(found.uri, former_type="Note")), 410, headers)
        raise Gone
    document = parse(found.json.encode())
    if wants_activity(request):
        return activity_json(with_context(document), headers=headers)
    return RedirectResponse(document["url"], 302, headers={"Vary": "Accept"})


async def post_page(request: Request, post: PostCard) -> Response:
    """A post that stands alone, on the page of its author; called by `proposals/views.py`, which owns that address."""
    return page(request, "conversations/post.html", PostPage(post=post), alternate=post.uri)


async def _servable(read: Read, post_id: int, *, viewer: int) -> StoredObject | None:
    """None also for what waits for a steward or was refused: until then only its author knows of it."""
    found = await objects.object_seen(read, post_id, viewer=viewer)
    post = await store.post_by_id(read, post_id)
    if found is None or post is None or (post.state != PostState.SHOWN and post.author_id != viewer):
        return None
    return found


async def _notices(read: Read, viewer: SignedIn, before: int) -> NoticesPage:
    held = [card for actor_id in await acts_for(read, viewer) for card in await store.held_for(read, actor_id)]
    rows, goes_on = cut(await store.notifications_of(read, viewer.person_id, before=before), PAGE_SIZE)
    more = f"/notifications?before={rows[-1].id}" if goes_on else ""
    return NoticesPage(held=held if before == NEWEST else [], notices=list(rows), more=more, first=before == NEWEST)


async def _inboxes(read: Read, viewer: SignedIn) -> MessagesPage:
    inboxes = []
    for actor in await acts_as(read, viewer):
        whose = "" if actor.id == viewer.actor_id else actor.display_name
        threads = await store.direct_threads(read, viewer=actor.id)
        inboxes.append(Inbox(whose=whose, threads=threads))
    return MessagesPage(inboxes=inboxes)


async def _thread(read: Read, viewer: SignedIn, thread_id: int, *, before: int) -> ThreadPage:
    writer = await _writer(read, viewer, thread_id)
    thread = await store.direct_thread(read, thread_id, viewer=writer.id, before=before)
    if not thread.posts:
        raise NotFound(f"thread {thread_id} has nothing before {before}")
    return ThreadPage(
        thread_id=thread_id,
        thread=thread,
        first=before == NEWEST,
        others=await store.others_in_thread(read, thread_id, viewer=writer.id),
        mine=writer.id,
        writes_as=writer.display_name,
    )


async def _writer(read: Read, viewer: SignedIn, thread_id: int) -> Actor:
    """Whichever of those this person acts for is in the thread. Raises NotFound, as for one that does not exist."""
    for actor in await acts_as(read, viewer):
        if await store.direct_posts(read, thread_id, viewer=actor.id):
            return actor
    raise NotFound(f"no thread {thread_id}")


def page_key(text: str) -> int:
    """The key of a page; the first one for anything else."""
    return min(int(text), NEWEST) if text.isascii() and text.isdecimal() and len(text) < 20 else NEWEST
