"""What watchers ask: is the process alive, and can it do its work. Says nothing about what is in the database."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from fedishare.foundation.values.errors import Busy
from fedishare.foundation.web.proxies import is_unnamed
from fedishare.surfaces.upkeep import store

NOT_KEPT = {"Cache-Control": "no-store"}


async def live(request: Request) -> Response:
    """GET /health/live: the event loop turns."""
    return _told(200, {"alive": True})


async def ready(request: Request) -> Response:
    """GET /health/ready: the database answers, and the waiting work is being done. 503 when not.

    `proxy` stands there when it is false: asked through one that FEDISHARE_TRUSTED_PROXIES does not name.
    """
    try:
        await request.state.db.read(store.decided)
        database = True
    except Busy:
        database = False
    works: bool = request.state.works()
    told = {"database": database, "worker": works}
    if is_unnamed(request, request.state.settings.trusted_proxies):
        told["proxy"] = False
    return _told(200 if database and works else 503, told)


def _told(status: int, what: dict[str, bool]) -> Response:
    return Response(msgspec.json.encode(what), status, NOT_KEPT, "application/json")
