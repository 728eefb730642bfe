"""On whose word an activity is applied: its signer's, or that of its own origin (SECURITY 0.1 to 0.3)."""

import asyncio

import pytest

from fedishare.foundation.values.clock import MINUTE
from tests.federation.inbox.looking import rows, states
from tests.house import BASE_URL, House
from tests.remote import Person, Reply, until


async def test_object_given_by_its_id_is_asked_of_its_origin(remise: House, amel: Person) -> None:
    remise.listens_to(("Create", "Note"))
    note = amel.server.note("/notes/1", amel)
    await amel.post(remise.inbox, amel.activity("Create", note["id"]), now=remise.clock.now())

    await remise.apply()

    (received,) = remise.told
    assert received.object == note


async def test_embedded_object_of_another_origin_does_not_count(remise: House, amel: Person, tomasz: Person) -> None:
    remise.listens_to(("Announce", "Note"))
    note = tomasz.server.note("/notes/1", tomasz, content="<p>vrai</p>")
    fake = {**note, "content": "<p>faux</p>"}
    await amel.post(remise.inbox, amel.activity("Announce", fake), now=remise.clock.now())

    await remise.apply()

    (received,) = remise.told
    assert received.object is not None
    assert received.object["content"] == "<p>vrai</p>"


async def test_own_words_at_an_address_of_another_origin_are_asked_there(
    remise: House, amel: Person, tomasz: Person
) -> None:
    remise.listens_to(("Create", "Note"))
    squatted = {**amel.server.note("/notes/1", amel), "id": tomasz.server.url("/notes/1")}
    await amel.post(remise.inbox, amel.activity("Create", squatted), now=remise.clock.now())

    await remise.apply()

    assert not remise.told
    (row,) = await rows(remise)
    assert (row.state, row.outcome) == ("dropped", "its origin does not show it: 404")


async def test_nobody_hands_on_what_somebody_here_is_said_to_have_done(remise: House, amel: Person) -> None:
    remise.listens_to(("Create", "Note"))
    note = amel.server.note("/notes/1", amel)
    forged = {**amel.activity("Create", note, signature={"type": "x"}), "actor": f"{BASE_URL}/users/remise", "id": ""}
    answer = await amel.post(remise.inbox, forged, now=remise.clock.now())
    assert answer.status_code == 202

    await remise.apply()

    (row,) = await rows(remise)
    assert (row.state, row.outcome) == ("dropped", "it claims to be said by somebody who lives here")


@pytest.mark.parametrize("author", ["https://mastodon.example/users/somebody", "https://misskey.example/users/tomasz"])
async def test_nobody_creates_in_anothers_name(remise: House, amel: Person, author: str) -> None:
    remise.listens_to(("Create", "Note"))
    note = {**amel.server.note("/notes/1", amel), "attributedTo": author}
    await amel.post(remise.inbox, amel.activity("Create", note), now=remise.clock.now())

    await remise.apply()

    assert not remise.told
    (row,) = await rows(remise)
    assert (row.state, row.outcome) == ("dropped", "it is attributed to somebody else")


async def test_member_writes_in_the_name_of_a_group_of_the_same_server(remise: House, amel: Person) -> None:
    remise.listens_to(("Create", "Event"))
    event = {
        **amel.server.note("/events/1", amel),
        "type": "Event",
        "attributedTo": amel.server.url("/@groupe"),
        "actor": amel.uri,
    }
    await amel.post(remise.inbox, amel.activity("Create", event), now=remise.clock.now())

    await remise.apply()

    assert len(remise.told) == 1


async def test_forwarded_note_is_asked_of_its_origin(remise: House, amel: Person, tomasz: Person) -> None:
    remise.listens_to(("Create", "Note"))
    note = tomasz.server.note("/notes/1", tomasz, content="<p>vrai</p>")
    forwarded = tomasz.activity("Create", {**note, "content": "<p>faux</p>"}, signature={"type": "RsaSignature2017"})
    answer = await amel.post(remise.inbox, forwarded, now=remise.clock.now())
    assert answer.status_code == 202

    await remise.apply()

    (received,) = remise.told
    assert received.actor.uri == tomasz.uri
    assert received.object is not None
    assert received.object["content"] == "<p>vrai</p>"


@pytest.mark.parametrize(
    ("reply", "believed"), [(Reply(410), True), (Reply(404), True), (None, False), (Reply(500), False)]
)
async def test_forwarded_farewell_needs_the_origin_to_say_so(
    remise: House, amel: Person, tomasz: Person, reply: Reply | None, believed: bool
) -> None:
    remise.listens_to(("Delete", "*"), ("Delete", "Tombstone"))
    note = tomasz.server.note("/notes/1", tomasz)
    if reply is not None:
        tomasz.server.serve("/notes/1", reply)
    forwarded = tomasz.activity("Delete", note["id"], signature={"type": "RsaSignature2017"})
    await amel.post(remise.inbox, forwarded, now=remise.clock.now())

    await remise.apply()

    assert bool(remise.told) is believed


async def test_group_hands_on_what_its_members_did_and_the_origin_is_asked(
    remise: House, amel: Person, tomasz: Person
) -> None:
    remise.listens_to(("Create", "Note"), ("Announce", "*"))
    group = remise.network.server("lemmy.example").person("velos")
    note = tomasz.server.note("/notes/1", tomasz)
    inner = tomasz.activity("Create", {**note, "content": "<p>faux</p>"})
    await group.post(remise.inbox, group.activity("Announce", inner), now=remise.clock.now())

    await remise.apply()

    (received,) = remise.told
    assert (received.activity.type, received.actor.uri, received.object) == ("Create", tomasz.uri, note)


async def test_origin_that_does_not_answer_now_is_asked_again_later(remise: House, amel: Person) -> None:
    remise.listens_to(("Create", "Note"))
    note = amel.server.note("/notes/1", amel)
    served = amel.server.documents["/notes/1"]
    amel.server.serve("/notes/1", Reply(503))
    await amel.post(remise.inbox, amel.activity("Create", note["id"]), now=remise.clock.now())
    await remise.apply()
    assert await states(remise) == [("Create", "waiting")]

    amel.server.serve("/notes/1", served)
    remise.clock.advance(MINUTE)
    await remise.apply()

    assert await states(remise) == [("Create", "applied")]


async def test_origin_that_takes_its_time_holds_up_nobody_else(remise: House, amel: Person, tomasz: Person) -> None:
    remise.listens_to(("Create", "Note"), ("Like", "*"))
    note = amel.server.note("/notes/1", amel)
    served = amel.server.documents["/notes/1"]
    amel.server.serve("/notes/1", Reply(200, served.body, served.headers, after_s=2.0))
    await amel.post(remise.inbox, amel.activity("Create", note["id"]), now=remise.clock.now())
    await tomasz.post(remise.inbox, tomasz.activity("Like", f"{BASE_URL}/1"), now=remise.clock.now())

    working = asyncio.create_task(remise.apply())
    await until(lambda: bool(remise.told), seconds=1.5)

    assert [received.activity.type for received in remise.told] == ["Like"]
    await working
    assert [received.activity.type for received in remise.told] == ["Like", "Create"]
