"""What every answer of a whole instance carries, over its whole table of routes (SECURITY 6.4, 6.5, 6.9)."""

import re
from collections.abc import AsyncIterator
from ipaddress import ip_network
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace
from starlette.routing import Route

from fedishare import app
from fedishare.features.people import first_run
from fedishare.foundation.config.settings import Settings
from fedishare.foundation.values.clock import DAY, HOUR
from fedishare.foundation.web.sessions import token_hash
from tests.attacks.world import World, opened_world
from tests.front_door import Reader

STANDING = {
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
        "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'; object-src 'none'; frame-src 'none'; upgrade-insecure-requests"
    ),
    "permissions-policy": (
        "camera=(), microphone=(), geolocation=(self), payment=(), usb=(), interest-cohort=(), browsing-topics=()"
    ),
}
ACCEPTED = ("text/html", "application/activity+json")
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT")
PARAMETER = re.compile(r"\{\w+(:int)?\}")


def paths() -> list[str]:
    routes = [route.path for feature in app.FEATURES for route in feature.routes if isinstance(route, Route)]
    found = {PARAMETER.sub(lambda part: "1" if part[1] else "alice", path) for path in routes}
    return sorted(found | {"/static/none.css", "/nothing/here", "/users/alice/nothing"})


@pytest.fixture
async def world(tmp_path: Path, database_url: str) -> AsyncIterator[World]:
    async with opened_world(tmp_path / "data", database_url=database_url) as made:
        yield made


async def answers(world: World, reader: Reader) -> AsyncIterator[tuple[str, httpx.Response]]:
    for path in paths():
        for method in METHODS:
            for accepted in ACCEPTED:
                answer = await reader.http.request(method, path, headers={"Accept": accepted})
                yield f"{method} {path} ({accepted})", answer


@pytest.mark.parametrize("login", ["alice", ""])
async def test_every_answer_to_people_and_servers_carries_them_all(world: World, login: str) -> None:
    reader = world.reader()
    if login:
        await reader.signs_in(login)
        assert await reader.is_signed_in()
    kinds = set()

    async for what, answer in answers(world, reader):
        given = {name: answer.headers.get(name) for name in STANDING}
        assert given == STANDING, what
        assert answer.headers["referrer-policy"] in {"same-origin", "no-referrer"}, what
        assert "server" not in answer.headers
        # RFC 7033 5 wants it of WebFinger; no page may be read by another site's.
        if "/.well-known/" not in what and "/nodeinfo/" not in what:
            assert "access-control-allow-origin" not in answer.headers, what
        kinds.add(answer.status_code)

    assert {200, 303, 403, 404, 405} <= kinds, "the table must have all sorts to mean anything"
    assert not any(status >= 500 for status in kinds)


async def test_what_is_for_one_reader_is_kept_by_nobody(world: World) -> None:
    alice, stranger = world.reader(), world.reader()
    await alice.signs_in("alice")

    for path in paths():
        page = await alice.go(path)
        if not path.startswith("/static/") and page.headers.get("content-type", "").startswith("text/html"):
            assert page.headers["cache-control"] == "no-store", path
        seen = await stranger.go(path)
        if "public" in seen.headers["cache-control"]:
            assert "set-cookie" not in seen.headers, path
            assert seen.headers["content-type"] != "text/html; charset=utf-8", path


async def test_what_servers_read_may_be_kept_by_what_they_asked_for(world: World) -> None:
    machine = world.reader(headers={"Accept": "application/activity+json"})

    for path in ("/users/alice", f"/proposals/{world.offer.id}"):
        answer = await machine.go(path)
        assert answer.headers["cache-control"] == "public, max-age=180", path
        assert answer.headers["vary"] == "Accept, Signature"


async def test_the_inbox_lets_nobody_guess_what_its_words_are(world: World) -> None:
    for path in ("/inbox", "/users/alice/inbox"):
        for method, status in (("GET", 405), ("PUT", 405), ("POST", 415)):
            answer = await world.reader().http.request(method, path)
            assert answer.status_code == status
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["cache-control"] == "no-store"
        assert (await world.reader().go(path)).headers["allow"] == "POST"


async def test_the_key_in_an_address_goes_nowhere_else(tmp_path: Path) -> None:
    instance = await app.build(Settings(data=tmp_path, base_url="https://new.test"))
    try:
        transport = httpx.ASGITransport(instance.asgi)
        async with httpx.AsyncClient(transport=transport, base_url="https://new.test") as visitor:
            await instance.db.write(first_run.renew_first_run, token_hash("key"), instance.clock.now())
            page = await visitor.get("/first-run?token=key")
    finally:
        await instance.stop()

    assert page.status_code == 200
    assert page.headers["referrer-policy"] == "no-referrer"


