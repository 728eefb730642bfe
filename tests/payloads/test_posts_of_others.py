"""What is written, changed and deleted elsewhere; `_index.json` names the trap in each."""

from urllib.parse import urlsplit

import pytest

from tests.payloads.looking import posts
from tests.payloads.sorts import (
    DELETIONS,
    PEOPLE,
    REPLIES,
)
from tests.payloads.town import BASE_URL, WERKSTATT, Reply, Town, load
from tests.remote import with_key


@pytest.mark.parametrize(("file", "state", "circle"), REPLIES)
async def test_answer_to_our_offer_is_kept_for_whom_it_is(share: Town, file: str, state: str, circle: str) -> None:
    note = share.payload(f"{file}.json")["object"]

    await share.receives(f"{file}.json", kind="application/json")

    assert await posts(share) == [(note["id"], state, circle)]
    assert await share.ask("select proposal_id from post") == [(share.offer.id,)]


async def test_flohmarkts_chats_are_not_one_thread(share: Town) -> None:
    first = share.payload("flohmarkt/create_note_private_message.json")
    second = share.payload("flohmarkt/create_note_private_message_reply.json")
    assert first["object"]["conversation"] == second["object"]["conversation"], "the constant of every chat"
    second["object"]["id"] = second["id"] = f"{second['object']['id']}/2"

    await share.receives(first)
    await share.receives(second)

    assert len(await share.ask("select distinct thread_id from post")) == 2


async def test_mention_is_found_by_its_address_whatever_name_it_shows(share: Town) -> None:
    (mention,) = load("flohmarkt/create_note_private_message_reply.json")["object"]["tag"]
    assert "werkstatt" not in mention["name"]

    await share.receives("flohmarkt/create_note_private_message_reply.json")

    assert [row[1:] for row in await posts(share)] == [("shown", "direct")]


async def test_comment_on_an_event_that_names_us_is_kept(share: Town) -> None:
    note = share.payload("mobilizon/create_note.json")["object"]

    await share.receives("mobilizon/create_note.json")

    assert await posts(share) == [(note["id"], "shown", "public")]


async def test_object_given_by_address_is_fetched(share: Town) -> None:
    create = share.payload("gotosocial/create_note_iri_object.json")
    greta = share.person(create["actor"])
    note = greta.server.note(urlsplit(create["object"]).path, greta, cc=[WERKSTATT])

    await share.receives(create)

    assert await posts(share) == [(note["id"], "shown", "public")]
    (fetched,) = [asked for asked in greta.server.asked if asked.path == urlsplit(note["id"]).path]
    assert f'keyId="{BASE_URL}/users/instance#main-key"' in fetched.headers["signature"]


async def test_edit_replaces_the_text(share: Town) -> None:
    update = share.payload("pleroma/update_note.json")
    created = share.payload("pleroma/create_note.json")
    created["object"]["id"] = update["object"]["id"]
    await share.receives(created)
    update["object"]["content"] = "<p>Toujours là ?</p>"

    await share.receives(update)

    assert await share.ask("select content from post") == [("<p>Toujours là ?</p>",)]


@pytest.mark.parametrize("file", DELETIONS)
async def test_what_is_deleted_never_comes_later(share: Town, file: str) -> None:
    deletion = share.payload(f"{file}.json")

    await share.receives(deletion)

    author = share.person(deletion["actor"])
    note = author.server.note(urlsplit(deletion["object"]["id"]).path, author, cc=[WERKSTATT])
    await share.receives(author.activity("Create", note))
    assert await posts(share) == []
    assert await share.ask("select uri from tombstone") == [(note["id"],)]


@pytest.mark.parametrize("file", ["announce_create_page", "announce_page_compat"])
async def test_what_a_group_hands_on_is_asked_of_its_origin(share: Town, file: str) -> None:
    announce = share.payload(f"lemmy/{file}.json")
    page = announce["object"]["object"] if announce["object"]["type"] == "Create" else announce["object"]
    group = share.person(announce["actor"])
    lena = share.person(page["attributedTo"])
    await share.hears(group.uri)
    group.server.serve(urlsplit(page["id"]).path, page)
    await share.is_met(lena.uri)
    before = await share.dump()

    await share.receives(announce)

    assert urlsplit(page["id"]).path in [asked.path for asked in group.server.asked]
    assert await share.dump() == before, "nobody here follows lena, and a group is no author"


async def test_relays_boost_is_nobodys_boost(share: Town) -> None:
    announce = share.payload("relay/litepub_announce_in.json")
    alice = share.person("https://mastodon.example/users/alice")
    alice.server.note(urlsplit(announce["object"]).path, alice)
    await share.is_met(announce["actor"])
    await share.is_met(alice.uri)
    before = await share.dump()

    await share.receives(announce)

    assert urlsplit(announce["object"]).path in [asked.path for asked in alice.server.asked]
    assert await share.dump() == before
    assert (await share.last()).outcome == "nobody here follows who passes it on"


@pytest.mark.parametrize("file", PEOPLE)
async def test_profile_of_every_kind_is_read(share: Town, file: str) -> None:
    document = load(f"{file}.json")
    person = share.person(document["id"])
    shown = with_key(document, person.key)
    shown["publicKey"]["publicKeyPem"] += "\n\n"
    person.server.serve(urlsplit(person.uri).path, shown)

    await share.receives(person.activity("Follow", WERKSTATT))

    (row,) = await share.ask("select kind, name, inbox from actor where uri = :uri", uri=person.uri)
    assert row == (document["type"], document["preferredUsername"], document["inbox"])
    assert [letter["type"] for letter in person.server.letters] == ["Accept"]


async def test_key_behind_a_path_leads_to_its_owner(share: Town) -> None:
    stub = load("gotosocial/main_key_stub_actor.json")
    greta = share.person(stub["id"])
    assert greta.key.id == f"{greta.uri}/main-key"
    assert "inbox" not in stub

    await share.receives("gotosocial/follow.json")

    assert await share.ask("select uri from key where uri = :uri", uri=greta.key.id) == [(greta.key.id,)]
    paths = [asked.path for asked in greta.server.asked if asked.method == "GET"]
    assert paths[:2] == [urlsplit(greta.key.id).path, urlsplit(greta.uri).path]


async def test_profile_shown_to_strangers_is_enough_for_a_key(share: Town) -> None:
    stripped = load("pleroma/actor_stripped_unauthenticated.json")
    paul = share.person(stripped["id"])
    paul.server.serve(urlsplit(paul.uri).path, with_key(stripped, paul.key))

    answer = await share.post("pleroma/like.json")

    assert answer.status_code == 202


async def test_farewell_whose_server_says_410_needs_no_key(share: Town) -> None:
    farewell = share.payload("gotosocial/delete_actor.json")
    share.person(farewell["actor"]).server.serve("/users/greta", Reply(410))

    await share.receives(farewell)

    assert await share.ask("select count(*) from activity_in") == [(0,)]
