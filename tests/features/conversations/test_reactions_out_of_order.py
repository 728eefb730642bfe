"""Reactions that are taken back before they came, by others, under another name, or whose actor has gone."""

from typing import Any

import pytest

from fedishare.features.proposals.model import Proposal
from fedishare.federation.following import blocking
from fedishare.federation.following import store as following
from fedishare.federation.following.model import State
from fedishare.federation.vocabulary.reading import PUBLIC
from tests.engines import on_each_engine
from tests.features.conversations.test_reactions_and_notices import counts, notices
from tests.features.proposals.hangar import association, bike, known
from tests.features.town import Town
from tests.remote import Person


@pytest.fixture
def tomasz(town: Town) -> Person:
    return town.house.network.server("mastodon.example").person("tomasz")


async def drill(town: Town) -> Proposal:
    return await town.publishes(town.remise)


@on_each_engine
@pytest.mark.parametrize("form", ["embedded", "id alone"])
async def test_like_that_was_taken_back_before_it_came_does_not_count(town: Town, tomasz: Person, form: str) -> None:
    offer = await drill(town)
    like = tomasz.activity("Like", offer.uri)
    undo = tomasz.activity("Undo", like if form == "embedded" else like["id"])
    assert await town.gets(tomasz, undo) == ("dropped", "there is nothing of that id to take back")

    assert await town.gets(tomasz, like) == ("dropped", "it was taken back before it came")

    assert await counts(town, offer) == {}
    await town.gets(tomasz, tomasz.activity("Like", offer.uri))
    assert await counts(town, offer) == {"like": 1}, "another one is another word"


@on_each_engine
async def test_nobody_takes_back_what_another_will_say(town: Town, tomasz: Person) -> None:
    eve = town.house.network.server("evil.example").person("eve")
    offer = await drill(town)
    like = tomasz.activity("Like", offer.uri)
    await town.gets(eve, eve.activity("Undo", like["id"]))
    await town.gets(eve, eve.activity("Undo", like))

    await town.gets(tomasz, like)

    assert await counts(town, offer) == {"like": 1}


@on_each_engine
async def test_undo_of_anothers_like_takes_back_not_even_ones_own(town: Town, tomasz: Person) -> None:
    """A085."""
    eve = town.house.network.server("evil.example").person("eve")
    offer = await drill(town)
    like = tomasz.activity("Like", offer.uri)
    for person, said in ((tomasz, like), (eve, eve.activity("Like", offer.uri))):
        await town.gets(person, said)

    outcome = await town.gets(eve, eve.activity("Undo", like))

    assert outcome == ("dropped", "only who has said a thing takes it back")
    assert await counts(town, offer) == {"like": 2}


@on_each_engine
async def test_like_that_is_undone_as_a_follow_leaves_the_follow(town: Town, tomasz: Person) -> None:
    """A086."""
    offer = await drill(town)
    await town.is_followed_by(tomasz)
    like = tomasz.activity("Like", offer.uri)
    await town.gets(tomasz, like)
    forged: dict[str, Any] = {**like, "type": "Follow", "object": town.remise.uri}

    outcome = await town.gets(tomasz, tomasz.activity("Undo", forged))

    assert outcome == ("dropped", "it undoes what was never said under that id")
    follower = await town.house.fetcher.actor(tomasz.uri)
    bond = await town.db.read(following.pair, follower.id, town.remise.id)
    assert bond is not None
    assert bond.state is State.ACCEPTED


@on_each_engine
async def test_reactions_of_somebody_gone_count_no_more(town: Town, tomasz: Person) -> None:
    offer = await drill(town)
    neighbour = tomasz.server.person("neighbour")
    for person in (tomasz, neighbour):
        await town.gets(person, person.activity("Like", offer.uri))
        await town.gets(person, person.activity("Announce", offer.uri, to=[PUBLIC]))
    assert await counts(town, offer) == {"announce": 2, "like": 2}

    await town.gets(tomasz, tomasz.activity("Delete", tomasz.uri))

    assert await counts(town, offer) == {"announce": 1, "like": 1}


@on_each_engine
async def test_somebody_blocked_does_not_react(town: Town, tomasz: Person) -> None:
    offer = await drill(town)
    blocked = await town.house.fetcher.actor(tomasz.uri)
    await town.db.write(blocking.block, town.remise, blocked, here=town.here, now=town.now)

    await town.gets(tomasz, tomasz.activity("Like", offer.uri))

    assert await counts(town, offer) == {}
    assert await notices(town, town.nadia) == []


@on_each_engine
async def test_group_that_tells_twice_of_a_post_boosts_nothing(town: Town) -> None:
    """FEP-1b12: the activity first, the object second."""
    server = town.house.network.server("hangar.test")
    group = server.person("hangar", document={**association(server), "type": "Group"})
    member = server.person("amelie")
    await town.follows(group)
    offer = {**bike(member), "audience": group.uri}
    server.serve("/proposals/1", {"@context": "https://www.w3.org/ns/activitystreams", **offer})
    create = member.activity("Create", offer, to=offer["to"])

    await town.gets(group, group.activity("Announce", create, to=[PUBLIC]))
    second = await town.gets(group, group.activity("Announce", offer["id"], to=[PUBLIC]))

    (card,) = await known(town)
    assert card.title == "Vélo cargo"
    assert second == ("dropped", "a group has told of it before: this is no boost")


@on_each_engine
async def test_group_that_boosts_what_is_ours_is_counted_and_told(town: Town) -> None:
    group = town.house.network.server("guppe.test")
    people = group.person("bricolage", document={**association(group), "id": group.url("/users/bricolage")} | GROUP)
    offer = await drill(town)

    await town.gets(people, people.activity("Announce", offer.uri, to=[PUBLIC]))

    assert await counts(town, offer) == {"announce": 1}


GROUP = {
    "type": "Group",
    "preferredUsername": "bricolage",
    "inbox": "https://guppe.test/users/bricolage/inbox",
    "outbox": None,
    "followers": None,
    "proposals": None,
}
