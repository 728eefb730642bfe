"""Pages: one template, one typed struct, one answer.

    return page(request, "proposals/proposal.html", ProposalPage(...))

Templates live beside their feature in `pages/` and are named `<room>/<file>`; all of them extend `web/layout.html`.
The struct is `view`; besides it a template finds what `_furniture` gives. It calls no database.
"""

import re
from collections.abc import Sequence
from typing import Any, Protocol
from urllib.parse import urlencode

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import HTMLResponse

from fedishare.foundation.values.here import Here
from fedishare.foundation.web import csrf
from fedishare.foundation.web.drawing import Telling, cards, frames
from fedishare.foundation.web.forms import SAY_COOKIE, Form, said
from fedishare.foundation.web.language import CHOICES, chooses
from fedishare.foundation.web.negotiation import ACTIVITY_JSON
from fedishare.foundation.web.sessions import SignedIn
from fedishare.foundation.web.templates import environment

SEEN_BY = {"all": 0, "members": 1, "admins": 2}
_PLAIN_QUERY = re.compile(r"[A-Za-z0-9_.~%=&+-]*")


class Entry(Protocol):
    """A page in the bar, or on the account page for "admins". `seen_by` is "all", "members" or "admins"."""

    @property
    def path(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def icon(self) -> str: ...
    @property
    def seen_by(self) -> str: ...


class Site(Struct, frozen=True, kw_only=True):
    """Whose site this is, for the head and foot of every page. Without a name nobody has set it up yet."""

    name: str = ""
    place: str = ""
    handle: str = ""
    uri: str = ""

    @property
    def ready(self) -> bool:
        return bool(self.name)


class Furniture(Struct, frozen=True, kw_only=True):
    """What all pages of a running instance share."""

    menu: Sequence[Entry]
    csrf_key: bytes

    def of_rank(self, rank: int) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.menu if SEEN_BY[entry.seen_by] <= rank)


def page(
    request: Request, name: str, view: Struct, status: int = 200, *, alternate: str = "", indexed: bool = True
) -> HTMLResponse:
    """Draw a template. `alternate` is the id of the same thing for ActivityPub; `indexed=False` asks search engines
    to leave the page out."""
    words = _furniture(request)
    html = environment().get_template(name).render(view=view, alternate=alternate, indexed=indexed, **words)
    response = HTMLResponse(html, status, {"Vary": "Accept, Accept-Language, Cookie"})
    if alternate:
        response.headers["Link"] = f'<{alternate}>; rel="alternate"; type="{ACTIVITY_JSON}"'
    if not indexed:
        response.headers["X-Robots-Tag"] = "noindex"
    here: Here = request.state.here
    csrf.give_cookie(request, response, here)
    if words["say"]:
        response.delete_cookie(SAY_COOKIE, path="/", secure=here.secure, httponly=True, samesite="lax")
    return response


def in_order(menu: Sequence[Entry]) -> Sequence[Entry]:
    """What everybody sees comes first, so that the bar begins alike before and after signing in."""
    return sorted(menu, key=lambda entry: SEEN_BY[entry.seen_by])


def _furniture(request: Request) -> dict[str, Any]:
    """What every template finds: who reads, where they are, and how to say times to them."""
    state = request.state
    here: Here = state.here
    furniture: Furniture = state.furniture
    viewer: SignedIn | None = state.viewer
    menu = furniture.of_rank(_rank(viewer))
    telling = Telling(language=state.language, now=state.clock.now(), zone=here.time_zone)
    path: str = request.scope["path"]
    return {
        "here": here,
        "site": state.site,
        "viewer": viewer,
        "language": state.language,
        "theme": state.theme,
        "path": path,
        "asked_before": _asked_before(request),
        "form": getattr(state, "form", Form()),
        "refused": getattr(state, "refused", None),
        "say": said(request),
        "menu": menu,
        "current": _current(path, menu),
        "csrf_token": lambda: csrf.token_for_page(request, here, furniture.csrf_key),
        "now": telling.now,
        "framed": frames(state.language),
        "cards": cards(telling),
        "day": telling.day,
        "short_day": telling.short_day,
        "moment": telling.moment,
        "lately": telling.lately,
    }


def _current(path: str, menu: Sequence[Entry]) -> str:
    """The path of the entry that leads here, '' for none."""
    return next((entry.path for entry in menu if path == entry.path or path.startswith(entry.path + "/")), "")


def _asked_before(request: Request) -> str:
    """What the address asks for, to go on with another language or theme: '' or `a=b&`."""
    query: str = request.scope["query_string"].decode("latin-1")
    if not query:
        return ""
    if chooses(request) or not _PLAIN_QUERY.fullmatch(query):
        query = urlencode([(name, value) for name, value in request.query_params.multi_items() if name not in CHOICES])
    return f"{query}&" if query else ""


def _rank(viewer: SignedIn | None) -> int:
    if viewer is None:
        return SEEN_BY["all"]
    return SEEN_BY["admins"] if viewer.is_admin else SEEN_BY["members"]