async def test_a_domain_with_other_sites_can_leave_them_alone(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, base_url="https://example.test", hsts=False)
    instance = await app.build(settings)
    try:
        transport = httpx.ASGITransport(instance.asgi)
        async with httpx.AsyncClient(transport=transport, base_url="https://example.test") as visitor:
            page = await visitor.get("/about")
    finally:
        await instance.stop()

    assert "strict-transport-security" not in page.headers
    assert "upgrade-insecure-requests" in page.headers["content-security-policy"]


def attributes(answer: httpx.Response, name: str) -> set[str]:
    """Of the cookie that is set, without its value."""
    (cookie,) = [each for each in answer.headers.get_list("set-cookie") if each.startswith(name + "=")]
    return {part.strip().split("=")[0] + "=" + part.strip().partition("=")[2] for part in cookie.split(";")[1:]}


async def test_cookies_of_a_session_are_for_this_host_and_no_script(world: World) -> None:
    alice = world.reader()
    form = await alice.go("/sign-in")
    entered = await alice.signs_in("alice")
    left = await _signs_out(alice)

    for answer, name in ((form, "__Host-csrf"), (entered, "__Host-session"), (left, "__Host-session")):
        said = attributes(answer, name)
        assert {"Secure=", "HttpOnly=", "Path=/", "SameSite=lax"} <= said, name
        assert not any(part.startswith("Domain") for part in said)
    assert left.headers["clear-site-data"] == '"cache", "storage"'


async def test_every_cookie_is_secure_and_closed_to_scripts(world: World) -> None:
    alice = world.reader()
    await alice.signs_in("alice")
    given = [await alice.go("/about?lang=en&theme=dark"), await _signs_out(alice)]

    cookies = [cookie for answer in given for cookie in answer.headers.get_list("set-cookie")]
    assert len(cookies) >= 4, "language, theme, what was said, the session's end"
    for cookie in cookies:
        assert "Secure" in cookie, cookie
        assert "HttpOnly" in cookie, cookie
        assert "SameSite=lax" in cookie, cookie
        assert "Domain" not in cookie, cookie


async def test_a_session_ends_for_idleness_and_for_age(world: World) -> None:
    for login, idle, whole in (("alice", 12 * HOUR, 7 * DAY), ("bob", 14 * DAY, 90 * DAY)):
        idler, regular = world.reader(), world.reader()
        await idler.signs_in(login)
        await regular.signs_in(login)
        world.clock.advance(idle)
        assert not await idler.is_signed_in(), login

        regular = world.reader()
        await regular.signs_in(login)
        step = idle // 2
        for _ in range((whole - 1) // step):
            world.clock.advance(step)
            assert await regular.is_signed_in(), login
        world.clock.advance(step)
        assert not await regular.is_signed_in(), login


async def test_signing_in_never_goes_on_with_a_given_session(world: World) -> None:
    alice = world.reader()
    alice.http.cookies.set("__Host-session", "chosen-by-somebody", domain="fedi.test", path="/")

    await alice.signs_in("alice")
    first = alice.session
    await alice.signs_in("alice")

    assert first != "chosen-by-somebody"
    assert alice.session != first


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "told"),
    [
        ("127.0.0.1", "198.51.100.1", (), False),
        ("172.17.0.1", "198.51.100.1", (), False),
        ("127.0.0.1", "198.51.100.1", ("127.0.0.1/32",), None),
        ("127.0.0.1", "", (), None),
        ("203.0.113.9", "198.51.100.1", (), None),
    ],
)
async def test_a_proxy_that_nobody_has_named_is_seen(
    tmp_path: Path, peer: str, forwarded: str, trusted: tuple[str, ...], told: bool | None
) -> None:
    settings = Settings(data=tmp_path, base_url="https://new.test")
    instance = await app.build(replace(settings, trusted_proxies=tuple(map(ip_network, trusted))))
    try:
        transport = httpx.ASGITransport(instance.asgi, client=(peer, 1))
        async with httpx.AsyncClient(transport=transport, base_url="https://new.test") as proxy:
            ready = await proxy.get("/health/ready", headers={"X-Forwarded-For": forwarded} if forwarded else {})
    finally:
        await instance.stop()

    assert ready.json().get("proxy") is told


async def _signs_out(reader: Reader) -> httpx.Response:
    await reader.go("/settings/account")
    return await reader.send("/sign-out", {})
