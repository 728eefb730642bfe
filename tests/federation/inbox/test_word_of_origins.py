"""What somebody else passes on or hands on: its origin is asked, and says what it says."""

import pytest

from fedishare.federation.signatures.proofs import prove
from tests.federation.inbox.looking import rows
from tests.federation.inbox.test_proved_words import a_note, proof_key
from tests.house import BASE_URL, House
from tests.remote import Json, Person, Reply

LD = {"type": "RsaSignature2017"}
"""Whoever forwards leaves the author's own proof in it."""


async def outcome(remise: House) -> tuple[str, str]:
    (row,) = await rows(remise)
    return row.state, row.outcome or ""


async def takes(remise: House, signer: Person, activity: Json) -> None:
    answer = await signer.post(remise.inbox, activity, now=remise.clock.now())
    assert answer.status_code == 202
    await remise.apply()


async def test_forwarded_announce_counts_as_its_origin_shows_it(remise: House, amel: Person, tomasz: Person) -> None:
    remise.listens_to(("Announce", "Note"))
    note = tomasz.server.note("/notes/1", tomasz)
    announce = tomasz.activity("Announce", note["id"]) | {"id": tomasz.server.url("/announces/1")}
    tomasz.server.serve("/announces/1", announce)

    await takes(remise, amel, {**announce, "object": amel.server.url("/another"), "signature": LD})

    (received,) = remise.told
    assert (received.actor.uri, received.object) == (tomasz.uri, note)


async def test_forwarded_announce_of_nothing_is_told_as_it_is(remise: House, amel: Person, tomasz: Person) -> None:
    remise.listens_to(("Announce", "*"))
    announce = tomasz.activity("Announce", []) | {"id": tomasz.server.url("/announces/1")}
    tomasz.server.serve("/announces/1", announce)

    await takes(remise, amel, {**announce, "signature": LD})

    (received,) = remise.told
    assert received.activity.object_id is None
    assert received.object is None


@pytest.mark.parametrize("other", [{"type": "Like"}, {"actor": "https://misskey.example/users/somebody"}])
async def test_forwarded_announce_that_its_origin_shows_as_something_else_is_nobodys(
    remise: House, amel: Person, tomasz: Person, other: Json
) -> None:
    note = tomasz.server.note("/notes/1", tomasz)
    announce = tomasz.activity("Announce", note["id"]) | {"id": tomasz.server.url("/announces/1")}
    tomasz.server.serve("/announces/1", announce | other)

    await takes(remise, amel, {**announce, "signature": LD})

    assert await outcome(remise) == ("dropped", "somebody else passed it on, and its origin cannot be asked")


async def test_group_hands_on_nothing_that_somebody_here_did(remise: House, amel: Person) -> None:
    inner = {"type": "Like", "actor": f"{BASE_URL}/users/remise", "object": amel.uri}

    await takes(remise, amel, amel.activity("Announce", inner))

    assert await outcome(remise) == ("dropped", "it hands on what somebody here is said to have done")


async def test_forwarded_farewell_to_what_lives_elsewhere_deletes_nothing(
    remise: House, amel: Person, tomasz: Person
) -> None:
    farewell = tomasz.activity("Delete", "https://lemmy.example/notes/1", signature=LD)

    await takes(remise, amel, farewell)

    assert await outcome(remise) == ("dropped", "it deletes what lives elsewhere")


async def test_forwarded_farewell_is_believed_where_a_tombstone_stands(
    remise: House, amel: Person, tomasz: Person
) -> None:
    remise.listens_to(("Delete", "*"))
    uri = tomasz.server.url("/notes/1")
    tomasz.server.serve("/notes/1", {"id": uri, "type": "Tombstone"})

    await takes(remise, amel, tomasz.activity("Delete", uri, signature=LD))

    assert len(remise.told) == 1


async def test_forwarded_words_are_not_looked_for_here(remise: House, amel: Person, tomasz: Person) -> None:
    note = {"id": f"{BASE_URL}/posts/1", "type": "Note", "attributedTo": tomasz.uri}

    await takes(remise, amel, tomasz.activity("Create", note, signature=LD))

    assert await outcome(remise) == ("dropped", "it embeds what lives here")


async def test_words_that_are_gone_at_their_origin_were_never_said(remise: House, amel: Person) -> None:
    amel.server.serve("/notes/1", Reply(410))

    await takes(remise, amel, amel.activity("Create", amel.server.url("/notes/1")))

    assert await outcome(remise) == ("dropped", "its origin says that it is gone")


async def test_words_of_somebody_who_is_gone_are_nobodys(remise: House, amel: Person, tomasz: Person) -> None:
    note = tomasz.server.note("/notes/1", tomasz)
    tomasz.server.serve("/users/tomasz", Reply(410))

    await takes(remise, amel, tomasz.activity("Create", note, signature=LD))

    state, why = await outcome(remise)
    assert state == "dropped"
    assert why.startswith("nobody vouches for its actor")


async def test_group_hands_on_nothing_that_was_handed_on(remise: House, amel: Person, tomasz: Person) -> None:
    inner = tomasz.activity("Announce", amel.uri)

    await takes(remise, amel, amel.activity("Announce", inner))

    assert await outcome(remise) == ("dropped", "it hands on what was handed on")


async def test_profile_that_a_moderator_changes_is_asked_of_its_own_server(remise: House, amel: Person) -> None:
    group = amel.server.person("velos")
    await takes(remise, group, group.activity("Like", amel.uri))
    amel.server.asked.clear()

    await amel.post(remise.inbox, amel.activity("Update", {"id": group.uri, "type": "Person"}), now=remise.clock.now())
    await remise.apply()

    assert (await rows(remise))[-1].outcome == "a profile is its owner's: their own server was asked instead"
    assert "/users/velos" in [asked.path for asked in amel.server.asked]


async def test_proved_word_without_an_id_may_be_an_old_one(remise: House, amel: Person, tomasz: Person) -> None:
    remise.listens_to(("Create", "Note"))
    nameless = {name: value for name, value in a_note(amel).items() if name != "id"}

    await takes(remise, tomasz, prove(nameless, key=proof_key(amel), now=remise.clock.now()))

    assert await outcome(remise) == ("dropped", "without an id, nobody can tell whether it came before")


async def test_profile_of_somebody_unknown_here_is_not_asked_for(remise: House, amel: Person) -> None:
    group = amel.server.person("velos")

    await takes(remise, amel, amel.activity("Update", {"id": group.uri, "type": "Person"}))

    assert await outcome(remise) == ("dropped", "a profile is its owner's: their own server was asked instead")
    assert "/users/velos" not in [asked.path for asked in amel.server.asked]
