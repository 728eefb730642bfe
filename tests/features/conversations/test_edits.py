"""Edits of what others wrote: for fewer readers, before their post, after somebody has blocked their author."""

from typing import Any

import pytest

from fedishare.features.conversations import store
from fedishare.federation.following import blocking
from fedishare.federation.vocabulary.reading import PUBLIC
from fedishare.foundation.db.access import Read
from fedishare.foundation.db.queries import Query
from fedishare.foundation.values.clock import DAY
from tests.engines import on_each_engine
from tests.features.conversations.test_private_messages import word
from tests.features.conversations.test_reactions_and_notices import notices
from tests.features.conversations.test_replies import answer, shown, waiting
from tests.features.town import Town
from tests.remote import Person

Json = dict[str, Any]
_TEXT = "select id from post"
LATER = "2026-11-23T11:59:30Z"


@pytest.fixture
def tomasz(town: Town) -> Person:
    return town.house.network.server("mastodon.example").person("tomasz")


async def edits(town: Town, person: Person, note: Json, **changed: Any) -> tuple[str, str]:
    about = {"updated": LATER, **note, **changed}
    return await town.gets(person, person.activity("Update", about, to=about["to"], cc=about["cc"]))


async def seen_by(town: Town, viewer: int) -> list[str]:
    """Private posts that this actor reads."""
    threads = await town.db.read(store.direct_threads, viewer=viewer)
    return [card.content for card in threads]


@on_each_engine
async def test_post_that_becomes_private_is_taken_from_everybody_else(town: Town, tomasz: Person) -> None:
    await town.follows(tomasz)
    note = answer(tomasz, "", inReplyTo=None, cc=[town.amel.uri])
    await town.creates(tomasz, note)
    (row,) = await notices(town, town.amel)
    assert row.object_id is not None
    assert await town.db.read(store.post_card, row.object_id, viewer=0) is not None

    state, _ = await edits(town, tomasz, note, to=[town.amel.uri], cc=[])

    assert state == "applied"
    assert await town.db.read(store.post_card, row.object_id, viewer=0) is None
    assert await town.db.read(store.post_card, row.object_id, viewer=town.nadia.id) is None
    assert await town.db.read(store.post_card, row.object_id, viewer=town.amel.id) is not None
    assert len(await seen_by(town, town.amel.id)) == 1


@on_each_engine
async def test_answer_that_becomes_private_leaves_the_thread(town: Town, tomasz: Person) -> None:
    drill = await town.publishes(town.remise)
    note = answer(tomasz, drill.uri)
    await town.creates(tomasz, note)
    assert len(await waiting(town)) == 1

    await edits(town, tomasz, note, to=[town.remise.uri], cc=[])

    assert await waiting(town) == await shown(town, drill) == []
    assert len(await seen_by(town, town.remise.id)) == 1


@on_each_engine
async def test_letter_that_is_for_fewer_is_taken_from_the_others(town: Town, tomasz: Person) -> None:
    note = word(tomasz, town, to=[town.amel.uri, town.nadia.uri])
    await town.creates(tomasz, note)
    assert len(await seen_by(town, town.nadia.id)) == 1

    await edits(town, tomasz, note, to=[town.amel.uri])

    assert await seen_by(town, town.nadia.id) == []
    assert len(await seen_by(town, town.amel.id)) == 1


@on_each_engine
async def test_letter_never_becomes_public_nor_anybody_elses(town: Town, tomasz: Person) -> None:
    note = word(tomasz, town)
    await town.creates(tomasz, note)

    await edits(town, tomasz, note, to=[PUBLIC], cc=[town.nadia.uri], content="<p>Autre chose.</p>")

    assert await seen_by(town, town.nadia.id) == []
    assert await seen_by(town, town.amel.id) == ["<p>Autre chose.</p>"]
    (thread,) = await town.db.read(store.direct_threads, viewer=town.amel.id)
    assert await town.db.read(store.post_card, thread.thread_id, viewer=0) is None


@on_each_engine
async def test_post_for_followers_is_kept_from_those_who_only_read(town: Town, tomasz: Person) -> None:
    tomasz.server.serve("/users/tomasz", {**tomasz.document, "followers": f"{tomasz.uri}/followers"})
    await town.follows(tomasz)
    note = answer(tomasz, "", inReplyTo=None, cc=[])
    await town.creates(tomasz, note)

    await edits(town, tomasz, note, to=[f"{tomasz.uri}/followers"], cc=[])

    posts = [await town.db.read(store.post_card, await only_post(town), viewer=one) for one in (town.remise.id, 0)]
    assert [post is not None for post in posts] == [True, False]


async def only_post(town: Town) -> int:
    """The number of the one post there is."""
    return await town.db.read(_only_post)


async def _only_post(read: Read) -> int:
    return int(await read.value(Query("only_post", {"sqlite": _TEXT, "postgres": _TEXT}, [], {})))


@on_each_engine
async def test_edit_that_comes_first_waits_for_its_post(town: Town, tomasz: Person) -> None:
    note = word(tomasz, town)
    assert await edits(town, tomasz, note, content="<p>Corrigé.</p>") == (
        "dropped",
        "its post has not come: it waits for that, and makes none",
    )
    assert await seen_by(town, town.amel.id) == []

    await town.creates(tomasz, note)

    assert await seen_by(town, town.amel.id) == ["<p>Corrigé.</p>"]


@on_each_engine
async def test_edit_of_what_was_deleted_meanwhile_is_forgotten(town: Town, tomasz: Person) -> None:
    note = word(tomasz, town)
    await edits(town, tomasz, note, content="<p>Corrigé.</p>")
    await town.gets(tomasz, tomasz.activity("Delete", note["id"]))

    await town.creates(tomasz, note)

    assert await seen_by(town, town.amel.id) == []


@on_each_engine
async def test_edit_waits_a_week_and_no_longer(town: Town, tomasz: Person) -> None:
    first, second = word(tomasz, town), word(tomasz, town, 2)
    await edits(town, tomasz, first, content="<p>Corrigé.</p>")
    town.clock.advance(8 * DAY)
    await edits(town, tomasz, second, content="<p>Corrigé.</p>")

    await town.creates(tomasz, first)

    assert await seen_by(town, town.amel.id) == ["<p>Un mot pour vous seule.</p>"]


@on_each_engine
async def test_edit_by_somebody_blocked_since_is_not_shown(town: Town, tomasz: Person) -> None:
    """A112."""
    note = word(tomasz, town)
    await town.creates(tomasz, note)
    blocked = await town.house.fetcher.actor(tomasz.uri)
    await town.db.write(blocking.block, town.amel, blocked, here=town.here, now=town.now)

    state, why = await edits(town, tomasz, note, content="<p>Une menace.</p>")

    assert (state, why) == ("dropped", "whom it was for wants to hear nothing of its author")
    assert await seen_by(town, town.amel.id) == ["<p>Un mot pour vous seule.</p>"]
