"""Likes, boosts, blocks, and what people say of themselves; `_index.json` names the trap in each."""

from urllib.parse import urlsplit

import pytest

from fedishare.foundation.values.clock import MINUTE
from tests.payloads.looking import follow_state, reactions
from tests.payloads.sorts import BLOCKS, BOOSTS, FAREWELLS, LIKES, PROFILES, UNDONE_LIKES
from tests.payloads.town import WERKSTATT, Town


@pytest.mark.parametrize("file", LIKES)
async def test_reaction_of_any_sort_is_a_like(share: Town, file: str) -> None:
    await share.receives(f"{file}.json")

    assert await reactions(share) == [("like", share.offer.uri)]


@pytest.mark.parametrize("server", UNDONE_LIKES)
async def test_like_is_taken_back_by_its_id_or_by_what_it_was_about(share: Town, server: str) -> None:
    undo = share.payload(f"{server}/undo_like.json")
    like = undo["object"] if server in ("gotosocial", "misskey") else share.payload(f"{server}/like.json")
    await share.receives(like)
    assert await reactions(share) == [("like", share.offer.uri)]

    await share.receives(undo)

    assert await reactions(share) == []


@pytest.mark.parametrize("server", BOOSTS)
async def test_boost_counts_and_is_taken_back(share: Town, server: str) -> None:
    await share.receives(f"{server}/announce.json")
    assert await reactions(share) == [("announce", share.offer.uri)]

    await share.receives(f"{server}/undo_announce.json")

    assert await reactions(share) == []


@pytest.mark.parametrize("server", BLOCKS)
async def test_block_is_noted(share: Town, server: str) -> None:
    await share.receives(f"{server}/block.json")

    blocked = await share.ask("select a.uri from block b join actor a on a.id = b.blocked_id")
    assert blocked == [(WERKSTATT,)]


@pytest.mark.parametrize("server", FAREWELLS)
async def test_farewell_of_somebody_known_is_believed(share: Town, server: str) -> None:
    farewell = share.payload(f"{server}/delete_actor.json")
    await share.is_met(farewell["actor"])

    await share.receives(farewell)

    gone = await share.ask("select uri from actor where deleted_at is not null")
    assert gone == [(farewell["actor"],)]


async def test_somebody_suspended_comes_back(share: Town) -> None:
    farewell, back = share.payload("misskey/delete_actor.json"), share.payload("misskey/undo_delete_actor.json")
    await share.is_met(farewell["actor"])
    await share.receives(farewell)
    assert await share.ask("select count(*) from actor where deleted_at is not null") == [(1,)]
    share.clock.advance(5 * MINUTE)

    await share.receives(back)
    await share.receives("misskey/follow.json")

    assert await share.ask("select count(*) from actor where deleted_at is not null") == [(0,)]
    assert await follow_state(share) == [(farewell["actor"], "accepted")]


@pytest.mark.parametrize("server", PROFILES)
async def test_profile_changes(share: Town, server: str) -> None:
    update = share.payload(f"{server}/update_person.json")
    await share.is_met(update["actor"])
    update["object"]["name"] = "Un autre nom"

    await share.receives(update)

    named = await share.ask("select display_name from actor where uri = :uri", uri=update["actor"])
    assert named == [("Un autre nom",)]


@pytest.mark.parametrize(("server", "file"), [("lemmy", "update_group"), ("mobilizon", "update_group")])
async def test_group_changed_by_a_member_is_asked_of_its_own_server(share: Town, server: str, file: str) -> None:
    update = share.payload(f"{server}/{file}.json")
    group = share.person(update["object"]["id"])
    await share.is_met(group.uri)
    group.server.serve(urlsplit(group.uri).path, {**group.document, "name": "Ce que dit son serveur"})
    update["object"]["name"] = "Ce que dit un membre"

    await share.receives(update)

    assert await share.ask("select display_name from actor where uri = :uri", uri=group.uri) == [
        ("Ce que dit son serveur",)
    ]
