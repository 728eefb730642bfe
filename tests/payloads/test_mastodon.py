"""Every activity that Mastodon sends, and the trap in each (`_index.json` names it)."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from fedishare.foundation.values.clock import MINUTE, SECOND
from tests.engines import on_each_engine
from tests.payloads.town import BASE_URL, WERKSTATT, Reply, Town, load, town

ALICE = "https://mastodon.example/users/alice"
pytestmark = on_each_engine


@pytest.fixture
async def share(database_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path / "data", database_url=database_url) as made:
        yield made


def status(number: int) -> str:
    return f"{ALICE}/statuses/{116068000000000000 + number}"


async def posts(share: Town) -> list[tuple[str, ...]]:
    """What was kept of Alice: id, state, kind of circle."""
    return await share.ask(
        "select p.uri, p.state, c.kind from post p join circle c on c.id = p.circle_id order by p.id"
    )


async def follow_state(share: Town) -> list[tuple[str, ...]]:
    return await share.ask("select a.uri, f.state from follow f join actor a on a.id = f.follower_id order by f.id")


async def test_public_post_that_names_us_is_kept_and_its_ld_signature_is_not_looked_at(share: Town) -> None:
    assert "signature" in load("mastodon/create_note.json")

    await share.receives("mastodon/create_note.json")

    assert await posts(share) == [(status(1), "shown", "public")]


async def test_reply_hangs_below_our_offer_and_waits_for_validation(share: Town) -> None:
    reply = share.payload("mastodon/create_note_reply.json")["object"]
    assert reply["conversation"].startswith(BASE_URL), "it echoes a conversation that does not exist here"

    await share.receives("mastodon/create_note_reply.json")

    assert await posts(share) == [(status(2), "held", "public")]
    assert await share.ask("select proposal_id, in_reply_to from post") == [(share.offer.id, share.offer.uri)]
    assert await share.ask("select kind from notification") == [("reply",)]


async def test_direct_message_is_for_whom_it_names_alone(share: Town) -> None:
    await share.receives("mastodon/create_note_direct.json")

    assert await posts(share) == [(status(3), "shown", "direct")]
    readers = await share.ask(
        "select a.uri from circle_member m join post p on p.circle_id = m.circle_id join actor a on a.id = m.actor_id "
        "order by a.uri"
    )
    assert readers == [(ALICE,), (WERKSTATT,)]


async def test_post_for_followers_that_names_us_does_not_become_public(share: Town) -> None:
    await share.receives("mastodon/create_note_followers_only.json")

    assert await posts(share) == [(status(4), "shown", "direct")]


async def test_unlisted_post_keeps_its_warning(share: Town) -> None:
    note = load("mastodon/create_note_unlisted_cw.json")["object"]
    assert "https://www.w3.org/ns/activitystreams#Public" in note["cc"], "Public is in cc here"

    await share.receives("mastodon/create_note_unlisted_cw.json")

    assert await posts(share) == [(status(5), "shown", "public")]
    assert await share.ask("select warning from post") == [(note["summary"],)]


async def test_link_among_the_attachments_disturbs_nothing(share: Town) -> None:
    attached = load("mastodon/create_note_link_attachment.json")["object"]["attachment"]
    assert any(item["type"] == "Link" and "url" not in item for item in attached)

    await share.receives("mastodon/create_note_link_attachment.json")

    assert await posts(share) == [(status(6), "shown", "public")]


async def test_follow_is_accepted_with_their_follow_as_they_sent_it(share: Town) -> None:
    follow = load("mastodon/follow.json")

    await share.receives("mastodon/follow.json")

    assert await follow_state(share) == [(ALICE, "accepted")]
    (accept,) = share.letters(ALICE)
    assert (accept["type"], accept["actor"], accept["object"]["id"]) == ("Accept", WERKSTATT, follow["id"])
    asked = [asked.path for asked in share.person(ALICE).server.asked]
    assert urlsplit(follow["id"]).path not in asked, "a Follow of Mastodon's cannot be fetched"


async def test_reject_ends_our_follow_even_later(share: Town) -> None:
    await share.hears(ALICE)
    assert await follow_state(share) == [(WERKSTATT, "accepted")]
    share.clock.advance(MINUTE)

    await share.receives("mastodon/reject_follow.json")

    assert await follow_state(share) == [(WERKSTATT, "rejected")]


async def test_undone_follow_ends_and_may_begin_again(share: Town) -> None:
    await share.receives("mastodon/follow.json")
    share.clock.advance(MINUTE)

    await share.receives("mastodon/undo_follow.json")

    assert await follow_state(share) == [(ALICE, "undone")]
    share.clock.advance(2 * MINUTE)
    await share.receives("mastodon/follow.json")
    assert await follow_state(share) == [(ALICE, "accepted")]
    assert [letter["type"] for letter in share.letters(ALICE)] == ["Accept", "Accept"]


async def test_like_of_our_offer_counts_once(share: Town) -> None:
    await share.receives("mastodon/like.json")
    await share.receives({**share.payload("mastodon/like.json"), "id": f"{ALICE}#likes/55502"})

    assert await share.ask("select kind, object_uri from reaction") == [("like", share.offer.uri)]


async def test_like_is_taken_back(share: Town) -> None:
    await share.receives("mastodon/like.json")
    assert await share.ask("select kind from reaction")

    await share.receives("mastodon/undo_like.json")

    assert await share.ask("select kind from reaction") == []


async def test_boost_of_our_offer_counts(share: Town) -> None:
    boost = share.payload("mastodon/announce.json")
    assert boost["object"] == share.offer.uri, "the object is an address, and ours: nothing is fetched"

    await share.receives("mastodon/announce.json")

    assert await share.ask("select kind, object_uri from reaction") == [("announce", share.offer.uri)]


async def test_boost_is_taken_back(share: Town) -> None:
    await share.receives("mastodon/announce.json")
    assert await share.ask("select kind from reaction")

    await share.receives("mastodon/undo_announce.json")

    assert await share.ask("select kind from reaction") == []


async def test_deleted_post_goes_and_does_not_come_back(share: Town) -> None:
    await share.receives("mastodon/create_note.json")

    await share.receives("mastodon/delete_note.json")

    assert await share.ask("select content, deleted_at is null from post") in ([("", False)], [("", 0)])
    again = {**share.payload("mastodon/create_note.json"), "id": f"{status(1)}/again"}
    await share.receives(again)
    assert len(await posts(share)) == 1
    assert await share.ask("select count(*) from post where deleted_at is null") == [(0,)]


async def test_deletion_that_comes_first_is_remembered(share: Town) -> None:
    await share.receives("mastodon/delete_note.json")
    assert await share.ask("select uri from tombstone") == [(status(1),)]

    await share.receives("mastodon/create_note.json")

    assert await posts(share) == []


async def test_farewell_of_somebody_never_seen_costs_nothing(share: Town) -> None:
    share.person(ALICE).server.serve("/users/alice", Reply(410))
    before = await share.dump()

    await share.receives("mastodon/delete_actor.json")

    assert await share.dump() == before
    assert not share.person(ALICE).server.asked
    assert await share.ask("select count(*) from activity_in") == [(0,)]


async def test_farewell_of_somebody_known_takes_their_things_along(share: Town) -> None:
    await share.receives("mastodon/follow.json")
    await share.receives("mastodon/create_note.json")

    await share.receives("mastodon/delete_actor.json")

    assert await share.ask("select count(*) from actor where uri = :uri and deleted_at is not null", uri=ALICE) == [
        (1,)
    ]
    assert await follow_state(share) == [(ALICE, "undone")]
    assert await share.ask("select count(*) from post where deleted_at is null") == [(0,)]


async def test_block_ends_what_was_between_us(share: Town) -> None:
    await share.receives("mastodon/follow.json")
    share.clock.advance(SECOND)

    await share.receives("mastodon/block.json")

    assert await follow_state(share) == [(ALICE, "undone")]
    assert await share.ask("select count(*) from block") == [(1,)]


async def test_block_is_taken_back(share: Town) -> None:
    await share.receives("mastodon/block.json")
    assert await share.ask("select count(*) from block") == [(1,)]

    await share.receives("mastodon/undo_block.json")

    assert await share.ask("select count(*) from block") == [(0,)]


async def test_profile_changes_and_the_key_stays(share: Town) -> None:
    await share.is_met(ALICE)
    update = share.payload("mastodon/update_person.json")
    changed = {**share.person(ALICE).document, "name": "Alice im Garten"}
    keys = await share.ask("select uri, public_pem, retired_at from key where uri like 'https://mastodon%'")
    assert keys, "a key that is not there cannot stay"

    await share.receives({**update, "object": changed})

    assert await share.ask("select display_name from actor where uri = :uri", uri=ALICE) == [("Alice im Garten",)]
    assert await share.ask("select uri, public_pem, retired_at from key where uri like 'https://mastodon%'") == keys


async def test_instance_actor_is_read_for_its_key(share: Town) -> None:
    server = share.person("https://mastodon.example/actor").server

    await share.receives("mastodon/flag.json")

    assert await share.ask("select kind, name from actor where uri = 'https://mastodon.example/actor'") == [
        ("Application", server.host)
    ]


async def test_handle_is_found_by_webfinger(share: Town) -> None:
    share.person(ALICE)
    finger = Reply(
        200,
        json.dumps(load("mastodon/webfinger.json")).encode(),
        {"content-type": "application/jrd+json; charset=utf-8"},
    )
    share.person(ALICE).server.serve("/.well-known/webfinger", finger)

    found = await share.instance.fetcher.actor_by_handle("@alice@mastodon.example")

    assert (found.uri, found.handle) == (ALICE, "alice@mastodon.example")
