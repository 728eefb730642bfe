"""What is kept of what others offer: from those followed here, by their word alone, once, never older, never undead."""

from typing import Any

import pytest

from fedishare.features.proposals import store
from fedishare.features.proposals.model import ProposalCard
from fedishare.features.proposals.store import Cursor, Wanted
from fedishare.federation.vocabulary.reading import PUBLIC
from fedishare.foundation.values.clock import MINUTE, SECOND
from fedishare.foundation.values.errors import Unreachable
from tests.engines import on_each_engine
from tests.features.town import Town
from tests.remote import Person, Reply, Server

Json = dict[str, Any]


@pytest.fixture
def server(town: Town) -> Server:
    return town.house.network.server("hangar.example")


@pytest.fixture
def hangar(server: Server) -> Person:
    """An association that speaks as we do and has nothing open yet."""
    person = server.person("hangar", document=association(server))
    server.serve("/users/hangar/proposals", page(person.document["proposals"], []))
    return person


def association(server: Server) -> Json:
    uri = server.url("/users/hangar")
    return {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": uri,
        "type": "Organization",
        "preferredUsername": "hangar",
        "name": "Le Hangar",
        "inbox": f"{uri}/inbox",
        "outbox": f"{uri}/outbox",
        "followers": f"{uri}/followers",
        "proposals": f"{uri}/proposals",
        "url": server.url("/@hangar"),
        "generator": {"type": "Application", "implements": [{"href": "https://w3id.org/fep/0837", "name": "FEP-0837"}]},
    }


def bike(author: Person, number: int = 1, **changed: Any) -> Json:
    uri = author.server.url(f"/proposals/{number}")
    return {
        "id": uri,
        "type": "Note",
        "attributedTo": author.uri,
        "content": "<p><strong>Vélo cargo</strong></p><p>Deux enfants y tiennent.</p>",
        "published": "2026-11-23T11:00:00Z",
        "to": [PUBLIC],
        "cc": [f"{author.uri}/followers"],
        "purpose": "offer",
        "publishes": {"type": "Intent", "id": f"{uri}#primary", "action": "use"},
        **changed,
    }


async def known(town: Town, *, viewer: int = 0) -> list[ProposalCard]:
    return await town.db.read(
        store.open_proposals, Wanted(), viewer=viewer, now=town.now, before=Cursor(), size=500
    )


@on_each_engine
async def test_offer_of_somebody_followed_is_kept_with_its_home(town: Town, hangar: Person) -> None:
    await town.follows(hangar)

    state, _ = await town.creates(hangar, bike(hangar))

    (card,) = await known(town)
    assert (state, card.title, card.origin) == ("applied", "Vélo cargo", "hangar.example")
    page = await town.asks("/search", accept="text/html")
    assert "hangar.example" in page.text
    assert f'href="{card.path}"' in page.text


@on_each_engine
async def test_offer_of_a_stranger_is_dropped(town: Town, hangar: Person) -> None:
    state, _ = await town.creates(hangar, bike(hangar))

    assert state == "dropped"
    assert await known(town) == []


@on_each_engine
async def test_offer_of_a_member_of_a_followed_association_is_kept(town: Town, hangar: Person) -> None:
    await town.follows(hangar)
    member = hangar.server.person("thuy")

    state, _ = await town.creates(member, bike(member))

    assert state == "applied"
    assert [card.owner_local_name for card in await known(town)] == ["thuy"]


@on_each_engine
async def test_same_offer_twice_is_one(town: Town, hangar: Person) -> None:
    await town.follows(hangar)
    await town.creates(hangar, bike(hangar))

    await town.creates(hangar, bike(hangar))

    assert len(await known(town)) == 1


