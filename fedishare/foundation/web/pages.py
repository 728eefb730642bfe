"""Pages: one template, one typed struct, one answer.

    return page(request, "proposals/proposal.html", ProposalPage(...))

Templates live beside their feature in `pages/` and are named `<room>/<file>`; all of them extend `web/layout.html`.
The struct is `view`; besides it a template finds what `_furniture` gives. It calls no database.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Protocol

from jinja2 import BaseLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup, escape
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import HTMLResponse

from fedishare.foundation.text import dates, translate
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.here import Here
from fedishare.foundation.web import csrf
from fedishare.foundation.web.forms import SAY_COOKIE, Form, said
from fedishare.foundation.web.language import Theme
from fedishare.foundation.web.negotiation import ACTIVITY_JSON
from fedishare.foundation.web.sessions import SignedIn
from fedishare.foundation.web.static import static_files

PACKAGE = Path(__file__).parents[2]
SEEN_BY = {"all": 0, "members": 1, "admins": 2}
MOST_DRAWN = 12_000
"""Pieces of some 1.5 KB: the cards of 600 pages of a list."""

_DRAWN: OrderedDict[tuple[object, ...], bytes] = OrderedDict()


class Entry(Protocol):
    """A page in the bar. `seen_by` is "all", "members" or "admins"."""

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


@cache
def environment() -> Environment:
    """Every room's templates under the room's name. An unknown word in a template is an error, never an empty place."""
    rooms: dict[str, BaseLoader] = {"web": FileSystemLoader(Path(__file__).parent / "pages")}
    for folder in sorted(PACKAGE.glob("*/*/pages")):
        rooms.setdefault(folder.parent.name, FileSystemLoader(folder))
    # Templates come with the release: looking for newer ones would ask the disk six times a page.
    made = Environment(
        loader=PrefixLoader(rooms), autoescape=True, undefined=StrictUndefined, trim_blocks=True, auto_reload=False
    )
    made.lstrip_blocks = True
    made.globals |= {"_": _said, "ngettext": _counted, "pgettext": _said_of, "number": dates.number}
    made.globals["static"] = static_files().address
    made.filters["safe_html"] = Markup
    return made


def _furniture(request: Request) -> dict[str, Any]:
    """What every template finds: who reads, where they are, and how to say times to them."""
    state = request.state
    here: Here = state.here
    furniture: Furniture = state.furniture
    now: Instant = state.clock.now()
    viewer: SignedIn | None = state.viewer
    theme: Theme = state.theme
    return {
        "here": here,
        "site": state.site,
        "viewer": viewer,
        "language": state.language,
        "theme": theme,
        "path": request.url.path,
        "linked": lambda **changed: str(request.url.include_query_params(**changed).query),
        "form": getattr(state, "form", Form()),
        "refused": getattr(state, "refused", None),
        "say": said(request),
        "menu": [entry for entry in furniture.menu if SEEN_BY[entry.seen_by] <= _rank(viewer)],
        "csrf_token": lambda: csrf.token_for_page(request, here, furniture.csrf_key),
        "now": now,
        "drawn": drawn_once(state.language, dates.today(now, zone=here.time_zone)),
        "day": lambda instant: dates.day(instant, zone=here.time_zone),
        "short_day": lambda instant: dates.short_day(instant, zone=here.time_zone),
        "moment": lambda instant: dates.moment(instant, zone=here.time_zone),
        "lately": lambda instant: dates.lately(instant, now=now, zone=here.time_zone),
    }


def drawn_once(language: str, today: str) -> Callable[..., Markup]:
    """`drawn(macro, id, *words)` in a template: what a macro draws of them, once for a language and a day.

    For pieces that are the same for all readers and on all pages: what a macro is not given it must not show. The id
    is part of what is remembered, so that nothing of another thing can ever stand in its place.
    """

    def drawn(macro: Callable[..., Markup], thing: int, *words: object) -> Markup:
        key = (thing, hash(words), macro.name, language, today)  # type: ignore[attr-defined]  # Jinja's Macro
        found = _DRAWN.get(key)
        if found is None:
            found = _DRAWN[key] = str(macro(*words)).encode()
            if len(_DRAWN) > MOST_DRAWN:
                _DRAWN.popitem(last=False)
        else:
            _DRAWN.move_to_end(key)
        return Markup(found.decode())  # noqa: S704  # what a template drew

    return drawn


def _rank(viewer: SignedIn | None) -> int:
    if viewer is None:
        return SEEN_BY["all"]
    return SEEN_BY["admins"] if viewer.is_admin else SEEN_BY["members"]


def _said(text: str, /, **values: object) -> Markup:
    """`_` in a template: the sentence is ours, the values are escaped unless they are Markup."""
    said_text = _sentence(text, translate.current_language())
    return said_text % values if values else said_text


@lru_cache(maxsize=2_000)
def _sentence(text: str, language: str) -> Markup:
    """In the current language, which is `language`."""
    return escape(translate._(text))


def _counted(one: str, many: str, count: int, /, **values: object) -> Markup:
    return escape(translate.ngettext(one, many, count, **values))


def _said_of(context: str, text: str, /, **values: object) -> Markup:
    said_text = escape(translate.pgettext(context, text))
    return said_text % values if values else said_text
