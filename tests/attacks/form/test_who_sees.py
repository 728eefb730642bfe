"""Who learns of what is not for them: replies that wait, private words, what was taken back."""

import re

from tests.attacks.form.test_what_forms_hold import signed_in
from tests.attacks.lines import attack
from tests.attacks.world import World
from tests.front_door import Reader

JSON = "application/activity+json"
WORDS = "mots-qui-attendent"
MARK = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}|value=\"[^\"]{40,}\"|<form.*?</form>|[?&;/=][0-9]{17,19}", re.DOTALL)


def told(text: str) -> str:
    """A page without its own mark, its tokens and the number that was asked for."""
    return MARK.sub("", text)


async def waits(world: World, decision: str = "") -> int:
    """Carol's answer to alice's offer, which waits; its number. Or alice has decided about it."""
    note = world.carol.server.note("/n/1", world.carol, content=f"<p>{WORDS}</p>", inReplyTo=world.offer.uri)
    await world.takes(world.carol, world.carol.activity("Create", {**note, "to": [*note["to"], world.alice.uri]}))
    ((number,),) = await world.ask("select id from post where state = 'held'")
    if decision:
        alice = await signed_in(world, "alice")
        assert (await alice.send(f"/posts/{number}/{decision}", {})).status_code == 303
    return int(number)


async def writes(bob: Reader, world: World) -> int:
    """Bob's private word to alice; its number."""
    assert (await bob.send(f"/proposals/{world.offer.id}/write", {"text": WORDS})).status_code == 303
    ((number,),) = await world.ask("select id from post")
    return int(number)


async def check_nobody_waits(world: World, number: int) -> None:
    bob = await signed_in(world)
    async with world.unchanged():
        nothing, found = await bob.go(f"/report?about={number + 1}"), await bob.go(f"/report?about={number}")
        await bob.go("/settings/account")
        sent = await bob.send("/report", {"about": str(number), "text": "Faux", "home": "1"})
    assert (nothing.status_code, found.status_code, sent.status_code) == (404, 404, 404)
    assert told(found.text) == told(nothing.text)
    assert "carol" not in found.text + sent.text


@attack("F209")
async def test_a_report_does_not_find_out_who_waits(world: World) -> None:
    await check_nobody_waits(world, await waits(world))


@attack("F209")
async def test_a_report_does_not_find_out_who_was_refused(world: World) -> None:
    await check_nobody_waits(world, await waits(world, "refuse"))


@attack("F209")
async def test_its_steward_may_report_what_waits(world: World) -> None:
    number = await waits(world)
    alice = await signed_in(world, "alice")

    assert (await alice.go(f"/report?about={number}")).status_code == 200


@attack("F210")
async def test_no_cache_keeps_what_waits(world: World) -> None:
    bob, stranger, alice = await signed_in(world), world.reader(), await signed_in(world, "alice")
    await bob.send(f"/proposals/{world.offer.id}/reply", {"text": WORDS})
    ((number,),) = await world.ask("select id from post where state = 'held'")

    mine = await bob.go(f"/posts/{number}", Accept=JSON)
    of_others = [(await other.go(f"/posts/{number}", Accept=JSON)).status_code for other in (stranger, alice)]

    assert mine.status_code == 200
    assert mine.headers["cache-control"] == "private, no-store"
    assert of_others == [404, 404]


@attack("F210")
async def test_what_is_shown_may_be_kept_by_a_cache(world: World) -> None:
    bob = await signed_in(world)
    await bob.send(f"/proposals/{world.offer.id}/reply", {"text": WORDS})
    ((number,),) = await world.ask("select id from post where state = 'held'")
    alice = await signed_in(world, "alice")
    await alice.send(f"/posts/{number}/approve", {})

    answers = [await reader.go(f"/posts/{number}", Accept=JSON) for reader in (world.reader(), bob, alice)]

    assert [answer.headers["cache-control"] for answer in answers] == ["public, max-age=180"] * 3


@attack("F211")
async def test_no_cache_tells_that_something_private_was_there(world: World) -> None:
    bob = await signed_in(world)
    number = await writes(bob, world)
    await bob.go("/settings/account")
    await bob.send(f"/posts/{number}/delete", {})

    mine = await bob.go(f"/posts/{number}", Accept=JSON)
    of_another = await world.reader().go(f"/posts/{number}", Accept=JSON)

    assert (mine.status_code, of_another.status_code) == (410, 404)
    assert mine.headers["cache-control"] == "private, no-store"


@attack("F220")
async def test_what_waits_is_nowhere(world: World) -> None:
    offer, bob, stranger = world.offer.id, await signed_in(world), world.reader()
    paths = [
        *(f"/@alice/{offer}", f"/proposals/{offer}", f"/proposals/{offer}/replies", f"/proposals/{offer}/context"),
        *("/", "/about", "/search", "/search.atom", "/@alice", "/@remise", "/users/alice/outbox?page=true"),
        *("/users/alice/outbox", "/users/alice/followers", "/nodeinfo/2.1", "/notifications", "/messages"),
    ]
    before = {path: told((await stranger.go(path)).text) for path in paths}
    number = await waits(world)

    for reader in (stranger, bob):
        for accept in ("text/html", JSON):
            for path in (*paths, f"/@carol@good.test/{number}", f"/posts/{number}", f"/messages/{number}"):
                answer = await reader.go(path, Accept=accept)
                assert answer.status_code in (200, 302, 303, 401, 404), path
                assert WORDS not in answer.text, path
                assert "carol" not in answer.text.replace(f"/@carol@good.test/{number}", ""), path
    assert {path: told((await stranger.go(path)).text) for path in paths} == before


@attack("F221")
async def test_a_thread_of_others_is_a_number_like_any_other(world: World) -> None:
    alice = await signed_in(world, "alice")
    await world.takes(
        world.carol,
        world.carol.activity(
            "Create",
            {
                **world.carol.server.note("/n/2", world.carol, content=f"<p>{WORDS}</p>"),
                "to": [world.alice.uri],
                "cc": [],
                "tag": [{"type": "Mention", "href": world.alice.uri}],
            },
            to=[world.alice.uri],
        ),
    )
    ((number,),) = await world.ask("select id from post")
    assert WORDS in (await alice.go(f"/messages/{number}")).text

    for reader in (await signed_in(world), world.reader()):
        for pattern in ("/messages/{}", "/posts/{}", "/@alice/{}", "/@carol@good.test/{}", "/report?about={}"):
            for accept in ("text/html", JSON):
                theirs = await reader.go(pattern.format(number), Accept=accept)
                nothing = await reader.go(pattern.format(number + 1), Accept=accept)
                assert theirs.status_code == nothing.status_code, pattern
                assert told(theirs.text) == told(nothing.text), pattern
                assert sorted(theirs.headers) == sorted(nothing.headers), pattern
