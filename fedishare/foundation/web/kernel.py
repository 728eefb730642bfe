"""The way of every page request, straight down: whose host, which reader, which language, may it change things; then
the router. Pure ASGI, one layer: a stack of wrappers would cost more than the page (QUALITY, "Speed").

The inbox stands outside, in front of this: it knows no cookies.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fedishare.foundation.db.database import Database
from fedishare.foundation.text.translate import use_language
from fedishare.foundation.values.chance import new_reference
from fedishare.foundation.values.clock import Clock
from fedishare.foundation.values.errors import N_, NotFound, Refusal, TooLarge
from fedishare.foundation.values.here import Here
from fedishare.foundation.web import csrf, headers, problems, unchanged
from fedishare.foundation.web.cookies import without_escapes
from fedishare.foundation.web.forms import LARGEST_BODY, parse_fields
from fedishare.foundation.web.language import keep_choices, language_of, theme_of
from fedishare.foundation.web.limits import ACCOUNT, ANONYMOUS, SIGNED, Buckets
from fedishare.foundation.web.pages import Entry, Furniture, Site, in_order
from fedishare.foundation.web.proxies import Counted, Network
from fedishare.foundation.web.sessions import ViewerOf, session_token, token_hash
from fedishare.foundation.web.static import static_files

BODY_DEADLINE_S = 30
SITE_KEPT_S = 5.0
_NO_NUMBER = re.compile(r"(?<!/users)/[0-9]{19,}(?:/|$)")
"""Ids have 18 digits until the year 2453, and no database takes twenty. Under `/users/` a name may be all digits."""

ServerOf = Callable[[Scope], str]
"""The server that has signed a request, when that was asked and proved; else ''."""
SiteOf = Callable[[Database], Awaitable[Site]]


class NotAForm(Refusal):
    status = 415
    slug = "not-a-form"
    title = N_("This cannot be sent in that form.")
    advice = N_("Go back and use the form of the page.")


def build_web(
    routes: Sequence[BaseRoute],
    *,
    state: Mapping[str, Any],
    menu: Sequence[Entry],
    viewer_of: ViewerOf,
    site_of: SiteOf,
    csrf_key: bytes,
    trusted_proxies: tuple[Network, ...] = (),
    limited: bool = False,
    server_of: ServerOf = lambda scope: "",
) -> ASGIApp:
    """Everything that answers people. `state` becomes `request.state` and must hold db, clock, here, settings."""
    router = Starlette(
        routes=[*routes, Route("/static/{name}", static_files().serve, name="static")],
        exception_handlers=problems.HANDLERS,
    )
    furniture = Furniture(menu=in_order(menu), csrf_key=csrf_key)
    return Kernel(
        router,
        state={**state, "furniture": furniture},
        viewer_of=viewer_of,
        site_of=site_of,
        trusted_proxies=trusted_proxies,
        limited=limited,
        server_of=server_of,
    )


class TooSlow(Refusal):
    status = 408
    slug = "too-slow"
    title = N_("The connection was too slow.")
    advice = N_("Nothing was saved. Go back and send the form again.")


class Kernel:
    """Prepares `request.state` and guards the door; what it refuses itself looks like any other refusal."""

    def __init__(
        self,
        app: Starlette,
        *,
        state: Mapping[str, Any],
        viewer_of: ViewerOf,
        site_of: SiteOf,
        trusted_proxies: tuple[Network, ...],
        limited: bool,
        server_of: ServerOf,
    ) -> None:
        self._app = app
        self._way: ASGIApp = ServerErrorMiddleware(self._through, handler=problems.on_bug)
        self._state = state
        self._here: Here = state["here"]
        self._clock: Clock = state["clock"]
        self._db: Database = state["db"]
        self._furniture: Furniture = state["furniture"]
        self._viewer_of = viewer_of
        self._site_of = site_of
        self._site = Site()
        self._site_read_at = float("-inf")
        self._addresses = Counted(trusted_proxies)
        self._standing = headers.standing_headers(self._here, hsts=state["settings"].hsts)
        self._anonymous = Buckets(self._clock, ANONYMOUS)
        self._accounts = Buckets(self._clock, ACCOUNT)
        self._servers = Buckets(self._clock, SIGNED)
        self._server_of = server_of
        self._limited = limited
        self._kept = unchanged.Kept()
        self._version = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = await self._asked(scope)
        if asked is None:
            await self._answer(scope, receive, send)
        elif (found := self._kept.found(asked)) and self._may_have_it(scope):
            await unchanged.send_found(send, found)
        else:
            await self._answer(scope, receive, unchanged.keeping(send, self._kept, asked))

    async def _asked(self, scope: Scope) -> unchanged.Asked | None:
        """A request of nobody in particular; None for any other."""
        whose = unchanged.of_nobody(scope)
        if whose is None or self._server_of(scope):
            return None
        version = await self._db.version()
        if not version:
            return None
        if version != self._version:
            # What is drawn from now on must show what is now, the name of the site too.
            self._version, self._site_read_at = version, float("-inf")
        return self._kept.asked(*whose, version=version, now=self._clock.now())

    def _may_have_it(self, scope: Scope) -> bool:
        """Counted like any other request; who asks too much is refused on the usual way."""
        crowd = self._addresses.whom(scope) if self._limited else ""
        return not crowd or not self._anonymous.take(crowd)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = self._opened(scope, receive)
        private = request.method not in csrf.SAFE_METHODS or bool(session_token(request, self._here))
        send = headers.sealing(send, self._standing, private=private)
        await self._way(scope, receive, self._keeping_choices(request, send))

    async def _through(self, scope: Scope, receive: Receive, send: Send) -> None:
        """From the door to the router. What breaks on the way looks like any other failure of ours."""
        request = Request(scope, receive)
        try:
            await self._prepare(request)
            receive = await self._guarded(request)
        except Refusal as refusal:
            await problems.answer(request, refusal)(scope, receive, send)
            return
        except ClientDisconnect:
            return
        await self._app(scope, receive, send)

    def _opened(self, scope: Scope, receive: Receive) -> Request:
        """The least a page needs, so that even the first refusal can be drawn."""
        scope["state"] = {**self._state, "viewer": None, "site": self._site, "fields": {}, "reference": new_reference()}
        scope["headers"] = without_escapes(scope["headers"])
        request = Request(scope, receive)
        request.state.theme = theme_of(request)
        self._speak(request, account="")
        return request

    async def _prepare(self, request: Request) -> None:
        """Host, address, site, reader, language, in that order. Raises WrongHost, TooFast, NotFound."""
        # Never `request.url`, which is put together from the Host that is to be checked (CVE-2026-48710).
        path: str = request.scope["path"]
        headers.check_host(request.headers.get("host", ""), path, self._here)
        request.state.crowd = self._addresses.whom(request.scope)
        if path.startswith(("/static/", "/health/")):
            return
        token = session_token(request, self._here)
        if not token:
            self._count(request)
        request.state.site = await self._current_site()
        if token:
            viewer = await self._viewer_of(self._db, token_hash(token), self._clock.now())
            request.state.viewer = viewer
            self._speak(request, account=viewer.language if viewer else "")
            self._count(request)
        if _NO_NUMBER.search(path) or not path.isprintable() or b"%00" in request.scope["query_string"]:
            raise NotFound("a number or a text that nothing here is called by")

    def _count(self, request: Request) -> None:
        """For the account, the server that signed, or else the address: whatever is asked, however it is spelt.

        Raises TooFast.
        """
        if not self._limited:
            return
        if request.state.viewer is not None:
            self._accounts.check(str(request.state.viewer.person_id))
        elif server := self._server_of(request.scope):
            self._servers.check(server)
        elif request.state.crowd:
            self._anonymous.check(request.state.crowd)

    async def _guarded(self, request: Request) -> Receive:
        """For a request that may change something: where it comes from, its body, its token. Forms know POST alone."""
        if request.method in csrf.SAFE_METHODS:
            return request.receive
        if request.method != "POST":
            raise problems.WrongMethod(allowed=self._methods_at(request.scope))
        csrf.check_source(request.headers, self._here)
        body = await _body(request)
        request.state.fields = parse_fields(body) if _is_form(request.headers, body) else {}
        token = request.state.fields.get(csrf.FIELD, [""])[0]
        csrf.check_token(token, csrf.binding_of(request, self._here), self._furniture.csrf_key)
        return _replayed(body)

    def _methods_at(self, scope: Scope) -> set[str]:
        """What the routes of this address take."""
        found: set[str] = set()
        for route in self._app.routes:
            if isinstance(route, Route) and route.matches(scope)[0] is not Match.NONE:
                found |= route.methods or set()
        return found

    async def _current_site(self) -> Site:
        """Read again every few seconds: a name changes rarely, and its change may wait."""
        if not self._site.ready or self._clock.monotonic() - self._site_read_at > SITE_KEPT_S:
            self._site = await self._site_of(self._db)
            self._site_read_at = self._clock.monotonic()
        return self._site

    def _speak(self, request: Request, *, account: str) -> None:
        request.state.language = language_of(request, account=account, default=self._here.language)
        use_language(request.state.language)

    def _keeping_choices(self, request: Request, send: Send) -> Send:
        if not request.scope["query_string"]:
            return send
        choices = Response()
        keep_choices(request, choices, secure=self._here.secure)
        cookies = [(name, value) for name, value in choices.raw_headers if name == b"set-cookie"]

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *cookies]
            await send(message)

        return sending if cookies else send


async def _body(request: Request) -> bytes:
    """Raises TooLarge before it is all here, and TooSlow."""
    chunks, size = [], 0
    try:
        async with asyncio.timeout(BODY_DEADLINE_S):
            async for chunk in request.stream():
                size += len(chunk)
                if size > LARGEST_BODY:
                    raise TooLarge(f"a body of more than {LARGEST_BODY} bytes")
                chunks.append(chunk)
    except TimeoutError:
        raise TooSlow(f"{size} bytes in {BODY_DEADLINE_S} s") from None
    return b"".join(chunks)


def _is_form(given: Headers, body: bytes) -> bool:
    """Raises NotAForm for a body of another kind."""
    if not body:
        return False
    if given.get("content-type", "").split(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise NotAForm(given.get("content-type", "")[:100])
    return True


def _replayed(body: bytes) -> Receive:
    """The body once more, for a handler that wants it as it came."""
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> Message:
        return next(messages, {"type": "http.disconnect"})

    return receive
