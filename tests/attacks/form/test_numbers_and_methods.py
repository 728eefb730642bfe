"""Numbers of others, numbers that are none, and addresses asked in another way than by their form."""

import re
from urllib.parse import urlencode

import pytest
from starlette.routing import Route

from fedishare.app import FEATURES
from fedishare.features.people import first_run
from fedishare.foundation.values.clock import HOUR, MINUTE
from fedishare.foundation.web.sessions import token_hash
from tests.attacks.form.test_what_forms_hold import ENDLESS, OFFER, signed_in
from tests.attacks.form.test_who_sees import JSON, waits
from tests.attacks.lines import attack
from tests.attacks.world import World

NUMBERS = ["0", str(2**63 - 1), str(2**63), str(10**19), ENDLESS, "-1", "٣", "1e5", "1%00", "1.0", "%20", "''", "0x10"]
PATHS = sorted({route.path for feature in FEATURES for route in feature.routes if isinstance(route, Route)})
FIRST_RUN = {
    "association": "La Prise",
    "handle": "laprise",
    "admin": "mallory",
    "email": "mallory@evil.test",
    "password": "un vélo rouge sous la pluie",
}


@attack("F216")
async def test_nobody_changes_what_is_anothers(world: World) -> None:
    bob, alice = await signed_in(world), await signed_in(world, "alice")
    reply, offer = await waits(world), world.offer.id
    await alice.go("/settings/account")
    await alice.send("/new", OFFER)
    ((other,),) = await world.ask("select max(id) from proposal")
    forms: list[tuple[str, dict[str, str], int]] = [
        *(
            (f"/proposals/{number}/{what}", OFFER, 403)
            for number in (offer, other)
            for what in ("edit", "close", "delete")
        ),
        *((f"/posts/{reply}/{what}", {}, 404) for what in ("approve", "refuse", "delete")),
        (f"/messages/{reply}", {"text": "Moi aussi"}, 404),
        (f"/messages/{offer}", {"text": "Moi aussi"}, 404),
        ("/new", {**OFFER, "owner": "alice"}, 422),
        ("/new", {**OFFER, "owner": "remise"}, 422),
        ("/admin/reports", {"report": "1"}, 403),
        ("/admin/partners", {"partner": "1", "answer": "accept"}, 403),
        ("/admin/queue", {"do": "drop", "number": "1"}, 403),
        ("/admin/queue", {"do": "apply"}, 403),
    ]

    async with world.unchanged():
        answers = [(path, (await bob.send(path, fields)).status_code) for path, fields, _status in forms]

    assert answers == [(path, status) for path, _fields, status in forms]


@attack("F217")
async def test_a_follower_who_never_asked_is_not_let_in(world: World) -> None:
    await world.meets(world.carol)
    bob = await signed_in(world)
    carol = str((await world.knows(world.carol)).id)
    await world.takes(world.carol, world.carol.activity("Follow", world.alice.uri))
    world.forget_requests()

    async with world.unchanged():
        for followed, follower, answer, status in (
            *(("bob", carol, answer, 404) for answer in ("accept", "refuse", "remove")),
            *((whose, carol, "remove", 404) for whose in ("alice", "remise", "instance", "nobody")),
            ("bob", "1", "accept", 404),
            ("bob", "0", "accept", 422),
            ("bob", ENDLESS, "accept", 422),
            ("bob", carol, "block", 422),
        ):
            fields = {"followed": followed, "follower": follower, "answer": answer}
            assert (await bob.send("/settings/followers", fields)).status_code == status, fields

    assert world.outbound == []


