"""The administrators' page of both queues: what it shows, what its buttons do, and for whom."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fedishare.federation.outbox import late, listing
from fedishare.federation.outbox.listing import Listed
from tests.attacks.world import World, opened_world
from tests.engines import on_each_engine
from tests.front_door import Reader
from tests.remote import Reply


@pytest.fixture
async def world(tmp_path: Path, database_url: str) -> AsyncIterator[World]:
    async with opened_world(tmp_path / "data", database_url=database_url) as made:
        yield made


async def administrator(world: World) -> Reader:
    reader = world.reader()
    await reader.signs_in("alice")
    return reader


async def waits_for_carol(world: World) -> None:
    """Carol's server is in trouble when bob asks to follow her, and says so in words of its own."""
    world.carol.server.inbox_reply = lambda asked: Reply(500, b"<script>alert(1)</script>\nfor maintenance")
    await world.follows(world.bob, world.carol)


async def deliveries(world: World) -> list[Listed]:
    return await world.db.read(listing.listing, state=None, host=None, size=50)


@on_each_engine
async def test_an_administrator_sees_what_is_late_and_why(world: World) -> None:
    await waits_for_carol(world)
    world.clock.advance(late.LATE + 1)

    shown = (await (await administrator(world)).go("/admin/queue")).text

    assert "Serveurs en échec" in shown
    assert "good.test" in shown
    assert "1 essai." in shown
    assert "Il est lui-même en difficulté (500)" in shown
    assert "<dt>Dont en retard</dt><dd>1</dd>" in shown
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert" in shown


@on_each_engine
async def test_a_calm_instance_says_so(world: World) -> None:
    shown = (await (await administrator(world)).go("/admin/queue")).text

    assert "Tous les serveurs répondent." in shown
    assert "Rien n’attend d’être envoyé." in shown


@on_each_engine
async def test_the_button_tries_a_server_again_at_once(world: World) -> None:
    await waits_for_carol(world)
    world.carol.server.inbox_reply = lambda asked: Reply(202)
    nadia = await administrator(world)
    await nadia.go("/admin/queue")

    answer = await nadia.send("/admin/queue", {"do": "retry", "host": "good.test"})
    await world.work()

    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/queue")
    assert [row.state for row in await deliveries(world) if row.host == "good.test"] == ["done"]


@on_each_engine
async def test_the_button_drops_one_for_good(world: World) -> None:
    await waits_for_carol(world)
    (one,) = [row for row in await deliveries(world) if row.state == "waiting"]
    nadia = await administrator(world)
    await nadia.go("/admin/queue")

    await nadia.send("/admin/queue", {"do": "drop", "number": str(one.id)})

    assert one.id not in [row.id for row in await deliveries(world)]


@pytest.mark.parametrize(
    "fields",
    [
        {"do": "drop"},
        {"do": "retry", "host": "", "number": ""},
        {"do": "drop", "host": "good.test", "number": "1"},
        {"do": "burn", "host": "good.test"},
        {"do": "drop", "number": "0"},
    ],
)
async def test_nothing_is_chosen_by_accident(world: World, fields: dict[str, str]) -> None:
    await waits_for_carol(world)
    nadia = await administrator(world)
    await nadia.go("/admin/queue")
    before = await deliveries(world)

    answer = await nadia.send("/admin/queue", fields)

    assert answer.status_code == 422
    assert await deliveries(world) == before


async def test_a_button_without_its_token_does_nothing(world: World) -> None:
    await waits_for_carol(world)
    nadia = await administrator(world)
    await nadia.go("/admin/queue")
    before = await deliveries(world)

    answer = await nadia.send("/admin/queue", {"do": "drop", "host": "good.test"}, token="made up")

    assert answer.status_code == 403
    assert await deliveries(world) == before


async def test_only_administrators_see_it(world: World) -> None:
    bob, stranger = world.reader(), world.reader()
    await bob.signs_in("bob")

    assert (await bob.go("/admin/queue")).status_code == 403
    assert "/admin/queue" not in (await bob.go("/settings/account")).text
    assert (await stranger.go("/admin/queue")).status_code == (await stranger.go("/admin/reports")).status_code
    assert "/admin/queue" in (await (await administrator(world)).go("/settings/account")).text
