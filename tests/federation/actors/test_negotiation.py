"""What real servers and browsers ask for at an id, and what they get (INTEROP A.6, E.3)."""

from collections.abc import AsyncIterator

import pytest

from fedishare.federation.actors import store
from fedishare.foundation.db.database import Database
from tests.federation.doors import knock
from tests.house import House, house

AS = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
SERVERS = {
    "Mastodon": "application/activity+json, application/ld+json",
    "Mastodon, for a pasted address": f"{AS}, application/activity+json, text/html;q=0.1",
    "Misskey": f"application/activity+json, {AS}",
    "Lemmy and PieFed": "application/activity+json",
    "GoToSocial": f"{AS},application/activity+json",
    "flohmarkt": "application/json,application/ld+json,application/activity+json",
}
BROWSERS = {
    "Firefox": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "curl": "*/*",
    "a program that prefers pages": "text/html, application/json",
}
PATHS = ["/users/remise", "/users/remise/outbox", "/users/remise/followers", "/users/remise/featured"]


@pytest.fixture
async def remise(database: Database) -> AsyncIterator[House]:
    async with house(database) as made:
        yield made


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("accept", SERVERS.values(), ids=SERVERS)
async def test_servers_get_the_document(remise: House, path: str, accept: str) -> None:
    answer = await knock(remise, path, accept=accept)

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/activity+json")
    assert answer.json()["id"] == remise.here.url(path)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("accept", BROWSERS.values(), ids=BROWSERS)
async def test_browsers_are_shown_to_the_page(remise: House, path: str, accept: str) -> None:
    answer = await knock(remise, path, accept=accept)

    assert (answer.status_code, answer.headers["location"]) == (302, "https://share.example/@remise")


@pytest.mark.parametrize("accept", [*SERVERS.values(), *BROWSERS.values()], ids=[*SERVERS, *BROWSERS])
async def test_what_is_gone_is_gone_for_all(remise: House, accept: str) -> None:
    amel = await remise.lives("amel")
    await remise.db.write(store.erase, amel.id, now=remise.clock.now())

    answer = await knock(remise, "/users/amel", accept=accept)

    assert answer.status_code == 410
    assert ("json" in answer.headers["content-type"]) == (accept in SERVERS.values())


@pytest.mark.parametrize("accept", ["application/activity+json", "text/html"])
async def test_caches_keep_the_two_apart(remise: House, accept: str) -> None:
    """The classic poisoning: visitors who get JSON (INTEROP D.1)."""
    answer = await knock(remise, "/users/remise", accept=accept)

    assert "Accept" in answer.headers["vary"]
