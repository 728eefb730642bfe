"""What every answer carries, over the whole table of routes (SECURITY 6.4), and whose names we answer to."""

import re

import httpx
import pytest
from starlette.routing import Route

from fedishare.federation.signatures.keys import ActorKeys
from fedishare.foundation.db.database import Database
from tests.clock import StoppedClock
from tests.front_door import FrontDoor

INLINE = re.compile(r"<style|\sstyle=|<script|\son[a-z]+=|javascript:", re.IGNORECASE)


def pages_of(site: FrontDoor) -> list[str]:
    gets = [route.path for route in site.routes if isinstance(route, Route) and "GET" in (route.methods or ())]
    return [path.replace("{id:int}", "1").replace("{name}", "laremise") for path in gets] + ["/nothing/here"]


async def test_every_answer_carries_the_standing_headers(site: FrontDoor) -> None:
    nadia, stranger = site.reader(), site.reader()
    await nadia.signs_in()

    for path in pages_of(site):
        for reader in (nadia, stranger):
            answer = await reader.go(path)
            assert answer.status_code < 500, path
            policy = answer.headers["content-security-policy"]
            assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'"), path
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["referrer-policy"] == "same-origin"
            assert answer.headers["cross-origin-opener-policy"] == "same-origin"
            assert "camera=()" in answer.headers["permissions-policy"]
            assert "cache-control" in answer.headers
            assert "server" not in answer.headers


async def test_no_page_holds_what_the_policy_forbids(site: FrontDoor) -> None:
    nadia = site.reader()
    await nadia.signs_in()

    for path in pages_of(site):
        answer = await nadia.go(path)
        if "html" in answer.headers.get("content-type", ""):
            assert INLINE.findall(answer.text) == [], path


async def test_a_refusal_of_the_door_itself_carries_them_too(site: FrontDoor) -> None:
    answer = await site.reader().http.post("/sign-in", headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403
    assert "content-security-policy" in answer.headers


async def test_only_an_https_site_asks_for_https(site: FrontDoor, database: Database, keys: ActorKeys) -> None:
    plain = FrontDoor(database, StoppedClock(), keys, base_url="http://localhost:8000")

    secure, not_secure = await site.reader().go("/about"), await plain.reader().go("/about")

    assert secure.headers["strict-transport-security"].startswith("max-age=31536000")
    assert "upgrade-insecure-requests" in secure.headers["content-security-policy"]
    assert "strict-transport-security" not in not_secure.headers
    assert "upgrade-insecure-requests" not in not_secure.headers["content-security-policy"]


async def test_over_http_the_cookies_have_names_that_browsers_keep(database: Database, keys: ActorKeys) -> None:
    plain = FrontDoor(database, StoppedClock(), keys, base_url="http://localhost:8000")
    await plain.opens()
    nadia = plain.reader()

    answer = await nadia.signs_in()

    cookies = answer.headers.get_list("set-cookie")
    assert any(cookie.startswith("fedishare_session=") for cookie in cookies)
    assert not any("Secure" in cookie or "__Host-" in cookie for cookie in cookies)


@pytest.mark.parametrize(
    ("base_url", "host", "status"),
    [
        ("https://remise.test", "remise.test", 200),
        ("https://remise.test", "REMISE.TEST", 200),
        ("https://remise.test", "evil.test", 421),
        ("https://remise.test", "remise.test:8443", 421),
        ("https://remise.test", "localhost", 421),
        ("https://remise.test", "", 421),
        ("http://localhost:8000", "localhost:8000", 200),
        ("http://localhost:8000", "127.0.0.1:8000", 200),
        ("http://localhost:8000", "[::1]:8000", 200),
        ("http://localhost:8000", "rebound.test", 421),
    ],
)
async def test_we_answer_to_our_own_names_only(
    database: Database, keys: ActorKeys, base_url: str, host: str, status: int
) -> None:
    site = FrontDoor(database, StoppedClock(), keys, base_url=base_url)

    answer = await site.reader().go("/about", Host=host)

    assert answer.status_code == status


async def test_a_page_of_ones_own_is_not_for_search_engines(site: FrontDoor) -> None:
    answer: httpx.Response = await site.reader().go("/sign-in")

    assert answer.headers["x-robots-tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in answer.text
    assert "x-robots-tag" not in (await site.reader().go("/about")).headers
