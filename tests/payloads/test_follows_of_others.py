"""Follows, and answers to ours, as each server sends them; `_index.json` names the trap in each."""

from urllib.parse import urlsplit

import pytest

from fedishare.foundation.values.clock import MINUTE
from tests.payloads.looking import follow_state
from tests.payloads.sorts import ACCEPTS, FOLLOWS, REJECTS, UNDONE_FOLLOWS
from tests.payloads.town import BASE_URL, WERKSTATT, Town, load


@pytest.mark.parametrize("server", FOLLOWS)
async def test_follow_is_accepted(share: Town, server: str) -> None:
    follow = share.payload(f"{server}/follow.json")

    await share.receives(f"{server}/follow.json")

    assert await follow_state(share) == [(follow["actor"], "accepted")]
    (accept,) = share.letters(follow["actor"])
    assert accept["to"] == [follow["actor"]], "Lemmy takes exactly one in `to`"
    assert (accept["object"]["id"], accept["object"]["type"]) == (follow["id"], "Follow")
    asked = [asked.path for asked in share.person(follow["actor"]).server.asked]
    assert urlsplit(follow["id"]).path not in asked


async def test_misskey_follows_again_with_the_same_id(share: Town) -> None:
    follow = share.payload("misskey/follow.json")
    undo = {**share.person(follow["actor"]).activity("Undo", follow)}
    for activity in (follow, undo, follow):
        await share.receives(activity)
        share.clock.advance(2 * MINUTE)

    assert await follow_state(share) == [(follow["actor"], "accepted")]
    assert [letter["type"] for letter in share.letters(follow["actor"])] == ["Accept", "Accept"]


async def test_flohmarkt_follows_the_instance_and_so_the_association(share: Town) -> None:
    follow = load("flohmarkt/follow_instance.json")
    assert follow["id"].endswith("#follows/42"), "the id of every follow it ever sends"

    await share.receives("flohmarkt/follow_instance.json", kind="application/json")

    followed = await share.ask(
        "select a.uri, f.state from follow f join actor a on a.id = f.followed_id order by a.uri"
    )
    assert followed == [(f"{BASE_URL}/users/instance", "accepted"), (WERKSTATT, "accepted")]
    (accept,) = share.letters(follow["actor"])
    assert (accept["actor"], accept["object"]["id"]) == (f"{BASE_URL}/users/instance", follow["id"])


async def test_mobilizon_follows_the_instance(share: Town) -> None:
    follow = share.payload("mobilizon/follow_by_instance.json")

    await share.receives("mobilizon/follow_by_instance.json")

    assert (follow["actor"], "accepted") in await follow_state(share)
    assert [letter["type"] for letter in share.letters(follow["actor"])] == ["Accept"]


@pytest.mark.parametrize("server", ACCEPTS)
async def test_our_follow_is_accepted(share: Town, server: str) -> None:
    answer = load(f"{server}/accept_follow.json")
    await share.follows(answer["actor"])
    assert await follow_state(share) == [(WERKSTATT, "pending")]

    await share.receives(f"{server}/accept_follow.json", kind="application/json")

    assert await follow_state(share) == [(WERKSTATT, "accepted")]


@pytest.mark.parametrize("server", REJECTS)
async def test_our_follow_is_rejected(share: Town, server: str) -> None:
    answer = load(f"{server}/reject_follow.json")
    await share.follows(answer["actor"])
    assert await follow_state(share) == [(WERKSTATT, "pending")]

    await share.receives(f"{server}/reject_follow.json")

    assert await follow_state(share) == [(WERKSTATT, "rejected")]


@pytest.mark.parametrize("server", UNDONE_FOLLOWS)
async def test_follow_is_undone_whatever_id_it_has_by_now(share: Town, server: str) -> None:
    follow = share.payload(f"{server}/follow.json")
    await share.receives(follow)
    assert await follow_state(share) == [(follow["actor"], "accepted")]

    await share.receives(f"{server}/undo_follow.json")

    assert await follow_state(share) == [(follow["actor"], "undone")]
