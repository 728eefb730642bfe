"""What flohmarkt hears of our offers: only what it can show, in its own terms, and never an Update (WIRE)."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from fedishare.features.proposals import operations
from fedishare.federation.outbox import hosts
from fedishare.federation.vocabulary.reading import PUBLIC
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.db.queries import Query
from fedishare.foundation.values.clock import DAY, MINUTE
from tests.engines import on_each_engine
from tests.features.proposals.test_publishing import closes, edits
from tests.features.town import Town
from tests.remote import Person

Json = dict[str, Any]


@pytest.fixture
async def flohmarkt(town: Town) -> Person:
    """Its instance follows ours, as its administrator asked it to."""
    instance = town.house.network.server("flohmarkt.example").person("instance")
    await town.is_followed_by(instance, await instance_of(town))
    await hears(town, instance)
    return instance


async def instance_of(town: Town) -> Any:
    return await town.house.fetcher.actor(town.here.url("/users/instance"))


async def hears(town: Town, who: Person) -> list[Json]:
    """What is delivered to somebody's server from now on until nothing waits."""
    before = len(who.server.letters)
    await town.house.deliver()
    return who.server.letters[before:]


def kinds(letters: list[Json]) -> list[str]:
    return [letter["type"] for letter in letters]


@on_each_engine
async def test_offer_that_is_somewhere_carries_what_flohmarkt_knows(town: Town, flohmarkt: Person) -> None:
    proposal = await town.publishes(town.remise, conditions="2,50 € de participation")

    (create,) = await hears(town, flohmarkt)

    assert create["to"] == create["object"]["to"] == [PUBLIC]
    listing = create["object"]["flohmarkt:data"]
    assert listing == {
        "name": "Perceuse",
        "description": "Avec mèches.\n2,50 € de participation",
        "price": "2.50 EUR",
        "currency": "EUR",
        "original_id": urlsplit(proposal.uri).path.rpartition("/")[2],
        "coordinates": listing["coordinates"],
    }
    cell = (proposal.latitude or 0) / 1e6, (proposal.longitude or 0) / 1e6
    assert (listing["coordinates"]["lat"], listing["coordinates"]["lng"]) == cell


@pytest.mark.parametrize(
    ("conditions", "price"),
    [
        ("", "0"),
        ("participation libre", "0"),
        ("15 €", "15"),
        ("environ 7 euros", "7"),
        ("1.234,50 €", "1234.50"),
        ("1 200 €", "1200"),
    ],
)
async def test_price_is_a_sum_in_euros_or_none(town: Town, flohmarkt: Person, conditions: str, price: str) -> None:
    await town.publishes(town.remise, conditions=conditions)

    (create,) = await hears(town, flohmarkt)

    assert create["object"]["flohmarkt:data"]["price"] == f"{price} EUR"


@pytest.mark.parametrize("changed", [{"purpose": "need"}, {"place": ""}])
async def test_need_or_offer_from_nowhere_is_not_sent_there(
    town: Town, flohmarkt: Person, changed: dict[str, str]
) -> None:
    proposal = await town.publishes(town.remise, **changed)

    assert await hears(town, flohmarkt) == []
    note = (await town.asks(f"/proposals/{proposal.id}")).json()
    assert "flohmarkt:data" not in note


@on_each_engine
async def test_members_offer_is_told_there_by_the_member(town: Town, flohmarkt: Person) -> None:
    await town.publishes(town.amel)

    assert [(said["type"], said["actor"]) for said in await hears(town, flohmarkt)] == [("Create", town.amel.uri)]


@on_each_engine
async def test_change_is_a_delete_and_a_new_create_there_and_an_update_for_others(
    town: Town, flohmarkt: Person
) -> None:
    follower = town.house.network.server("mastodon.example").person("tomasz")
    await town.is_followed_by(follower)
    proposal = await town.publishes(town.remise)
    await hears(town, flohmarkt)
    heard_before = len(follower.server.letters)

    await edits(town, proposal, title="Perceuse à percussion")
    town.clock.advance(11 * MINUTE)
    await town.works()

    told = await hears(town, flohmarkt)
    assert kinds(told) == ["Delete", "Create"]
    assert told[0]["object"] == {"id": proposal.uri, "type": "Tombstone"}
    assert told[1]["object"]["flohmarkt:data"]["name"] == "Perceuse à percussion"
    assert len({letter["id"] for letter in told}) == 2
    assert kinds(follower.server.letters[heard_before:]) == ["Update"]


