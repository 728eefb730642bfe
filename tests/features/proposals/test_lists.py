"""Lists: newest first, page by page without a gap, narrowed by what the address asks, and the same as a feed."""

import re

import feedparser
import pytest

from fedishare.features.proposals import operations, store
from fedishare.features.proposals.store import Cursor, Wanted
from fedishare.federation.policy import circles, ruling
from fedishare.federation.policy.domains import Rule, Verdict
from fedishare.foundation.values.clock import SECOND
from tests.engines import on_each_engine
from tests.features.proposals.hangar import bike
from tests.features.town import Town
from tests.remote import Person


async def titles(town: Town, path: str) -> list[str]:
    page = await town.asks(path, accept="text/html")
    assert page.status_code == 200
    return re.findall(r"<h2><a href=\"/@[^>]*>([^<]+)</a></h2>", page.text)


@on_each_engine
async def test_pages_follow_one_another_without_gap_or_repeat(town: Town) -> None:
    for number in range(45):
        if number % 3:
            town.clock.advance(SECOND)  # some share their moment: the number decides among them
        await town.publishes(town.remise, title=f"Outil {number:02}")

    seen, path = [], "/search"
    while path:
        seen += await titles(town, path)
        page = (await town.asks(path, accept="text/html")).text
        following = re.search(r'href="(/search\?before=[^"]+)" rel="next"', page)
        path = following.group(1) if following else ""

    assert seen == [f"Outil {number:02}" for number in reversed(range(45))]


@on_each_engine
async def test_what_is_closed_or_blocked_leaves_a_list_that_was_drawn_before(town: Town, hangar: Person) -> None:
    drill = await town.publishes(town.remise)
    await town.publishes(town.remise, title="Échelle")
    await town.follows(hangar)
    await town.creates(hangar, bike(hangar))
    seen = [sorted(await titles(town, "/search")) for _ in range(2)]

    await town.db.write(operations.close, drill.id, by=[town.remise.id], here=town.here, now=town.now)
    without_closed = sorted(await titles(town, "/search"))
    rule = Rule(subject="hangar.example", severity=Verdict.BLOCK)
    await town.db.write(ruling.decide, [rule], here=town.here, now=town.now)

    assert seen == [["Perceuse", "Vélo cargo", "Échelle"]] * 2
    assert without_closed == ["Vélo cargo", "Échelle"]
    assert await titles(town, "/search") == ["Échelle"]


async def test_nothing_jumps_when_something_new_comes_between_two_pages(town: Town) -> None:
    for number in range(25):
        town.clock.advance(SECOND)
        await town.publishes(town.remise, title=f"Outil {number:02}")
    page = (await town.asks("/search", accept="text/html")).text
    following = re.search(r'href="(/search\?before=[^"]+)" rel="next"', page)
    assert following
    town.clock.advance(SECOND)
    await town.publishes(town.remise, title="Tout neuf")

    assert await titles(town, following.group(1)) == [f"Outil {number:02}" for number in reversed(range(5))]


@on_each_engine
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("purpose=request", ["Une main"]),
        ("purpose=offer", ["Vélo", "Perceuse"]),
        ("action=work", ["Une main"]),
        ("category=V%C3%A9lo", ["Vélo"]),
        ("place=Roubaix", ["Vélo"]),
        ("place=roubaix", ["Vélo"]),
        ("purpose=offer&action=work", []),
        ("purpose=nonsense&action=nonsense&before=nonsense&origin=nonsense", ["Une main", "Vélo", "Perceuse"]),
    ],
)
async def test_list_is_narrowed_by_its_address(town: Town, query: str, found: list[str]) -> None:
    await town.publishes(town.remise)
    town.clock.advance(SECOND)
    await town.publishes(town.amel, title="Vélo", category="vélo", place="Roubaix")
    town.clock.advance(SECOND)
    await town.publishes(town.amel, title="Une main", purpose="request", action="work")

    assert await titles(town, f"/search?{query}") == found


@on_each_engine
async def test_origin_tells_ours_from_partners_and_others(town: Town, hangar: Person) -> None:
    stranger = town.house.network.server("mastodon.example").person("tomasz")
    await town.publishes(town.remise)
    for person in (hangar, stranger):
        await town.follows(person)
        await town.creates(person, bike(person, content=f"<p><strong>De {person.name}</strong></p>"))
    partner = await town.house.fetcher.actor(hangar.uri)
    await town.db.write(circles.join, circles.PARTNERS, partner.id)

    assert await titles(town, "/search?origin=here") == ["Perceuse"]
    assert await titles(town, "/search?origin=partners") == ["De hangar"]
    assert set(await titles(town, "/search?origin=all")) == {"Perceuse", "De hangar", "De tomasz"}


async def test_count_is_exact_to_two_hundred(town: Town) -> None:
    assert "Pas encore d’annonce" in (await town.asks("/search", accept="text/html")).text
    for number in range(3):
        await town.publishes(town.remise, title=f"Outil {number}")

    assert "3 annonces" in (await town.asks("/search", accept="text/html")).text
    assert await town.db.read(store.count_open, Wanted(), viewer=0, now=town.now) == 3


async def test_feed_is_read_by_a_feed_reader(town: Town) -> None:
    await town.publishes(town.remise, title="Perceuse & <mèches>\x0b", category="vélo")
    town.clock.advance(SECOND)
    await town.publishes(town.amel, title="Besoin", purpose="request")

    answer = await town.asks("/search.atom", accept="application/atom+xml")
    feed = feedparser.parse(answer.content)

    assert not feed.bozo, feed.get("bozo_exception")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    assert [entry.title for entry in feed.entries] == [
        "Besoin · prêt\N{NO-BREAK SPACE}: Besoin",
        "Offre · prêt\N{NO-BREAK SPACE}: Perceuse & <mèches>",
    ]
    assert feed.entries[1].link.startswith(town.here.url("/@remise/"))
    assert feed.entries[1].author == "Remise"
    narrowed = feedparser.parse((await town.asks("/search.atom?purpose=request", accept="*/*")).content)
    assert [entry.title for entry in narrowed.entries] == ["Besoin · prêt\N{NO-BREAK SPACE}: Besoin"]


@pytest.mark.parametrize("text", ["", "x", "1-", "-1", "9" * 60 + "-1", "1-2-3", "٣-٤", f"{2**63}-1"])
def test_cursor_that_is_none_is_the_first_page(text: str) -> None:
    assert Cursor.parse(text) == Cursor()


def test_cursor_survives_its_text() -> None:
    assert Cursor.parse(str(Cursor(1_795_435_200_000, 117_665_641_267_229_012))) == Cursor(
        1_795_435_200_000, 117_665_641_267_229_012
    )
