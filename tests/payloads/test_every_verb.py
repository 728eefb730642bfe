"""What is neither a follow, a reaction nor a plain post: polls, articles, chats, quotes, moves and pins.

`_index.json` names the trap in each.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from fedishare.foundation.values.clock import HOUR, MINUTE
from tests.engines import on_each_engine
from tests.payloads.looking import follow_state, posts
from tests.payloads.sorts import MOVES, QUESTIONS
from tests.payloads.town import WERKSTATT, Town, town
from tests.remote import Json, Person

ALICE = "https://mastodon.example/users/alice"
pytestmark = on_each_engine


@pytest.fixture
async def share(database_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path / "data", database_url=database_url) as made:
        yield made


async def text(share: Town) -> str:
    ((content,),) = await share.ask("select content from post")
    return str(content)


@pytest.mark.parametrize("server", QUESTIONS)
async def test_poll_of_somebody_followed_is_its_question_and_its_answers(share: Town, server: str) -> None:
    create = share.payload(f"{server}/create_question.json")
    await share.hears(create["actor"])

    await share.receives(f"{server}/create_question.json")

    assert await posts(share) == [(create["object"]["id"], "shown", "public")]
    assert (await text(share)).endswith("<ul><li>Samstag</li><li>Sonntag</li></ul>")


async def test_refreshed_counts_of_a_poll_are_no_edit(share: Town) -> None:
    update = share.payload("mastodon/update_poll.json")
    assert "updated" not in update["object"]
    await share.hears(ALICE)
    await share.receives("mastodon/create_question.json")
    update["object"]["content"] = "<p>Was anderes?</p>"

    await share.receives(update)

    assert "Was anderes" not in await text(share)
    assert (await share.last()).outcome == "it does not say when it was edited: it only counts something"


async def test_chat_message_is_a_letter_to_whom_it_names(share: Town) -> None:
    create = share.payload("lemmy/create_chat_message_0_19.json")
    assert create["object"]["type"] == "ChatMessage"

    await share.receives(create)

    assert await posts(share) == [(create["object"]["id"], "shown", "direct")]
    assert await share.ask("select kind from notification") == [("direct",)]


async def test_page_of_somebody_followed_is_a_post_with_its_title(share: Town) -> None:
    create = share.payload("lemmy/create_page.json")
    await share.hears(create["actor"])

    await share.receives(create)

    assert await posts(share) == [(create["object"]["id"], "shown", "public")]
    assert await text(share) == ("<p><strong>Biete Bohrmaschine zum Leihen</strong></p><p>Abholung in Leipzig</p>\n")


async def test_page_is_edited_by_its_author(share: Town) -> None:
    update = share.payload("lemmy/update_page.json")
    await share.hears(update["actor"])
    await share.receives("lemmy/create_page.json")
    update["object"]["name"] = "Bohrmaschine vergeben"

    await share.receives(update)

    assert (await text(share)).startswith("<p><strong>Bohrmaschine vergeben</strong></p>")


async def test_event_that_a_member_writes_for_a_group_is_the_groups(share: Town) -> None:
    create = share.payload("mobilizon/create_event.json")
    group = create["object"]["attributedTo"]
    assert create["actor"] == create["object"]["actor"] != group
    await share.hears(group)

    await share.receives(create)

    assert await posts(share) == [(create["object"]["id"], "shown", "public")]
    assert await share.ask("select a.uri from post p join actor a on a.id = p.author_id") == [(group,)]
    assert "Repair Café im Februar" in await text(share)


async def test_event_is_changed_by_a_member_of_the_group(share: Town) -> None:
    update = share.payload("mobilizon/update_event.json")
    await share.hears(update["object"]["attributedTo"])
    await share.receives("mobilizon/create_event.json")
    update["object"]["updated"] = "2026-02-20T08:00:00Z"

    await share.receives(update)

    assert "Repair Café (verlegt)" in await text(share)


async def test_request_to_quote_a_public_offer_is_granted(share: Town) -> None:
    request = share.payload("mastodon/quote_request.json")
    quoting = request["instrument"]["id"]

    await share.receives("mastodon/quote_request.json")

    (accept,) = share.letters(ALICE)
    assert (accept["type"], accept["actor"], accept["to"]) == ("Accept", WERKSTATT, [ALICE])
    assert accept["object"] == {
        "id": request["id"],
        "type": "QuoteRequest",
        "actor": ALICE,
        "object": share.offer.uri,
        "instrument": quoting,
    }
    assert await served(share, accept["result"]) == {
        "id": accept["result"],
        "type": "QuoteAuthorization",
        "attributedTo": WERKSTATT,
        "interactingObject": quoting,
        "interactionTarget": share.offer.uri,
    }


async def test_request_that_names_its_quote_by_address_gets_the_same_answer(share: Town) -> None:
    request = share.payload("mastodon/quote_request.json")
    await share.receives(request)

    await share.receives({**request, "id": f"{request['id']}/2", "instrument": request["instrument"]["id"]})

    first, second = share.letters(ALICE)
    assert first["result"] == second["result"]
    assert await share.ask("select count(*) from object where kind = 'QuoteAuthorization'") == [(1,)]


async def served(share: Town, uri: str) -> Json:
    """What another server reads there, without its context."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=share.instance.asgi)) as client:
        answer = await client.get(uri, headers={"Accept": "application/activity+json"})
    assert answer.status_code == 200
    document = dict(answer.json())
    del document["@context"]
    return document


