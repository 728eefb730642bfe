"""The doors of the federation shelf behind the real kernel, as another server or a browser finds them."""

from collections.abc import Sequence

import httpx
from msgspec import Struct
from starlette.types import ASGIApp

from fedishare.federation.feature import FEATURE
from fedishare.foundation.db.database import Database
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.web.kernel import build_web
from fedishare.foundation.web.pages import Site
from fedishare.foundation.web.sessions import SignedIn
from tests.house import House

ACTIVITY = "application/activity+json"


async def knock(
    house: House, path: str, *, accept: str = ACTIVITY, method: str = "GET", headers: Sequence[tuple[str, str]] = ()
) -> httpx.Response:
    """One request; redirects are not followed."""
    transport = httpx.ASGITransport(app=doors(house))
    async with httpx.AsyncClient(transport=transport, base_url=house.here.base_url) as client:
        return await client.request(method, path, headers=[("accept", accept), *headers])


def doors(house: House) -> ASGIApp:
    return build_web(
        FEATURE.routes,
        state={
            "db": house.db,
            "clock": house.clock,
            "here": house.here,
            "fetcher": house.fetcher,
            "settings": _Settings(),
        },
        menu=[],
        viewer_of=_nobody,
        site_of=_la_remise,
        csrf_key=b"a key for tests",
    )


class _Settings(Struct, frozen=True):
    """As much of them as the kernel asks for."""

    hsts: bool = False


async def _nobody(db: Database, token: bytes, now: Instant) -> SignedIn | None:
    return None


async def _la_remise(db: Database) -> Site:
    return Site(name="La Remise")