@on_each_engine
async def test_only_a_later_update_by_its_owner_counts(town: Town, hangar: Person) -> None:
    await town.follows(hangar)
    await town.creates(hangar, bike(hangar))
    eve = hangar.server.person("eve")

    async def says(by: Person, title: str, updated: str) -> None:
        changed = bike(hangar, content=f"<p><strong>{title}</strong></p>", updated=updated)
        await town.gets(by, by.activity("Update", changed, to=changed["to"]))

    await says(hangar, "Nouveau", "2026-11-23T11:30:00Z")
    await says(hangar, "Ancien", "2026-11-23T11:20:00Z")
    await says(eve, "Volé", "2026-11-23T11:50:00Z")

    assert [card.title for card in await known(town)] == ["Nouveau"]


@on_each_engine
async def test_finished_offer_leaves_the_list(town: Town, hangar: Person) -> None:
    await town.follows(hangar)
    await town.creates(hangar, bike(hangar))
    intent = {**bike(hangar)["publishes"], "finished": True}
    closed = bike(hangar, publishes=intent, updated="2026-11-23T11:30:00Z")

    await town.gets(hangar, hangar.activity("Update", closed, to=closed["to"]))

    assert await known(town) == []


@on_each_engine
@pytest.mark.parametrize("form", ["tombstone", "id"])
async def test_deleted_offer_is_gone_and_does_not_come_back(town: Town, hangar: Person, form: str) -> None:
    await town.follows(hangar)
    await town.creates(hangar, bike(hangar))
    uri = bike(hangar)["id"]
    about: Any = uri if form == "id" else {"id": uri, "type": "Tombstone"}

    await town.gets(hangar, hangar.activity("Delete", about, to=[PUBLIC]))
    await town.creates(hangar, bike(hangar, updated="2026-11-23T11:50:00Z"))

    assert await known(town) == []


@on_each_engine
async def test_delete_that_comes_first_keeps_the_offer_out(town: Town, hangar: Person) -> None:
    await town.follows(hangar)
    await town.gets(hangar, hangar.activity("Delete", {"id": bike(hangar)["id"], "type": "Tombstone"}, to=[PUBLIC]))

    state, _ = await town.creates(hangar, bike(hangar))

    assert state == "dropped"
    assert await known(town) == []


@on_each_engine
async def test_nobody_else_deletes_it(town: Town, hangar: Person) -> None:
    await town.follows(hangar)
    await town.creates(hangar, bike(hangar))
    eve = hangar.server.person("eve")

    state, _ = await town.gets(eve, eve.activity("Delete", bike(hangar)["id"], to=[PUBLIC]))

    assert state == "dropped"
    assert len(await known(town)) == 1


@on_each_engine
async def test_announced_offer_of_an_unknown_member_is_fetched(town: Town, hangar: Person) -> None:
    await town.follows(hangar)
    thuy = hangar.server.person("thuy")
    hangar.server.serve("/proposals/9", {"@context": "https://www.w3.org/ns/activitystreams", **bike(thuy, 9)})

    announce = hangar.activity("Announce", hangar.server.url("/proposals/9"), to=[PUBLIC])
    await town.gets(hangar, announce)
    await town.works()

    assert [(card.title, card.owner_local_name) for card in await known(town)] == [("Vélo cargo", "thuy")]


async def test_announce_by_a_stranger_fetches_nothing_to_keep(town: Town, hangar: Person) -> None:
    thuy = hangar.server.person("thuy")
    hangar.server.serve("/proposals/9", {"@context": "https://www.w3.org/ns/activitystreams", **bike(thuy, 9)})

    state, _ = await town.gets(
        hangar, hangar.activity("Announce", hangar.server.url("/proposals/9"), to=[PUBLIC])
    )
    await town.works()

    assert state == "dropped"
    assert await known(town) == []


@on_each_engine
async def test_earlier_offers_are_read_page_by_page_after_the_accept(town: Town, hangar: Person) -> None:
    pages_of_their_offers(hangar, count=45, size=20)

    await town.follows(hangar)
    await town.works()

    cards = await known(town)
    assert len(cards) == 45
    assert len({card.uri for card in cards}) == 45
    assert [said["type"] for said in await town.said(town.remise)] == ["Follow"], "a backfill tells nobody anything"
    asked = [request.path for request in hangar.server.asked if request.path.startswith("/users/hangar/proposals")]
    assert len(asked) == 4, "the collection and its three pages"


