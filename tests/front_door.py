"""La Remise as somebody with a browser meets it, without sockets: the real pages on a real database, our own clock.

`site.reader()` is one browser: it keeps cookies and says what browsers say about where a form comes from.
"""

import re
from collections.abc import Mapping
from typing import Any

import httpx
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from fedishare.features.conversations.feature import FEATURE as CONVERSATIONS
from fedishare.features.people import operations, passwords
from fedishare.features.people.feature import FEATURE as PEOPLE
from fedishare.features.people.model import Person, Role
from fedishare.features.people.operations import NewAssociation, NewPerson
from fedishare.features.people.profile import site_of
from fedishare.features.proposals.feature import FEATURE as PROPOSALS
from fedishare.federation.signatures.keys import ActorKeys
from fedishare.foundation.config.settings import Settings
from fedishare.foundation.db.database import Database
from fedishare.foundation.values.here import Here
from fedishare.foundation.values.ids import IdSource
from fedishare.foundation.values.secrets import Secret
from fedishare.foundation.web.kernel import build_web
from fedishare.surfaces.site.feature import FEATURE as SITE
from tests.clock import StoppedClock

FEATURES = (PEOPLE, CONVERSATIONS, PROPOSALS, SITE)
PASSWORD = "une phrase assez longue"
TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


class Reader:
    """One browser at the site."""

    def __init__(
        self, site: "FrontDoor", *, address: str = "192.0.2.7", headers: Mapping[str, str] | None = None
    ) -> None:
        transport = httpx.ASGITransport(site.asgi, client=(address, 40_000), raise_app_exceptions=False)
        standing = {"Accept": "text/html", "Accept-Language": "fr", "Sec-Fetch-Site": "same-origin", **(headers or {})}
        self.http = httpx.AsyncClient(transport=transport, base_url=site.here.base_url, headers=standing)
        self.page = httpx.Response(204)

    async def go(self, path: str, **headers: str) -> httpx.Response:
        self.page = await self.http.get(path, headers=headers)
        return self.page

    async def send(
        self, path: str, values: Mapping[str, str], *, token: str | None = None, **headers: str
    ) -> httpx.Response:
        """POST the form of the page one is on; its token is taken from there."""
        given = self.token if token is None else token
        return await self.http.post(path, data={**values, "csrf": given}, headers=headers)

    async def signs_in(self, login: str = "nadia", password: str = PASSWORD, then: str = "") -> httpx.Response:
        await self.go("/sign-in")
        return await self.send("/sign-in", {"login": login, "password": password, "then": then})

    async def is_signed_in(self) -> bool:
        return (await self.http.get("/settings/account")).status_code == 200

    @property
    def token(self) -> str:
        found = TOKEN.search(self.page.text)
        return found[1] if found else ""

    @property
    def session(self) -> str:
        return next((value for name, value in self.http.cookies.items() if name.endswith("session")), "")


class FrontDoor:
    """The pages of one instance."""

    def __init__(
        self,
        db: Database,
        clock: StoppedClock,
        keys: ActorKeys,
        base_url: str = "https://remise.test",
        *,
        settings: Settings | None = None,
    ) -> None:
        self.db, self.clock, self.keys = db, clock, keys
        self.settings = settings or Settings()
        host = base_url.split("://")[1]
        self.here = Here(base_url=base_url, handle_domain=host, ids=IdSource())
        self.secret = Secret(b"\x07" * 32)
        self.routes: list[BaseRoute] = [route for feature in FEATURES for route in feature.routes]
        self.asgi = self._asgi(limited=False)

    def with_limits(self) -> "FrontDoor":
        """The same, slowing down whoever asks too much."""
        self.asgi = self._asgi(limited=True)
        return self

    def _asgi(self, *, limited: bool) -> ASGIApp:
        return build_web(
            self.routes,
            state=self.state(),
            menu=[entry for feature in FEATURES for entry in feature.menu],
            viewer_of=operations.viewer_of,
            site_of=site_of,
            csrf_key=self.secret.subkey("csrf"),
            limited=limited,
            server_of=lambda scope: dict(scope["headers"]).get(b"x-signed-by", b"").decode(),
        )

    def state(self) -> dict[str, Any]:
        return {
            "db": self.db,
            "clock": self.clock,
            "here": self.here,
            "settings": self.settings,
            "fetcher": None,
            "secret": self.secret,
        }

    def reader(self, **more: Any) -> Reader:
        return Reader(self, **more)

    async def opens(self) -> Person:
        """As `fedishare init` does it: La Remise, and Nadia who administers."""
        return await self.db.write(
            operations.init,
            association=NewAssociation(name="La Remise", handle="laremise", place="Lille"),
            admin=await self.new_person("nadia"),
            keys=(self.keys, self.keys, self.keys),
            secret=self.secret,
            here=self.here,
            now=self.clock.now(),
        )

    async def moves_in(self, name: str, role: Role = Role.MEMBER) -> Person:
        return await self.db.write(
            operations.create_person,
            await self.new_person(name),
            role=role,
            keys=self.keys,
            secret=self.secret,
            here=self.here,
            now=self.clock.now(),
        )

    async def new_person(self, name: str) -> NewPerson:
        kept = await passwords.hashed(PASSWORD)
        return NewPerson(name=name, display_name=name.title(), email=f"{name}@example.org", password_hash=kept)