@on_each_engine
async def test_closing_is_a_delete_there(town: Town, flohmarkt: Person) -> None:
    proposal = await town.publishes(town.remise)
    await hears(town, flohmarkt)

    await closes(town, proposal)

    assert kinds(await hears(town, flohmarkt)) == ["Delete"]
    note = (await town.asks(f"/proposals/{proposal.id}")).json()
    assert note["publishes"]["finished"] is True, "everybody else still reads it, closed"


async def test_end_is_a_delete_there_since_nobody_there_knows_ends(town: Town, flohmarkt: Person) -> None:
    await town.publishes(town.remise, until="2026-11-30")
    await hears(town, flohmarkt)

    town.clock.advance(9 * DAY)
    await town.works()

    assert kinds(await hears(town, flohmarkt)) == ["Delete"]


@on_each_engine
async def test_deleting_is_told_once(town: Town, flohmarkt: Person) -> None:
    proposal = await town.publishes(town.amel)
    await hears(town, flohmarkt)

    await town.db.write(operations.delete, proposal.id, by=[town.amel.id], here=town.here, now=town.now)

    assert kinds(await hears(town, flohmarkt)) == ["Delete"]


async def test_what_is_told_there_alone_stands_in_no_outbox(town: Town, flohmarkt: Person) -> None:
    proposal = await town.publishes(town.remise)
    await edits(town, proposal, title="Perceuse à percussion")
    town.clock.advance(11 * MINUTE)
    await town.works()

    assert kinds(await town.said(town.remise)).count("Create") == 2, "needs a second one to mean anything"
    listed = await town.db.read(_public_creates, town.remise.id)
    assert listed == 1


async def test_reader_whose_software_is_known_as_another_is_a_follower_like_all(town: Town, flohmarkt: Person) -> None:
    await town.db.write(_runs, "flohmarkt.example", "pleroma")
    proposal = await town.publishes(town.remise)

    await closes(town, proposal)

    assert kinds(await hears(town, flohmarkt)) == ["Create", "Update"]


async def test_software_is_asked_once_somebody_follows_the_instance(town: Town) -> None:
    server = town.house.network.server("markt.example")
    follower = server.person("admin")
    rel = "http://nodeinfo.diaspora.software/ns/schema/2.0"
    server.serve("/.well-known/nodeinfo", {"links": [{"rel": rel, "href": server.url("/nodeinfo/2.0")}]})
    server.serve("/nodeinfo/2.0", {"software": {"name": "flohmarkt", "version": "0.9"}})
    await town.is_followed_by(follower, await instance_of(town))
    await town.works()
    await hears(town, follower)
    proposal = await town.publishes(town.remise)

    await closes(town, proposal)

    assert kinds(await hears(town, follower)) == ["Create", "Delete"]


async def test_server_that_said_what_it_is_is_not_asked_by_every_follower(town: Town, flohmarkt: Person) -> None:
    await town.db.write(_runs, "flohmarkt.example", "flohmarkt")
    await town.works()
    flohmarkt.server.asked.clear()

    await town.is_followed_by(flohmarkt.server.person("admin"), await instance_of(town))
    await town.works()

    assert "/.well-known/nodeinfo" not in [asked.path for asked in flohmarkt.server.asked]


async def _runs(tx: Tx, host: str, software: str) -> None:
    await hosts.runs(tx, host, software)


async def _public_creates(read: Read, actor_id: int) -> int:
    text = "select count(*) from activity_out where actor_id = :actor_id and type = 'Create' and circle_id = 1"
    return int(await read.value(Query("creates", {"sqlite": text, "postgres": text}, [], {}), actor_id=actor_id))