@attack("F215")
async def test_a_flood_for_days_hides_nobodys_report(world: World) -> None:
    bob, alice = await signed_in(world), await signed_in(world, "alice")
    await bob.send("/report", {"about": str(world.offer.id), "text": "dit-par-bob"})
    for _hour in range(8):
        for number in range(30):
            await world.sends(world.mallory, world.mallory.activity("Flag", [world.alice.uri], content=f"n{number}"))
        await world.work()
        world.clock.advance(HOUR + MINUTE)

    alice = await signed_in(world, "alice")
    assert "dit-par-bob" in (await alice.go("/admin/reports")).text
    assert await world.ask("select count(*) from report where host = 'evil.test'") == [(100,)]


@attack("F226")
@pytest.mark.parametrize("choice", ["de", "fr\r\nSet-Cookie: a=b", "../fr", "x" * 2_000, "FR", "fr;", "\u0000", ""])
async def test_a_choice_that_is_none_is_not_kept(world: World, choice: str) -> None:
    reader = world.reader()
    for path in ("/about", "/search", f"/proposals/{world.offer.id}", "/search.atom", "/nothing"):
        asked = await reader.go(f"{path}?{urlencode({'lang': choice, 'theme': choice})}")
        assert asked.status_code in (200, 302, 404), path
        assert not [one for one in asked.headers.get_list("set-cookie") if "lang" in one or "theme" in one], path
    kept = f"fedishare_lang={choice[:50]}; fedishare_theme={choice[:50]}".replace("\r\n", "").replace("\0", "")
    assert '<html lang="fr"' in (await reader.go("/about", Cookie=kept)).text


@attack("F227")
@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number[:20])
async def test_a_number_that_is_none_breaks_nothing(world: World, number: str) -> None:
    readers = [world.reader(), await signed_in(world, "alice")]
    named = [re.sub(r"\{id:int\}", number, path) for path in PATHS if "{id:int}" in path]
    asked = [f"{path}?before={number}&page={number}" for path in PATHS if "{" not in path]
    asked += [f"/@{name}?before={number}" for name in ("alice", "remise")]
    asked += [
        f"/@alice/{world.offer.id}?before={number}",
        f"/report?about={number}",
        f"/search?before={number}-{number}",
    ]
    asked += [
        f"/users/alice/{one}?page=true&before={number}" for one in ("outbox", "followers", "proposals", "featured")
    ]
    async with world.unchanged():
        for path in (*(one.replace("{name}", "alice").replace("{mark}", "x") for one in named), *asked):
            for reader in readers:
                for accept in ("text/html", JSON):
                    answer = await reader.go(path, Accept=accept)
                    assert answer.status_code < 500, path


@attack("F228")
async def test_nothing_is_done_by_looking(world: World) -> None:
    alice = await signed_in(world, "alice")
    reply = await waits(world)
    fields = {
        **OFFER,
        "text": "Mots",
        "answer": "accept",
        "followed": "alice",
        "display_name": "Autre",
    }
    fields |= {
        "language": "en",
        "up_to": str(2**62),
        "about": str(world.offer.id),
        "report": "1",
        "csrf": alice.token,
        "then": "/",
    }
    paths = [
        path.replace("{id:int}", str(number)).replace("{name}", "alice").replace("{mark}", "x")
        for path in PATHS
        for number in (world.offer.id, reply)
    ]

    async with world.unchanged():
        for path in paths:
            for method in ("GET", "HEAD"):
                answer = await alice.http.request(method, f"{path}?{urlencode(fields)}")
                assert answer.status_code in (200, 301, 302, 303, 400, 404, 405, 409, 410), path

    assert await alice.is_signed_in()


@attack("F230")
async def test_the_site_stays_whose_it_is(world: World) -> None:
    await world.db.write(first_run.renew_first_run, token_hash("found-somewhere"), world.clock.now())
    mallory = world.reader()
    await mallory.go("/sign-in")

    async with world.unchanged():
        for token in ("found-somewhere", "invented", ""):
            answer = await mallory.send("/first-run", {**FIRST_RUN, "token": token})
            assert answer.status_code == 409, token
            assert (await mallory.go(f"/first-run?token={token}")).status_code == 409
            await mallory.go("/sign-in")
