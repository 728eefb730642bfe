"""Who follows me, and for who administers: who follows the association. Lets them in, turns them away, removes them.

Only who is followed sees this page; the collections that other servers read are `federation/following/views.py`.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from fedishare.features.people import store
from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.following import operations as following
from fedishare.federation.following import store as follows
from fedishare.federation.following.model import Relation, State
from fedishare.foundation.db.access import Read
from fedishare.foundation.text.translate import _
from fedishare.foundation.values.errors import NotFound
from fedishare.foundation.web.forms import read_form, see_other
from fedishare.foundation.web.pages import page
from fedishare.foundation.web.sessions import SignedIn, signed_in

LISTED = 200


class Followed(Struct, frozen=True, kw_only=True):
    """One of those in whose name the reader acts, with who follows them and who asks to."""

    name: str
    handle: str
    display_name: str
    waiting: list[Relation]
    followers: list[Relation]
    count: int


class FollowersPage(Struct, frozen=True, kw_only=True):
    followed: list[Followed]


class AnswerForm(Struct, frozen=True, kw_only=True):
    followed: str
    follower: Annotated[int, Meta(ge=1, le=2**63 - 1)]
    answer: Literal["accept", "refuse", "remove"]


async def followers_page(request: Request) -> Response:
    """GET /settings/followers"""
    view = FollowersPage(followed=await request.state.db.read(_followed, signed_in(request)))
    return page(request, "people/followers.html", view, indexed=False)


async def answer_follower(request: Request) -> Response:
    """POST /settings/followers: the three buttons."""
    form, state = await read_form(request, AnswerForm), request.state
    follower, followed = await state.db.read(_both, signed_in(request), form)
    operation = {"accept": following.accept, "refuse": following.reject, "remove": following.remove_follower}[
        form.answer
    ]
    await state.db.write(operation, follower, followed, here=state.here, now=state.clock.now())
    said = {
        "accept": _("%(name)s follows %(whom)s now.", name=follower.handle, whom=followed.display_name),
        "refuse": _("%(name)s was told no.", name=follower.handle),
        "remove": _("%(name)s no longer follows %(whom)s.", name=follower.handle, whom=followed.display_name),
    }[form.answer]
    return see_other(request, "/settings/followers", say=said)


async def _followed(read: Read, viewer: SignedIn) -> list[Followed]:
    return [
        Followed(
            name=actor.name,
            handle=actor.handle,
            display_name=actor.display_name,
            waiting=await follows.followers(read, actor.id, size=LISTED, state=State.PENDING),
            followers=await follows.followers(read, actor.id, size=LISTED),
            count=(await follows.counts(read, actor.id)).followers,
        )
        for actor in await _mine(read, viewer)
    ]


async def _mine(read: Read, viewer: SignedIn) -> list[Actor]:
    """Oneself, and the association for who administers."""
    names = [viewer.name, await store.setting(read, "association")] if viewer.is_admin else [viewer.name]
    found = [await actors.local_by_name(read, name) for name in names]
    return [actor for actor in found if actor is not None]


async def _both(read: Read, viewer: SignedIn, form: AnswerForm) -> tuple[Actor, Actor]:
    """Raises NotFound, also for somebody in whose name the reader does not act."""
    follower = await actors.by_id(read, form.follower)
    followed = next((actor for actor in await _mine(read, viewer) if actor.name == form.followed), None)
    if follower is None or followed is None:
        raise NotFound
    return follower, followed
