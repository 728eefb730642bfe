"""What is drawn once is drawn for all who may see it, and anew when anything in it is another."""

import pytest
from markupsafe import Markup
from msgspec import Struct

from fedishare.foundation.values.clock import DAY, Instant, later
from fedishare.foundation.web import drawing
from fedishare.foundation.web.drawing import HOLE, Telling, cards, frames
from tests.engines import on_each_engine
from tests.front_door import FrontDoor

NOON = Instant(1_795_000_000_000)


class Thing(Struct, frozen=True, kw_only=True):
    id: int
    title: str


def telling(language: str = "fr", now: Instant = NOON, zone: str = "Europe/Paris") -> Telling:
    return Telling(language=language, now=now, zone=zone)


async def test_a_card_is_drawn_anew_when_it_or_the_day_or_the_language_changes():
    drawings: list[str] = []

    def card(thing: Thing, level: int, told: Telling) -> Markup:
        drawings.append(thing.title)
        return Markup("<h{0}>{1} {2}</h{0}>").format(level, thing.title, told.language)

    ladder, longer, other = (Thing(id=n, title=title) for n, title in ((1, "Échelle"), (1, "Double"), (2, "Échelle")))
    tomorrow = later(NOON, DAY)
    for told, thing in [
        (telling(), ladder),
        (telling(), ladder),
        (telling(), longer),
        (telling(), other),
        (telling("en"), ladder),
        (telling(now=tomorrow), ladder),
        (telling(zone="Pacific/Auckland"), ladder),
    ]:
        assert cards(told)(card, [thing], 2) == f"<h2>{thing.title} {told.language}</h2>"

    assert len(drawings) == 6


async def test_only_so_many_pieces_are_kept(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(drawing, "MOST_CARDS", len(drawing._CARDS) + 3)
    monkeypatch.setattr(drawing, "MOST_FRAMES", len(drawing._FRAMES) + 3)
    things = [Thing(id=n, title=f"{n}") for n in range(10)]

    cards(telling())(lambda thing, told: Markup(thing.title), things)
    for n in range(10):
        frames("fr")(lambda number: Markup(number), n)

    assert len(drawing._CARDS) == drawing.MOST_CARDS
    assert len(drawing._FRAMES) == drawing.MOST_FRAMES


async def test_what_is_put_into_a_frame_is_escaped_and_not_kept():
    def foot() -> Markup:
        return Markup('<a href="?') + HOLE + Markup('lang=en">English</a>')

    framed = frames("fr")

    assert framed(foot, put='"><script>&') == '<a href="?&#34;&gt;&lt;script&gt;&amp;lang=en">English</a>'
    assert framed(foot, put="") == '<a href="?lang=en">English</a>'


@on_each_engine
async def test_one_reader_is_never_shown_what_was_drawn_for_another(site: FrontDoor):
    nadia, stranger = site.reader(), site.reader()
    await nadia.signs_in()

    for _ in range(2):
        hers, theirs = (await nadia.go("/search")).text, (await stranger.go("/search")).text
        assert "/settings/account" in hers
        assert "/sign-in" not in hers
        for private in ("/settings/account", "Nadia", "/notifications", "/sign-out"):
            assert private not in theirs
        assert "/sign-in" in theirs


@on_each_engine
async def test_who_has_signed_out_is_a_stranger_at_once(site: FrontDoor):
    nadia = site.reader()
    await nadia.signs_in()
    assert await nadia.is_signed_in()
    stolen = dict(nadia.http.cookies)
    await nadia.go("/settings/account")

    await nadia.send("/sign-out", {})

    nadia.http.cookies.update(stolen)
    assert not await nadia.is_signed_in()


@pytest.mark.parametrize(
    ("path", "links"),
    [
        ("/search", ['href="?lang=en"', 'href="?theme=dark"']),
        ("/search?purpose=offer&place=Lille", ['href="?purpose=offer&amp;place=Lille&amp;lang=en"']),
        ("/search?place=%22%3E%3Cscript%3E", ['href="?place=%22%3E%3Cscript%3E&amp;lang=en"']),
        ('/search?place="><script>', ['href="?place=%22%3E%3Cscript%3E&amp;lang=en"']),
        ("/search?lang=fr&purpose=offer&theme=light", ['href="?purpose=offer&amp;lang=en"']),
    ],
)
async def test_another_language_or_theme_goes_on_with_the_same_address(site: FrontDoor, path: str, links: list[str]):
    page = (await site.reader().go(path)).text

    for link in links:
        assert link in page
    assert "<script>" not in page
    assert HOLE not in page
