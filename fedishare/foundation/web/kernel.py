"""The way of every page request, straight down: whose host, which reader, which language, may it change things; then
the router. Pure ASGI, one layer: a stack of wrappers would cost more than the page (QUALITY, "Speed").

The inbox stands outside, in front of this: it knows no cookies.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fedishare.foundation.db.database import Database
from fedishare.foundation.text.translate import use_language
from fedishare.foundation.values.chance import new_reference
from fedishare.foundation.values.clock import Clock
from fedishare.foundation.values.errors import NotFound, Refusal
from fedishare.foundation.values.here import Here
from fedishare.foundation.web import bodies, csrf, headers, problems, unchanged
from fedishare.foundation.web.cookies import without_escapes
from fedishare.foundation.web.forms import parse_fields
from fedishare.foundation.web.language import chooses, keep_choices, language_of, theme_of
from fedishare.foundation.web.limits import ACCOUNT, ANONYMOUS, SIGNED, Buckets
from fedishare.foundation.web.pages import Entry, Furniture, Site, in_order
from fedishare.foundation.web.proxies import Counted, Network
from fedishare.foundation.web.routing import Router
from fedishare.foundation.web.sessions import ViewerOf, session_token, token_hash
from fedishare.foundation.web.standing import Moment, Standing
from fedishare.foundation.web.static import static_files

_NO_NUMBER = re.compile(r"(?<!/users)/[0-9]{19,}(?:/|$)")
"""Ids have 18 digits until the year 2453, and no database takes twenty. Under `/users/` a name may be all digits."""

ServerOf = Callable[[Scope], str]
"""The server that has signed a request, when that was asked and proved; else ''."""
SiteOf = Callable[[Database], Awaitable[Site]]


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
    router = Router([*routes, Route("/static/{name}", static_files().serve, name="static")])
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


class Kernel:
    """Prepares `request.state` and guards the door; what it refuses itself looks like any other refusal."""

    def __init__(
        self,
        router: Router,
        *,
        state: Mapping[str, Any],
        viewer_of: ViewerOf,
        site_of: SiteOf,
        trusted_proxies: tuple[Network, ...],
        limited: bool,
        server_of: ServerOf,
    ) -> None:
        self._router = router
        self._way: ASGIApp = ServerErrorMiddleware(self._through, handler=problems.on_bug)
        self._state = state
        self._here: Here = state["here"]
        self._clock: Clock = state["clock"]
        self._db: Database = state["db"]
        self._furniture: Furniture = state["furniture"]
        self._viewer_of = viewer_of
        self._site_of = site_of
        self._site = Site()
        self._addresses = Counted(trusted_proxies)
        standing = headers.standing_headers(self._here, hsts=state["settings"].hsts)
        self._seals = {private: headers.seal(standing, private=private) for private in (False, True)}
        self._anonymous = Buckets(self._clock, ANONYMOUS)
        self._accounts = Buckets(self._clock, ACCOUNT)
        self._servers = Buckets(self._clock, SIGNED)
        self._server_of = server_of
        self._limited = limited
        self._kept = unchanged.Kept()
        self._standing = Standing()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._router(scope, receive, send)
            return
        moment = await self._moment(scope)
        asked = self._asked(scope, moment)
        if asked is None:
            await self._answer(scope, receive, send, moment)
        elif (found := self._kept.found(asked)) and self._may_have_it(scope):
            await unchanged.send_found(send, found)
        else:
            await self._answer(scope, receive, unchanged.keeping(send, self._kept, asked), moment)

    async def _moment(self, scope: Scope) -> Moment:
        """Asked for by whoever only looks: what changes things reads for itself."""
        if scope["method"] not in csrf.SAFE_METHODS or scope["path"].startswith(unchanged.ELSEWHERE):
            return Moment("")
        return self._standing.at(await self._db.version(), self._clock.now())

    def _asked(self, scope: Scope, moment: Moment) -> unchanged.Asked | None:
        """A request of nobody in particular; None for any other."""
        whose = unchanged.of_nobody(scope)
        if whose is None or not moment.version or self._server_of(scope):
            return None
        return self._kept.asked(*whose, version=moment.version, now=self._clock.now())

    def _may_have_it(self, scope: Scope) -> bool:
        """Counted like any other request; who asks too much is refused on the usual way."""
        crowd = self._addresses.whom(scope) if self._limited else ""
        return not crowd or not self._anonymous.take(crowd)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, moment: Moment) -> None:
        request = self._opened(scope, receive, moment)
        private = request.method not in csrf.SAFE_METHODS or bool(session_token(request, self._here))
        send = headers.sealing(send, self._seals[private])
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
        await self._router(scope, receive, send)

    def _opened(self, scope: Scope, receive: Receive, moment: Moment) -> Request:
        """The least a page needs, so that even the first refusal can be drawn."""
        scope["state"] = {
            **self._state,
            "viewer": None,
            "site": self._site,
            "fields": {},
            "reference": new_reference(),
            "moment": moment,
        }
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
        moment: Moment = request.state.moment
        request.state.site = self._site = await moment.once("site", self._site_of, self._db)
        if token:
            now = self._clock.now()
            viewer = await moment.once(("viewer", key := token_hash(token)), self._viewer_of, self._db, key, now)
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
            raise problems.WrongMethod(allowed=self._router.methods_at(request.scope))
        csrf.check_source(request.headers, self._here)
        body = await bodies.read_body(request)
        request.state.fields = parse_fields(body) if bodies.is_form(request.headers, body) else {}
        token = request.state.fields.get(csrf.FIELD, [""])[0]
        csrf.check_token(token, csrf.binding_of(request, self._here), self._furniture.csrf_key)
        return bodies.replayed(body)

    def _speak(self, request: Request, *, account: str) -> None:
        request.state.language = language_of(request, account=account, default=self._here.language)
        use_language(request.state.language)

    def _keeping_choices(self, request: Request, send: Send) -> Send:
        if not chooses(request):
            return send
        choices = Response()
        keep_choices(request, choices, secure=self._here.secure)
        cookies = [(name, value) for name, value in choices.raw_headers if name == b"set-cookie"]

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *cookies]
            await send(message)

        return sending if cookies else send
