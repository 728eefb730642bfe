"""What a partner published before is read once they accept: page by page, on their word alone, telling nobody."""

import pytest

from fedishare.foundation.values.clock import MINUTE, SECOND
from fedishare.foundation.values.errors import Unreachable
from tests.engines import on_each_engine
from tests.features.proposals.hangar import bike, known, page, pages_of_their_offers
from tests.features.town import Town
from tests.remote import Person, Reply


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
    broken = {
        "id": hangar.server.url("/proposals/2"),
        "type": "Note",
        "purpose": "offer",
        "publishes": {"action": "use"},
    }
    hangar.server.serve("/users/hangar/proposals", page(hangar.document["proposals"], [broken, bike(hangar), 7]))

    await town.follows(hangar)
    await town.works()

    assert [card.title for card in await known(town)] == ["Vélo cargo"]


async def test_item_that_is_for_nobody_in_particular_is_no_listing(town: Town, hangar: Person) -> None:
    uri = hangar.document["proposals"]
    hangar.server.serve("/users/hangar/proposals", page(uri, [bike(hangar, 1, to=[], cc=[]), bike(hangar, 2)]))

    await town.follows(hangar)
    await town.works()

    assert [card.uri for card in await known(town)] == [hangar.server.url("/proposals/2")]
