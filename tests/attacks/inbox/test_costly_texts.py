"""Texts that cost their readers more than their writers: for the sanitiser, for searching, for the eye."""

import re
import unicodedata
from typing import Any

import pytest

from fedishare.federation.vocabulary import limits
from tests.attacks.costs import compare
from tests.attacks.inbox.saying import greeting
from tests.attacks.lines import attack
from tests.attacks.world import World
from tests.figures import Figure
from tests.sources import PACKAGE


async def costs_as_usual(world: World, figure: Figure, what: str, hostile: str) -> str:
    """Taking a note with this content, beside one of as many letters; gives what is kept of it."""
    words = ("mot " * len(hostile))[: len(hostile) - 7]
    usual = greeting(world, world.mallory, content=f"<p>{words}</p>")
    costly = greeting(world, world.carol, content=hostile)
    await world.meets(world.carol, world.mallory)

    await compare(
        figure,
        what,
        hostile=lambda: world.takes(world.carol, costly),
        harmless=lambda: world.takes(world.mallory, usual),
    )

    assert (await world.last()).state == "applied"
    ((content,),) = await world.ask("select content from post where uri = :uri", uri=costly["object"]["id"])
    return str(content)


@attack("A066")
async def test_forty_thousand_tags_are_stripped(world: World, figure: Figure) -> None:
    content = await costs_as_usual(world, figure, "40,000 nested tags", "<div>" * 40_000)

    assert "<" not in content


@attack("A066")
async def test_words_between_too_many_tags_are_kept(world: World, figure: Figure) -> None:
    content = await costs_as_usual(
        world, figure, "2,400 nested tags with words", "<b>mot & </b><script>x</script>" * 1_200
    )

    assert "<" not in content
    assert content.startswith("mot &amp;")


@attack("A067")
@pytest.mark.parametrize(
    "content",
    [
        "<math><semantics><annotation encoding=''>",
        "<math><semantics><annotation-xml encoding='text/html'><p>x</math>",
        "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=x&gt;'>",
        "<p>avant <math><mi",
    ],
)
async def test_formula_that_never_ends_breaks_no_page(world: World, content: str) -> None:
    reader = world.reader()
    await reader.signs_in("alice")
    note = greeting(world, world.carol, content=content, inReplyTo=world.offer.uri)

    await world.takes(world.carol, note)

    assert (await world.last()).state == "applied"
    await shown_everywhere(world, reader)


async def shown_everywhere(world: World, reader: Any) -> None:
    """Waiting for alice, and then under her offer."""
    held = await reader.go("/notifications")
    assert held.status_code == 200
    ((post,),) = await world.ask("select id from post where state = 'held'")
    assert (await reader.send(f"/posts/{post}/approve", {"then": ""})).status_code == 303
    address = f"/@alice/{world.offer.id}"
    for page in (await reader.go(address), await world.reader().go(address), await world.reader().go("/")):
        assert page.status_code == 200, page.url


@attack("A068")
@pytest.mark.parametrize(
    "content", ["#" + "a" * 60_000, "@" + "a." * 30_000, "http://" + "(" * 60_000], ids=["hashtag", "mention", "link"]
)
async def test_bait_for_patterns_is_read_as_fast_as_words(world: World, figure: Figure, content: str) -> None:
    kept = await costs_as_usual(world, figure, f"bait {content[:9]}", content)

    assert kept == content


@attack("A069")
async def test_marks_do_not_pile_up_on_a_name(world: World) -> None:
    await world.takes(world.carol, greeting(world, world.carol))
    named = {**world.carol.document, "name": "Z" + "\u0351" * 2_000}

    await world.takes(world.carol, world.carol.activity("Update", named))

    ((name,),) = await world.ask("select display_name from actor where uri = :uri", uri=world.carol.uri)
    assert name == "Z" + "\u0351" * limits.COMBINING
    assert sum(1 for letter in name if unicodedata.combining(letter)) == 4
    reader = world.reader()
    await reader.signs_in("alice")
    page = (await reader.go("/notifications")).text
    assert name in page
    assert name + "\u0351" not in page
    styles = (PACKAGE / "foundation" / "web" / "static" / "additions.css").read_text()
    assert re.search(r"\.row > \*[^{]*\{[^}]*overflow: clip", styles), "what sticks out of a line is not drawn"
