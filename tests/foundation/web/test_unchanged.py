"""Who reads for nobody in particular is not drawn a page that they have, and is never shown one that has changed."""

from pathlib import Path

import pytest

from fedishare.foundation.db.access import Tx
from fedishare.foundation.db.queries import parse
from fedishare.foundation.values.clock import DAY, MINUTE
from fedishare.foundation.web import unchanged
from fedishare.foundation.web.unchanged import Kept, of_nobody
from tests.engines import on_each_engine
from tests.front_door import FrontDoor

RENAME = parse("-- rename\nupdate actor set display_name = :name where kind = 'Organization'", source=Path(__file__))


async def rename(tx: Tx, name: str) -> None:
    await tx.run(RENAME["rename"], name=name)


@on_each_engine
async def test_a_page_that_has_not_changed_is_not_sent_again(site: FrontDoor):
    first = await site.reader().go("/search")

    again = await site.reader().go("/search", **{"If-None-Match": first.headers["etag"]})

    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["cache-control"] == first.headers["cache-control"]
    assert again.headers["vary"] == first.headers["vary"]


@on_each_engine
async def test_the_same_page_is_drawn_once(site: FrontDoor):
    drawn = await site.reader().go("/search")

    kept = await site.reader().go("/search")

    assert kept.content == drawn.content
    assert kept.headers == drawn.headers


@on_each_engine
async def test_what_is_written_is_seen_at_once(site: FrontDoor):
    before = await site.reader().go("/about")
    assert "La Remise" in before.text

    await site.db.write(rename, "Le Hangar")

    after = await site.reader().go("/about", **{"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200
    assert "Le Hangar" in after.text
    assert "La Remise" not in after.text


async def test_a_new_day_is_a_new_page(site: FrontDoor):
    before = await site.reader().go("/search")

    site.clock.advance(DAY)

    after = await site.reader().go("/search", **{"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200
    assert after.headers["etag"] != before.headers["etag"]


async def test_each_language_and_address_has_its_own(site: FrontDoor):
    tags = [
        (await site.reader(headers={"Accept-Language": language}).go(path)).headers["etag"]
        for language in ("fr", "en")
        for path in ("/search", "/search?purpose=offer", "/about")
    ]

    assert len(set(tags)) == len(tags)


async def test_what_is_made_for_somebody_is_not_kept(site: FrontDoor):
    nadia = site.reader()
    await nadia.signs_in()

    hers = await nadia.go("/search")
    form = await site.reader().go("/sign-in")
    cookie = await site.reader().go("/search", Cookie="anything=1")
    missing = await site.reader().go("/@nobody")
    signed = await site.reader().go("/search", **{"X-Signed-By": "https://ruche.example"})

    assert all("etag" not in answer.headers for answer in (hers, form, cookie, missing, signed))
    assert "Nadia" not in (await site.reader().go("/search")).text


async def test_a_tag_of_another_page_opens_nothing(site: FrontDoor):
    other = await site.reader().go("/about")

    page = await site.reader().go("/search", **{"If-None-Match": other.headers["etag"]})

    assert page.status_code == 200


async def test_who_asks_too_much_is_refused_what_is_kept_too(site: FrontDoor):
    site.with_limits()
    reader = site.reader()
    answers = [(await reader.go("/search")).status_code for _ in range(302)]

    assert answers[:300] == [200] * 300
    assert answers[-1] == 429


@pytest.mark.parametrize("name", [b"cookie", b"authorization", b"signature", b"signature-input", b"range"])
def test_a_request_of_somebody_is_nobody_elses(name: bytes):
    scope = {"method": "GET", "path": "/", "query_string": b"", "headers": [(b"host", b"remise.test")]}
    assert of_nobody(scope)

    assert of_nobody(scope | {"headers": [*scope["headers"], (name, b"x")]}) is None


@pytest.mark.parametrize("changed", [{"method": "POST"}, {"path": "/health/ready"}])
def test_other_requests_are_not_looked_at(changed: dict[str, str]):
    scope = {"method": "GET", "path": "/", "query_string": b"", "headers": []}

    assert of_nobody(scope | changed) is None


def test_no_more_is_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(unchanged, "MOST_BYTES", 1_000)
    monkeypatch.setattr(unchanged, "MOST_SAID", 3)
    kept = Kept()
    asked = [kept.asked((f"/{n}",), b"", version="1", now=0) for n in range(5)]

    for each in asked:
        kept.keep(each, [(b"vary", b"Accept")], b"x" * 400)

    assert [kept.found(each) is not None for each in asked] == [False, False, False, True, True]


def test_the_tag_says_the_version_the_minute_and_the_run():
    kept, another = Kept(), Kept()
    tags = {
        kept.asked(("/",), b"", version="1", now=0).tag,
        kept.asked(("/",), b"", version="2", now=0).tag,
        kept.asked(("/",), b"", version="1", now=MINUTE).tag,
        kept.asked(("/search",), b"", version="1", now=0).tag,
        another.asked(("/",), b"", version="1", now=0).tag,
    }

    assert len(tags) == 5
