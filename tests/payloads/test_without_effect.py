"""What is understood and kept without effect, each by name and with the reason that an administrator reads."""

import json

import pytest

from tests.payloads.sorts import VOTES
from tests.payloads.town import BASE_URL, Town, load
from tests.remote import post

STRANGER = "nobody here follows its author, and it neither names nor answers anybody here"
NOT_ASKED = "it answers nothing that was asked of this actor from here"
WITHOUT_EFFECT = {
    "flohmarkt/create_note.json": STRANGER,
    "gotosocial/accept_like_request.json": NOT_ASKED,
    "gotosocial/create_question.json": STRANGER,
    "gotosocial/like_request_polite.json": "everything public here may be liked: nobody has to ask",
    "gotosocial/move.json": "nobody here follows who moves",
    "lemmy/block_from_community.json": "it bans somebody from a community, which is no business of ours",
    "lemmy/create_page.json": STRANGER,
    "lemmy/dislike.json": "nothing here counts dislikes",
    "lemmy/update_page.json": "it edits what was never kept here",
    "mastodon/create_question.json": STRANGER,
    "mastodon/move.json": "nobody here follows who moves",
    "mastodon/remove_featured.json": "what others pin is not shown here, so nothing is unpinned",
    "mastodon/update_poll.json": "it does not say when it was edited: it only counts something",
    "misskey/add_featured.json": (
        "nobody here follows its actor, or the pinned thing is known: pins are not shown here"
    ),
    "mobilizon/create_event.json": "it is written by somebody else, or in the name of a group that is not known here",
    "mobilizon/join.json": "there is nothing here that could be joined",
    "relay/mastodon_style_accept.json": NOT_ASKED,
}


async def without_effect(share: Town, file: str) -> str:
    """It is taken, changes nothing but the row that keeps it as it was sent, and has this reason."""
    payload = share.payload(file)
    await share.is_met(payload["actor"])
    before = await share.dump()

    await share.receives(file)

    assert await share.dump() == before
    row = await share.last()
    assert (row.state, row.type, row.uri) == ("dropped", payload["type"], payload.get("id", ""))
    (body,) = (await share.ask("select body from activity_in order by id desc limit 1"))[0]
    assert json.loads(body) == payload
    return row.outcome


@pytest.mark.parametrize("file", WITHOUT_EFFECT)
async def test_what_has_no_effect_is_kept_with_its_reason(share: Town, file: str) -> None:
    assert await without_effect(share, file) == WITHOUT_EFFECT[file]


@pytest.mark.parametrize("file", VOTES)
async def test_vote_in_a_poll_that_nothing_here_has_is_no_answer(share: Town, file: str) -> None:
    about = share.payload(f"{file}.json")["object"]
    note = about[0] if isinstance(about, list) else about
    assert note["inReplyTo"] == share.offer.uri, "it looks like an answer to our offer"
    assert "content" not in note
    assert note["name"]

    assert await without_effect(share, f"{file}.json") == "it votes in a poll, and nothing here has one"


async def test_follow_that_only_we_could_send_is_turned_away_at_the_door(share: Town) -> None:
    follow = load("relay/mastodon_style_follow_out.json")
    assert follow["actor"].startswith(BASE_URL), "what we would send to a relay"
    relay = share.person("https://relay.example/actor")
    body = json.dumps(follow).encode()
    before = await share.dump()

    answer = await post(
        share.instance.asgi, f"{BASE_URL}/inbox", body, relay.signed(f"{BASE_URL}/inbox", body, now=share.clock.now())
    )

    assert answer.status_code == 401
    assert await share.ask("select count(*) from activity_in") == [(0,)]
    assert await share.dump() | {"actor": "", "key": "", "host": ""} == before | {"actor": "", "key": "", "host": ""}
