"""What is found out about a server once somebody of it is followed, and what is not asked again and again."""

import pytest

from fedishare.features.proposals import archives
from fedishare.features.proposals.archives import Archive
from fedishare.federation.actors import store as actors
from fedishare.federation.fetching.collections import Page
from fedishare.federation.outbox import hosts
from fedishare.federation.vocabulary.reading import PUBLIC
from fedishare.foundation.values.clock import DAY, HOUR
from fedishare.foundation.values.errors import Unreachable
from tests.engines import on_each_engine
from tests.features.proposals.hangar import bike, known
from tests.features.town import Town
from tests.remote import Json, Person, Reply, Server

SCHEMA = "http://nodeinfo.diaspora.software/ns/schema/2.1"


def runs(server: Server, software: str) -> None:
    server.serve("/.well-known/nodeinfo", {"links": [{"rel": SCHEMA, "href": server.url("/nodeinfo/2.1")}]})
    server.serve("/nodeinfo/2.1", {"software": {"name": software}})


def lists(person: Person, *items: Json) -> None:
    """Pages as Epicyon numbers them."""
    for name in ("offers", "wanted"):
        shown = list(items) if name == "offers" else []
        for number, page in ((1, shown), (2, [])):
            document = {"type": "OrderedCollection", "orderedItems": page}
            person.server.serve(f"/users/{person.name}/{name}?page={number}", document)


@pytest.fixture
def bob(town: Town) -> Person:
    return town.house.network.server("epicyon.example").person("bob")


@on_each_engine
async def test_software_of_a_server_is_remembered_when_somebody_of_it_is_followed(town: Town, hangar: Person) -> None:
    runs(hangar.server, "Fedishare")

    await town.follows(hangar)
    await town.works()

    assert await town.db.read(hosts.software_of, "hangar.example") == "fedishare"


async def test_server_that_is_down_is_asked_again_by_the_queue(town: Town, bob: Person) -> None:
    bob.server.serve("/.well-known/nodeinfo", Reply(503))
    await town.follows(bob)

    with pytest.raises(Unreachable):
        await town.works()

    assert await town.db.read(hosts.software_of, "epicyon.example") == ""


async def test_server_that_says_nothing_of_itself_is_not_asked_again(town: Town, bob: Person) -> None:
    bob.server.serve("/.well-known/nodeinfo", {"links": []})
    await town.follows(bob)
    await town.works()
    asked = len(bob.server.asked)

    town.clock.advance(7 * DAY)
    await town.works()

    assert await town.db.read(hosts.software_of, "epicyon.example") == ""
    assert len(bob.server.asked) == asked


async def test_lists_of_somebody_who_is_not_followed_any_more_are_left_alone(town: Town, bob: Person) -> None:
    runs(bob.server, "epicyon")
    lists(bob, bike(bob))
    await town.follows(bob)
    await town.works()
    assert len(await known(town)) == 1
    await town.gets(bob, bob.activity("Reject", {"type": "Follow", "actor": town.remise.uri, "object": bob.uri}))
    asked = len(bob.server.asked)

    town.clock.advance(2 * HOUR)
    await town.works()

    assert len(bob.server.asked) == asked


async def test_lists_of_somebody_who_is_gone_are_left_alone(town: Town, bob: Person) -> None:
    runs(bob.server, "epicyon")
    lists(bob, bike(bob))
    await town.follows(bob)
    await town.works()
    await town.gets(bob, bob.activity("Delete", bob.uri, to=[PUBLIC]))
    asked = len(bob.server.asked)

    town.clock.advance(2 * DAY)
    await town.works()

    assert await known(town) == []
    assert len(bob.server.asked) == asked


async def test_list_of_a_server_that_is_down_is_read_the_next_day(town: Town, bob: Person) -> None:
    runs(bob.server, "epicyon")
    for name in ("offers", "wanted", "requests"):
        bob.server.serve(f"/users/bob/{name}", Reply(503))
    await town.follows(bob)
    await town.works()
    assert await known(town) == []

    lists(bob, bike(bob))
    town.clock.advance(DAY)
    await town.works()

    assert [card.title for card in await known(town)] == ["Vélo cargo"]


async def test_item_of_somebody_elsewhere_in_a_list_is_asked_of_its_own_server(town: Town, bob: Person) -> None:
    other = town.house.network.server("ruche.example").person("ruche")
    true = {"@context": "https://www.w3.org/ns/activitystreams", **bike(other, content="<p><strong>Vrai</strong></p>")}
    other.server.serve("/proposals/1", true)
    runs(bob.server, "epicyon")
    lists(bob, bike(other, content="<p><strong>Faux</strong></p>"), {"type": "Proposal"})

    await town.follows(bob)
    await town.works()

    assert [card.title for card in await known(town)] == ["Vrai"]


async def test_broken_item_and_plain_post_in_a_list_are_no_listings(town: Town, bob: Person) -> None:
    runs(bob.server, "epicyon")
    nobodys = {**bike(bob, 2), "attributedTo": []}
    post = {"id": bob.server.url("/notes/1"), "type": "Note", "attributedTo": bob.uri, "content": "Bonjour"}
    lists(bob, nobodys, post, bike(bob, 3))

    await town.follows(bob)
    await town.works()

    assert [card.uri for card in await known(town)] == [bob.server.url("/proposals/3")]


async def test_page_of_a_list_that_says_what_follows_is_believed(town: Town, bob: Person) -> None:
    await town.follows(bob)
    actor = await town.db.read(actors.by_uri, bob.uri)
    assert actor is not None
    first = archives.lists_of(actor, "epicyon")[0]
    page = Page(uri=first, items=[bike(bob)], next=bob.server.url("/users/bob/offers?from=9"), total=None)

    following = archives.after(page, Archive(actor.id, first), [])

    assert following is not None
    assert following.page == page.next
