"""Which endpoint answers an address: by one look where the address has no parts to fill in, else as Starlette looks."""

from collections.abc import Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

from fedishare.foundation.web import problems


class Router:
    """The routes of all rooms. What is raised in them is answered by `problems`, whichever way they were found."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._app = Starlette(routes=routes, exception_handlers=problems.HANDLERS)
        self._plain = _plain(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self._plain.get(scope["path"]) if scope["type"] == "http" else None
        if route is None or scope["method"] not in (route.methods or ()):
            await self._app(scope, receive, send)
            return
        response = await problems.answered(route.endpoint, Request(scope, receive))
        await response(scope, receive, send)

    def methods_at(self, scope: Scope) -> set[str]:
        """What the routes of this address take."""
        found: set[str] = set()
        for route in self._app.routes:
            if isinstance(route, Route) and route.matches(scope)[0] is not Match.NONE:
                found |= route.methods or set()
        return found


def _plain(routes: Sequence[BaseRoute]) -> dict[str, Route]:
    """Routes whose path is all of their address, unless one before them answers there too."""
    found: dict[str, Route] = {}
    before: list[Any] = []
    for route in routes:
        if not isinstance(route, Route):
            # Whatever it takes may be asked of it: nothing behind it can be found by its path alone.
            break
        if not route.param_convertors and not any(one.path_regex.match(route.path) for one in before):
            found[route.path] = route
        before.append(route)
    return found
