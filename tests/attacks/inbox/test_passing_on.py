"""Announcing, answering and quoting what others wrote, or are said to have written."""

from typing import Any

import pytest

from fedishare.federation.policy.domains import Rule, Verdict
from fedishare.federation.policy.ruling import decide
from tests.attacks.inbox.saying import greeting, naming_alice
from tests.attacks.lines import attack
from tests.attacks.world import World
from tests.remote import Json


def offer(note: Json, title: str) -> Json:
    """The same note as somebody's offer."""
    intent = {"type": "Intent", "id": f"{note['id']}#primary", "action": "transfer"}
    return {**note, "name": title, "content": f"<p>{title}</p>", "purpose": "offer", "publishes": intent}


async def block(world: World, subject: str) -> None:
    rule = Rule(subject=subject, severity=Verdict.BLOCK)
    await world.db.write(decide, [rule], here=world.here, now=world.clock.now())


async def stored(world: World) -> str:
    """All texts of all things, as one."""
    rows: list[tuple[Any, ...]] = []
    for table in ("object", "post", "proposal"):
        rows += await world.ask(f"select * from {table}")
    return repr(rows)


@attack("A090")
@pytest.mark.parametrize("an_offer", [False, True])
@pytest.mark.parametrize("home", ["good.test", "evil.test"])
async def test_words_inside_an_announce_are_not_their_authors(world: World, an_offer: bool, home: str) -> None:
    """Whether their author lives elsewhere or next door: what is kept is what their own server shows."""
    await world.hears(world.mallory)
    author = world.network.server(home).person("trent")
    true = author.server.note("/n/1", author, content="<p>vrai</p>")
    if an_offer:
        true = offer(true, "vrai")
        author.server.serve("/n/1", true)
    fake = {**true, "content": "<p>fake</p>", "name": "fake"}
    world.forget_requests()

    await world.takes(world.mallory, world.mallory.activity("Announce", fake))

    assert "fake" not in await stored(world)
    assert f"GET https://{home}/n/1" in world.outbound
    titles = await world.ask("select title from proposal where origin = :home", home=home)
    assert titles == ([("vrai",)] if an_offer else [])


@attack("A092")
@pytest.mark.parametrize("inner", ["another", "itself", "embedded"])
async def test_announces_that_go_in_circles_end(world: World, inner: str) -> None:
    await world.hears(world.mallory)
    server = world.mallory.server
    a = world.mallory.activity("Announce", server.url("/b")) | {"id": server.url("/a")}
    b = world.mallory.activity("Announce", server.url("/a")) | {"id": server.url("/b")}
    server.serve("/a", a)
    server.serve("/b", b)
    about = {"another": b["id"], "itself": a["id"], "embedded": b}[inner]
    world.forget_requests()

    async with world.unchanged(kept=True):
        answer = await world.sends(world.mallory, {**a, "object": about})

    assert answer.status_code == 202
    assert len(world.outbound) <= 1


@attack("A093")
async def test_old_note_of_the_suspended_is_not_shown_again(world: World) -> None:
    await world.hears(world.carol)
    await world.hears(world.mallory)
    old = offer(world.mallory.server.note("/n/old", world.mallory), "Vieille perceuse")
    world.mallory.server.serve("/n/old", old)
    await world.takes(world.mallory, world.mallory.activity("Create", old))
    assert "Vieille perceuse" in (await world.reader().go("/search")).text
    await block(world, world.mallory.uri)
    world.forget_requests()

    await world.takes(world.carol, world.carol.activity("Announce", old["id"]))

    assert "Vieille perceuse" not in (await world.reader().go("/search")).text
    alice = world.reader()
    await alice.signs_in("alice")
    assert "Vieille perceuse" not in (await alice.go("/search")).text
    assert world.outbound == []


@attack("A093")
async def test_new_note_of_the_suspended_is_not_fetched(world: World) -> None:
    await world.hears(world.carol)
    await world.meets(world.mallory)
    note = offer(world.mallory.server.note("/n/new", world.mallory), "Neuve")
    world.mallory.server.serve("/n/new", note)
    await block(world, world.mallory.uri)
    world.forget_requests()

    await world.takes(world.carol, world.carol.activity("Announce", note["id"]))

    assert await world.ask("select id from object where uri = :uri", uri=note["id"]) == []
    assert "Neuve" not in (await world.reader().go("/search")).text
    assert "Neuve" not in await stored(world)


@attack("A094")
async def test_answer_to_a_blocked_server_asks_it_nothing(world: World) -> None:
    world.network.server("blocked.test").person("x")
    await world.meets(world.carol)
    await block(world, "blocked.test")
    note = naming_alice(
        world,
        world.carol.server.note(
            "/n/1", world.carol, content="<p>@x@blocked.test non</p>", inReplyTo="https://blocked.test/n/1"
        ),
    )
    theirs = {"type": "Mention", "href": "https://blocked.test/users/x", "name": "@x@blocked.test"}
    note["tag"] = [*note["tag"], theirs]
    world.forget_requests()

    await world.takes(world.carol, world.carol.activity("Create", note))

    assert await world.posts() == [(note["id"], "public")]
    assert await world.ask("select uri from actor where domain = 'blocked.test'") == []
    assert world.outbound == world.dialled == world.looked_up == []
    alice = world.reader()
    await alice.signs_in("alice")
    page = (await alice.go("/notifications")).text
    assert "@x@blocked.test non" in page
    assert 'href="https://blocked.test' not in page


@attack("A099")
async def test_authorisation_that_is_forged_makes_no_quote(world: World) -> None:
    post = await world.publishes("Ce que j’ai dit à la Fête.")
    await world.work()
    world.mallory.server.serve(
        "/fake", {"id": "https://evil.test/fake", "type": "QuoteAuthorization", "attributedTo": world.alice.uri}
    )
    await world.meets(world.mallory)
    note = greeting(
        world,
        world.mallory,
        content="<p>Voyez</p>",
        quote=post.uri,
        quoteUrl=post.uri,
        quoteAuthorization="https://evil.test/fake",
    )
    world.forget_requests()

    await world.takes(world.mallory, note)

    ((content,),) = await world.ask("select content from post where uri = :uri", uri=note["object"]["id"])
    link = f'<a href="{post.uri}" rel="nofollow noopener ugc">{post.uri}</a>'
    assert content == f'<p>Voyez</p><p class="quote-inline">RE: {link}</p>'
    assert world.outbound == world.dialled == []