async def test_backfill_goes_on_where_it_stopped(town: Town, hangar: Person) -> None:
    pages_of_their_offers(hangar, count=45, size=20)
    second = hangar.server.documents["/users/hangar/proposals?page=2"]
    hangar.server.documents["/users/hangar/proposals?page=2"] = Reply(503)
    await town.follows(hangar)
    with pytest.raises(Unreachable):
        await town.works()
    assert len(await known(town)) == 20

    hangar.server.documents["/users/hangar/proposals?page=2"] = second
    town.clock.advance(24 * 60 * MINUTE + SECOND)
    await town.works()

    assert len(await known(town)) == 45


async def test_item_of_another_server_is_not_believed_but_fetched(town: Town, hangar: Person) -> None:
    other = town.house.network.server("ruche.example").person("ruche")
    other.server.serve(
        "/proposals/1",
        {"@context": "https://www.w3.org/ns/activitystreams", **bike(other, content="<p><strong>Vrai</strong></p>")},
    )
    forged = bike(other, content="<p><strong>Faux</strong></p>")
    uri = hangar.document["proposals"]
    hangar.server.serve("/users/hangar/proposals", page(uri, [forged]))

    await town.follows(hangar)
    town.clock.advance(MINUTE)
    await town.works()

    assert [card.title for card in await known(town)] == ["Vrai"]


async def test_broken_item_does_not_hide_the_others(town: Town, hangar: Person) -> None:
    broken = {"id": hangar.server.url("/proposals/2"), "type": "Note", "purpose": "offer", "publishes": {"action": "use"}}
    hangar.server.serve("/users/hangar/proposals", page(hangar.document["proposals"], [broken, bike(hangar), 7]))

    await town.follows(hangar)
    await town.works()

    assert [card.title for card in await known(town)] == ["Vélo cargo"]


@on_each_engine
async def test_what_a_deleted_actor_published_goes_with_them(town: Town, hangar: Person) -> None:
    await town.follows(hangar)
    await town.creates(hangar, bike(hangar))

    await town.gets(hangar, hangar.activity("Delete", hangar.uri, to=[PUBLIC]))

    assert await known(town) == []


async def test_offer_for_followers_is_seen_by_followers_alone(town: Town, hangar: Person) -> None:
    await town.follows(hangar, by=town.amel)
    private = bike(hangar, to=[f"{hangar.uri}/followers"], cc=[])

    await town.creates(hangar, private)

    assert town.nadia.id != town.amel.id, "needs somebody else to mean anything"
    assert [card.title for card in await known(town, viewer=town.amel.id)] == ["Vélo cargo"]
    assert await known(town, viewer=town.nadia.id) == []
    assert await known(town) == []


def pages_of_their_offers(hangar: Person, *, count: int, size: int) -> None:
    uri = hangar.document["proposals"]
    numbers = list(range(count))
    starts = range(0, count, size)
    for index, start in enumerate(starts, start=1):
        items = [bike(hangar, 100 + number) for number in numbers[start : start + size]]
        following = f"{uri}?page={index + 1}" if index < len(starts) else None
        hangar.server.serve(f"/users/hangar/proposals?page={index}", page(f"{uri}?page={index}", items, following))
    collection = {"id": uri, "type": "OrderedCollection", "totalItems": count, "first": f"{uri}?page=1"}
    hangar.server.serve("/users/hangar/proposals", {"@context": "https://www.w3.org/ns/activitystreams", **collection})


def page(uri: str, items: list[Any], following: str | None = None) -> Json:
    return {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": uri,
        "type": "OrderedCollectionPage",
        "orderedItems": items,
        **({"next": following} if following else {}),
    }
