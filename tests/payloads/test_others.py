"""What the other servers send, by what it does here; `_index.json` names the trap in each."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from fedishare.foundation.values.clock import MINUTE
from tests.payloads.town import BASE_URL, WERKSTATT, Reply, Town, load, town
from tests.remote import with_key

FOLLOWS = ("gotosocial", "misskey", "pleroma", "lemmy", "mobilizon", "mitra")
ACCEPTS = ("flohmarkt", "gotosocial", "lemmy", "misskey", "mitra")
REJECTS = ("gotosocial", "misskey", "mitra", "mobilizon", "pleroma")
UNDONE_FOLLOWS = ("gotosocial", "lemmy", "mitra", "mobilizon")
LIKES = (
    "lemmy/like",
    "misskey/like",
    "misskey/like_custom_emoji",
    "mitra/like",
    "mitra/like_emoji_reaction",
    "pleroma/like",
    "pleroma/emoji_react",
    "pleroma/emoji_react_custom",
    "pleroma/emoji_react_as_misskey_like",
)
UNDONE_LIKES = ("gotosocial", "lemmy", "misskey", "mitra", "pleroma")
BOOSTS = ("gotosocial", "misskey", "mitra", "pleroma")
BLOCKS = ("misskey", "pleroma")
FAREWELLS = ("gotosocial", "lemmy", "misskey", "mitra")
PROFILES = ("gotosocial", "misskey", "pleroma")
REPLIES = (
    ("mitra/create_note", "held", "public"),
    ("pleroma/create_note", "held", "public"),
    ("pleroma/create_note_source_string", "held", "public"),
    ("misskey/create_note_quote", "held", "public"),
    ("gotosocial/create_note_direct", "shown", "direct"),
    ("misskey/create_note_direct", "shown", "direct"),
    ("pleroma/create_note_direct", "shown", "direct"),
    ("flohmarkt/create_note_private_message", "shown", "direct"),
)
DELETIONS = ("misskey/delete_note", "flohmarkt/delete_note", "mobilizon/delete_event")
WITHOUT_EFFECT = (
    "flohmarkt/create_note",
    "gotosocial/accept_like_request",
    "gotosocial/create_question",
    "gotosocial/flag",
    "gotosocial/like_request_polite",
    "gotosocial/move",
    "gotosocial/vote",
    "gotosocial/vote_array_legacy",
    "lemmy/block_from_community",
    "lemmy/create_chat_message_0_19",
    "lemmy/create_page",
    "lemmy/dislike",
    "lemmy/update_page",
    "misskey/add_featured",
    "misskey/move",
    "misskey/vote",
    "mitra/create_question",
    "mitra/move",
    "mitra/vote",
    "mobilizon/create_event",
    "mobilizon/join",
    "mobilizon/update_event",
    "pleroma/flag",
    "pleroma/flag_legacy_embedded",
    "pleroma/move",
    "pleroma/vote",
    "relay/mastodon_style_accept",
)
PEOPLE = (
    "flohmarkt/actor_person",
    "gotosocial/actor_person",
    "lemmy/actor_group",
    "lemmy/actor_person",
    "lemmy/instance_actor",
    "misskey/actor_person",
    "mitra/actor_person",
    "pleroma/actor_person",
    "pleroma/actor_stripped_unauthenticated",
)


@pytest.fixture
async def share(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path / "data") as made:
        yield made


async def follow_state(share: Town) -> list[tuple[str, ...]]:
    return await share.ask("select a.uri, f.state from follow f join actor a on a.id = f.follower_id order by f.id")


async def posts(share: Town) -> list[tuple[str, ...]]:
    return await share.ask(
        "select p.uri, p.state, c.kind from post p join circle c on c.id = p.circle_id "
        "where p.deleted_at is null order by p.id"
    )


async def reactions(share: Town) -> list[tuple[str, ...]]:
    return await share.ask("select kind, object_uri from reaction order by id")


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


async def test_flohmarkts_listing_of_somebody_followed_is_the_post_that_it_also_is(share: Town) -> None:
    listing = share.payload("flohmarkt/create_note.json")
    assert "flohmarkt:data" in listing["object"]
    await share.hears(listing["actor"])

    await share.receives(listing, kind="application/json")

    assert await posts(share) == [(listing["object"]["id"], "shown", "public")]
    assert await share.ask("select count(*) from proposal where origin <> 'here'") == [(0,)]
    await share.receives("flohmarkt/delete_note.json", kind="application/json")
    assert await posts(share) == []


async def test_stand_alone_proposal_of_somebody_followed_is_kept(share: Town) -> None:
    proposal = share.payload("mitra/proposal.json")
    assert isinstance(proposal["publishes"]["resourceQuantity"]["hasNumericalValue"], str)
    mia = share.person(proposal["attributedTo"])
    await share.hears(mia.uri)

    await share.receives(mia.activity("Create", proposal, to=proposal["to"]))

    kept = await share.ask("select uri, purpose, action, title, quantity from proposal where origin <> 'here'")
    assert kept == [(proposal["id"], "offer", "deliverService", "Pay for subscription", "1")]


async def test_stand_alone_proposal_of_a_stranger_is_not_kept(share: Town) -> None:
    proposal = share.payload("mitra/proposal.json")
    mia = share.person(proposal["attributedTo"])
    await share.is_met(mia.uri)
    before = await share.dump()

    await share.receives(mia.activity("Create", proposal, to=proposal["to"]))

    assert await share.dump() == before


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
    assert await share.dump() == before, "pages of groups are not kept yet"


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


@pytest.mark.parametrize("file", WITHOUT_EFFECT)
async def test_what_has_its_effect_later_is_kept_without_one(share: Town, file: str) -> None:
    payload = share.payload(f"{file}.json")
    await share.is_met(payload["actor"])
    before = await share.dump()

    await share.receives(f"{file}.json")

    assert await share.dump() == before
    row = await share.last()
    assert (row.state, row.type, row.uri) == ("dropped", payload["type"], payload["id"])
    (body,) = (await share.ask("select body from activity_in order by id desc limit 1"))[0]
    assert json.loads(body) == payload


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
