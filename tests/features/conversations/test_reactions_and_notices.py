"""Likes and boosts of what is published here, however others say and unsay them, and who is told of what."""

from typing import Any

import pytest

from fedishare.features.conversations import store
from fedishare.features.conversations.model import NoticeCard
from fedishare.features.people import store as people
from fedishare.features.proposals.model import Proposal
from fedishare.federation.actors.model import Actor
from fedishare.federation.vocabulary.collections import NEWEST
from fedishare.federation.vocabulary.reading import PUBLIC
from tests.engines import on_each_engine
from tests.features.conversations.test_private_messages import word
from tests.features.conversations.test_replies import answer
from tests.features.town import Town
from tests.remote import Person


@pytest.fixture
def tomasz(town: Town) -> Person:
    return town.house.network.server("mastodon.example").person("tomasz")


async def counts(town: Town, proposal: Proposal) -> dict[str, int]:
    return await town.db.read(store.count_reactions, proposal.uri)


async def notices(town: Town, actor: Actor) -> list[NoticeCard]:
    person = await town.db.read(people.person_of_login, actor.name)
    assert person is not None
    return await town.db.read(store.notifications_of, person.id, before=NEWEST)


@on_each_engine
@pytest.mark.parametrize("kind", ["Like", "EmojiReact", "Announce"])
async def test_reaction_counts_once_for_each_actor(town: Town, tomasz: Person, kind: str) -> None:
    drill = await town.publishes(town.remise)

    for _ in range(2):
        await town.gets(tomasz, tomasz.activity(kind, drill.uri, to=[PUBLIC]))

    assert await counts(town, drill) == {"announce" if kind == "Announce" else "like": 1}


@on_each_engine
@pytest.mark.parametrize("form", ["embedded", "another id", "id alone"])
@pytest.mark.parametrize("kind", ["Like", "Announce"])
async def test_reaction_is_taken_back_in_every_form(town: Town, tomasz: Person, kind: str, form: str) -> None:
    drill = await town.publishes(town.remise)
    said = tomasz.activity(kind, drill.uri, to=[PUBLIC])
    await town.gets(tomasz, said)
    inner: Any = {"embedded": said, "another id": {**said, "id": f"{said['id']}0"}, "id alone": said["id"]}[form]

    state, _ = await town.gets(tomasz, tomasz.activity("Undo", inner))

    assert (state, await counts(town, drill)) == ("applied", {})


async def test_nobody_takes_back_what_another_said(town: Town, tomasz: Person) -> None:
    drill = await town.publishes(town.remise)
    like = tomasz.activity("Like", drill.uri)
    await town.gets(tomasz, like)
    eve = tomasz.server.person("eve")

    for inner in (like["id"], {**like, "actor": eve.uri}):
        await town.gets(eve, eve.activity("Undo", inner))

    assert await counts(town, drill) == {"like": 1}


@on_each_engine
async def test_nothing_counts_that_somebody_said_who_is_gone(town: Town, tomasz: Person) -> None:
    drill = await town.publishes(town.remise)
    await town.is_followed_by(tomasz)
    for said in (tomasz.activity("Delete", tomasz.uri), tomasz.activity("Like", drill.uri)):
        assert (await tomasz.post(town.house.inbox, said, now=town.now)).status_code == 202

    await town.house.apply()

    assert await counts(town, drill) == {}


async def test_like_of_something_unknown_is_dropped(town: Town, tomasz: Person) -> None:
    state, _ = await town.gets(tomasz, tomasz.activity("Like", town.here.url("/proposals/7")))

    assert state == "dropped"


@on_each_engine
async def test_owner_is_told_of_replies_likes_and_boosts_once(town: Town, tomasz: Person) -> None:
    drill = await town.publishes(town.amel)
    for _ in range(2):
        await town.creates(tomasz, answer(tomasz, drill.uri, cc=[town.amel.uri]))
        await town.gets(tomasz, tomasz.activity("Like", drill.uri))
        await town.gets(tomasz, tomasz.activity("Announce", drill.uri, to=[PUBLIC]))

    assert [notice.kind for notice in await notices(town, town.amel)] == ["announce", "like", "reply"]
    assert await notices(town, town.nadia) == []


async def test_admins_are_told_of_what_concerns_the_association(town: Town, tomasz: Person) -> None:
    drill = await town.publishes(town.remise)
    await town.creates(tomasz, answer(tomasz, drill.uri))

    assert [notice.kind for notice in await notices(town, town.nadia)] == ["reply"]
    assert await notices(town, town.amel) == []


async def test_new_follower_and_private_word_are_told(town: Town, tomasz: Person) -> None:
    await town.is_followed_by(tomasz, town.amel)
    await town.creates(tomasz, word(tomasz, town))

    assert [notice.kind for notice in await notices(town, town.amel)] == ["direct", "follow"]


async def test_notices_page_lets_the_steward_decide(town: Town, tomasz: Person) -> None:
    drill = await town.publishes(town.remise)
    await town.creates(tomasz, answer(tomasz, drill.uri))
    person = await town.db.read(people.person_of_login, "nadia")
    assert person is not None
    town.signs_in(town.nadia, person_id=person.id, admin=True)

    before = await town.asks("/notifications", accept="text/html")
    (held,) = await town.db.read(store.held_for, town.remise.id)
    done = await town.asks(f"/posts/{held.id}/approve", data={"then": f"/proposals/{drill.id}"})
    after = await town.asks("/notifications", accept="text/html")

    assert "libre samedi" in before.text
    assert "nouveau" in before.text
    assert (done.status_code, done.headers["location"]) == (303, f"/proposals/{drill.id}")
    assert f"/posts/{held.id}/approve" not in after.text


async def test_notices_stay_new_until_their_reader_says_so(town: Town, tomasz: Person) -> None:
    drill = await town.publishes(town.amel)
    await town.creates(tomasz, answer(tomasz, drill.uri))
    person = await town.db.read(people.person_of_login, "amel")
    assert person is not None
    town.signs_in(town.amel, person_id=person.id)
    (notice,) = await notices(town, town.amel)

    looked = [await town.asks("/notifications", accept="text/html") for _ in range(2)]
    done = await town.asks("/notifications/seen", data={"up_to": str(notice.id)})
    after = await town.asks("/notifications", accept="text/html")

    assert ["nouveau" in page.text for page in looked] == [True, True]
    assert (done.status_code, done.headers["location"]) == (303, "/notifications")
    assert "nouveau" not in after.text
    assert "/notifications/seen" not in after.text


async def test_member_cannot_decide_for_the_association(town: Town, tomasz: Person) -> None:
    drill = await town.publishes(town.remise)
    await town.creates(tomasz, answer(tomasz, drill.uri))
    (held,) = await town.db.read(store.held_for, town.remise.id)
    town.signs_in(town.amel)

    refused = await town.asks(f"/posts/{held.id}/approve", data={})

    assert refused.status_code == 404
    assert await town.db.read(store.shown_under, drill.id, viewer=0) == []