@pytest.mark.parametrize("server", MOVES)
async def test_who_moves_is_followed_at_the_new_account(share: Town, server: str) -> None:
    move = share.payload(f"{server}/move.json")
    await share.hears(move["actor"])
    arrives(share, move)

    await share.receives(f"{server}/move.json")

    states = dict(await share.ask("select a.uri, f.state from follow f join actor a on a.id = f.followed_id"))
    assert states == {move["actor"]: "undone", move["target"]: "pending"}
    assert [letter["type"] for letter in share.letters(move["target"])] == ["Follow"]
    assert await share.ask("select kind from notification") == [("moved",)]


def arrives(share: Town, move: Json, **properties: object) -> Person:
    """The new account names the old one."""
    person = share.person(move["target"])
    path = urlsplit(move["target"]).path
    person.server.serve(path, {**person.document, "alsoKnownAs": [move["object"]], **properties})
    return person


async def test_move_that_the_new_account_does_not_confirm_is_none(share: Town) -> None:
    move = share.payload("mastodon/move.json")
    await share.hears(ALICE)
    share.person(move["target"])

    await share.receives(move)

    assert await follow_state(share) == [(WERKSTATT, "accepted")]
    assert share.letters(move["target"]) == []


async def test_misskey_pins_and_the_pinned_thing_is_read(share: Town) -> None:
    add = share.payload("misskey/add_featured.json")
    kei = share.person(add["actor"])
    assert kei.document["featured"] == add["target"]
    await share.hears(kei.uri)
    note = kei.server.note(urlsplit(add["object"]).path, kei, purpose="offer", publishes={"type": "Intent"})

    await share.receives(add)

    assert urlsplit(add["object"]).path in [asked.path for asked in kei.server.asked]
    assert await share.ask("select uri from proposal where origin <> 'here'") == [(note["id"],)]


async def test_pin_of_what_is_somebody_elses_is_not_looked_at(share: Town) -> None:
    add = share.payload("misskey/add_featured.json")
    kei = share.person(add["actor"])
    await share.hears(kei.uri)
    asked = len(kei.server.asked)

    await share.receives({**add, "target": f"{ALICE}/collections/featured"})

    assert (await share.last()).outcome == "it changes a collection that is not its actor's own"
    assert len(kei.server.asked) == asked


async def test_move_is_believed_once_in_thirty_days(share: Town) -> None:
    move = share.payload("mastodon/move.json")
    await share.hears(ALICE)
    arrives(share, move)
    await share.receives(move)
    assert [letter["type"] for letter in share.letters(move["target"])] == ["Follow"]
    share.clock.advance(2 * HOUR)
    await share.follows(ALICE)
    follow = {"type": "Follow", "actor": WERKSTATT, "object": ALICE}
    await share.receives(share.person(ALICE).activity("Accept", follow))
    elsewhere = {**move, "id": f"{move['id']}3", "target": "https://neu.example/users/other"}
    arrives(share, elsewhere)
    share.clock.advance(MINUTE)

    await share.receives(elsewhere)

    assert (await share.last()).outcome == "they have moved, or said so, not long ago"
    states = dict(await share.ask("select a.uri, f.state from follow f join actor a on a.id = f.followed_id"))
    assert states == {ALICE: "accepted", move["target"]: "pending"}
