"""Fields with what no browser would send, and forms that come again, late, or all at once."""

import asyncio
import tracemalloc

import pytest

from tests.attacks.costs import compare
from tests.attacks.lines import attack
from tests.attacks.world import World
from tests.figures import Figure
from tests.front_door import PASSWORD, Reader

OFFER = {"purpose": "offer", "action": "use", "title": "Échelle"}
ENDLESS = "1" * 5_000
SESSION = "__Host-session"


async def signed_in(world: World, name: str = "bob") -> Reader:
    reader = world.reader()
    assert (await reader.signs_in(name)).status_code == 303
    await reader.go("/settings/account")
    return reader


@attack("F200")
@pytest.mark.parametrize("name", ["Origin", "Referer"])
@pytest.mark.parametrize("source", ["https://[", "https://fedi.test]", "//[::1", "https://[fedi.test]/"])
async def test_a_source_that_cannot_be_read_is_a_foreign_one(world: World, name: str, source: str) -> None:
    reader = world.reader()
    await reader.go("/sign-in")
    del reader.http.headers["Sec-Fetch-Site"]

    async with world.unchanged():
        answer = await reader.send("/sign-in", {"login": "alice", "password": PASSWORD}, **{name: source})

    assert answer.status_code == 403


@attack("F201")
async def test_a_number_without_end_is_nobodys(world: World) -> None:
    bob = await signed_in(world)

    async with world.unchanged():
        asked = await bob.go(f"/report?about={ENDLESS}")
        await bob.go("/settings/account")
        sent = await bob.send("/report", {"about": ENDLESS, "text": "Faux"})

    assert (asked.status_code, sent.status_code) == (404, 404)


@attack("F202")
@pytest.mark.parametrize("quantity", ["1E-999999999", "1e-7", "0." + "0" * 100_000 + "1", "1." + "0" * 100_000, "sNaN"])
async def test_a_quantity_is_no_longer_than_it_looks(world: World, quantity: str) -> None:
    bob = await signed_in(world)
    tracemalloc.start()
    try:
        async with world.unchanged():
            answer = await bob.send("/new", {**OFFER, "quantity": quantity})
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert answer.status_code == 422
    assert most < 20_000_000


@attack("F213")
@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Bob\u202eecila", "Bob ecila"),
        ("Bob\u061c\n\nAdministration", "Bob Administration"),
        ("\u200b\u3164\u2060", "bob"),
        ("\u2800 \U000e0041", "bob"),
    ],
)
async def test_ones_own_name_neither_turns_nor_hides(world: World, typed: str, shown: str) -> None:
    bob = await signed_in(world)

    assert (await bob.send("/settings/profile", {"display_name": typed})).status_code == 303

    assert await world.ask("select display_name from actor where name = 'bob'") == [(shown,)]


@attack("F213")
async def test_a_title_neither_turns_nor_hides(world: World) -> None:
    bob = await signed_in(world)

    unseen = await bob.send("/new", {**OFFER, "title": "\u200b\u3164"})
    turned = await bob.send("/new", {**OFFER, "title": "Vélo\u202e\r\ntiurtarg"})

    assert (unseen.status_code, turned.status_code) == (422, 303)
    assert await world.ask("select title from proposal order by id desc limit 1") == [("Vélo tiurtarg",)]


@attack("F218")
async def test_twenty_taps_in_one_moment_are_one(world: World) -> None:
    bob = await signed_in(world)
    number = world.offer.id
    forms = {
        "/new": OFFER,
        f"/proposals/{number}/reply": {"text": "Moi !"},
        "/report": {"about": str(number), "text": "Faux"},
    }

    for path, fields in forms.items():
        answers = await asyncio.gather(*(bob.send(path, fields) for _ in range(20)))
        assert [answer.status_code for answer in answers] == [303] * 20, path

    assert await world.ask("select count(*) from proposal where title = 'Échelle'") == [(1,)]
    assert await world.ask("select count(*) from post") == [(1,)]
    assert await world.ask("select count(*) from report") == [(1,)]


@attack("F219")
async def test_a_form_belongs_to_the_session_it_was_drawn_for(world: World) -> None:
    bob, alice = await signed_in(world), await signed_in(world, "alice")
    former = bob.token
    await bob.send("/sign-out", {})
    await bob.signs_in("bob")

    async with world.unchanged():
        again = await bob.send("/new", OFFER, token=former)
        of_another = await bob.send("/new", OFFER, token=alice.token)

    assert (again.status_code, of_another.status_code) == (403, 403)


@attack("F222")
@pytest.mark.parametrize(
    "piece",
    [
        "[",
        "[a](",
        "![",
        "*a_ ",
        "**a*",
        "`" * 7 + " ",
        "> ",
        "&#",
        "<a ",
        "~~a~",
        "- - ",
        "1. ",
        "|a|\n|-|\n",
        "www.",
        "](",
    ],
)
async def test_no_text_of_a_member_takes_its_time(world: World, figure: Figure, piece: str) -> None:
    bob = await signed_in(world)
    path = f"/proposals/{world.offer.id}/reply"

    async def says(text: str) -> None:
        assert (await bob.send(path, {"text": text})).status_code == 303

    hostile = (piece * 5_000)[:4_999] + "x"
    await compare(figure, repr(piece), hostile=lambda: says(hostile), harmless=lambda: says("mots " * 999))


@attack("F223")
@pytest.mark.parametrize(
    "cookies",
    [
        'fedishare_say="' + "\\" * 15_000 + '"',
        'fedishare_say="' + "\\1" * 7_500 + '"',
        "; ".join(["a=b"] * 400),
        '="' * 5_000,
    ],
    ids=["backslashes", "half an octal", "four hundred", "quotes"],
)
async def test_no_cookie_takes_its_time(world: World, figure: Figure, cookies: str) -> None:
    async def sends(header: str) -> None:
        answer = await world.reader().go("/about", Cookie=header)
        assert answer.status_code == 200

    await sends("a=b")
    harmless = "a=" + "x" * len(cookies)
    await compare(figure, cookies[:20], hostile=lambda: sends(cookies), harmless=lambda: sends(harmless))


@attack("F223")
async def test_a_session_that_stands_twice_opens_nothing_it_should_not(world: World) -> None:
    bob = await signed_in(world)
    good, stranger = f"{SESSION}={bob.session}", world.reader()

    for header in (f"{SESSION}=invented; {good}", f"{good}; {SESSION}=invented", f"{SESSION}=; {good}"):
        answer = await stranger.go("/settings/account", Cookie=header)
        assert answer.status_code == (200 if header.endswith(good) else 303), header


@attack("F224")
@pytest.mark.parametrize(
    "then",
    [
        "//evil.test", "/\\evil.test", "\\\\evil.test", "/\t/evil.test", "https:evil.test", "https://evil.test/",
        "/\u2028/evil.test", "/x\r\nSet-Cookie: a=b", " //evil.test", "/\u202e//evil.test", "javascript:alert(1)", "",
    ],
)  # fmt: skip
async def test_the_way_back_is_a_path_of_ours(world: World, then: str) -> None:
    for login, path in (("alice", "/sign-in"), ("bob", "/sign-in")):
        reader = world.reader()
        answer = await reader.signs_in(login, then=then)
        assert answer.status_code == 303
        assert answer.headers["location"] == "/", path
        assert "a=b" not in str(answer.headers)


@attack("F224")
async def test_a_way_back_that_is_too_long_is_refused(world: World) -> None:
    assert (await world.reader().signs_in("alice", then="/" + "x" * 1_200)).status_code == 422
