"""What is written to somebody alone stays between them: in a private page, on no other, in no document."""

from typing import Any

import pytest

from fedishare.features.conversations import operations, store
from fedishare.features.proposals import store as proposals
from fedishare.federation.following import blocking
from tests.engines import on_each_engine
from tests.features.conversations.test_replies import answer
from tests.features.proposals.hangar import bike, known
from tests.features.town import Town
from tests.remote import Person

Json = dict[str, Any]


@pytest.fixture
def tomasz(town: Town) -> Person:
    return town.house.network.server("mastodon.example").person("tomasz")


def word(person: Person, town: Town, number: int = 1, **changed: Any) -> Json:
    note = answer(person, "", number, content="<p>Un mot pour vous seule.</p>", to=[town.amel.uri], cc=[])
    return {**note, "inReplyTo": None, **changed}


@on_each_engine
async def test_direct_message_is_read_by_whom_it_is_for_and_nobody_else(town: Town, tomasz: Person) -> None:
    assert town.nadia.id != town.amel.id, "needs somebody else to mean anything"

    state, _ = await town.creates(tomasz, word(tomasz, town))

    assert state == "applied"
    (thread,) = await town.db.read(store.direct_threads, viewer=town.amel.id)
    for stranger in (0, town.nadia.id, town.remise.id):
        assert await town.db.read(store.direct_threads, viewer=stranger) == []
        assert await town.db.read(store.direct_posts, thread.thread_id, viewer=stranger) == []
        assert await town.db.read(store.post_card, thread.thread_id, viewer=stranger) is None


@on_each_engine
async def test_answer_in_a_thread_goes_to_its_people_alone(town: Town, tomasz: Person) -> None:
    await town.creates(tomasz, word(tomasz, town))
    (thread,) = await town.db.read(store.direct_threads, viewer=town.amel.id)

    await town.db.write(
        operations.answer_direct,
        thread.thread_id,
        "Avec plaisir.",
        by=town.amel,
        language="fr",
        here=town.here,
        now=town.now,
    )
    await town.house.deliver()

    create = tomasz.server.letters[-1]
    assert (create["to"], create["cc"]) == ([tomasz.uri], [])
    assert create["object"]["interactionPolicy"]["canQuote"]["automaticApproval"] == [town.amel.uri]
    assert (await town.asks(create["object"]["id"])).status_code == 404
    assert len(await town.db.read(store.direct_posts, thread.thread_id, viewer=town.amel.id)) == 2


@on_each_engine
async def test_direct_answer_to_a_public_offer_is_not_shown_under_it(town: Town, tomasz: Person) -> None:
    """flohmarkt answers an offer with a direct message."""
    drill = await town.publishes(town.amel)

    await town.creates(tomasz, word(tomasz, town, inReplyTo=drill.uri))

    for viewer in (0, town.amel.id):
        assert await town.db.read(store.shown_under, drill.id, viewer=viewer) == []
    assert await town.db.read(store.held_for, town.amel.id) == []
    (thread,) = await town.db.read(store.direct_threads, viewer=town.amel.id)
    (post,) = await town.db.read(store.direct_posts, thread.thread_id, viewer=town.amel.id)
    assert post.proposal_id == drill.id


async def test_public_answer_to_a_private_word_does_not_open_the_thread(town: Town, tomasz: Person) -> None:
    await town.creates(tomasz, word(tomasz, town))
    private = word(tomasz, town)["id"]

    await town.creates(tomasz, answer(tomasz, private, 2, cc=[town.amel.uri]))

    (thread,) = await town.db.read(store.direct_threads, viewer=town.amel.id)
    assert len(await town.db.read(store.direct_posts, thread.thread_id, viewer=town.amel.id)) == 1


async def test_private_word_to_others_is_dropped(town: Town, tomasz: Person) -> None:
    await town.follows(tomasz)
    note = word(tomasz, town, to=["https://elsewhere.example/users/eve"])

    state, _ = await town.creates(tomasz, note)

    assert state == "dropped"


async def test_addressed_to_nobody_is_as_private_as_can_be(town: Town, tomasz: Person) -> None:
    await town.follows(tomasz)

    state, _ = await town.creates(tomasz, word(tomasz, town, to=[], cc=[]))

    assert state == "dropped"


@on_each_engine
async def test_messages_page_shows_ones_own_and_the_associations_to_its_admins(town: Town, tomasz: Person) -> None:
    await town.creates(tomasz, word(tomasz, town))
    await town.creates(tomasz, word(tomasz, town, 2, to=[town.remise.uri], content="<p>Bonjour La Remise</p>"))

    town.signs_in(town.amel)
    mine = await town.asks("/messages", accept="text/html")
    town.signs_in(town.nadia, admin=True)
    hers = await town.asks("/messages", accept="text/html")

    assert "pour vous seule" in mine.text
    assert "Bonjour La Remise" not in mine.text
    assert "Bonjour La Remise" in hers.text
    assert "pour vous seule" not in hers.text


async def test_thread_of_others_answers_as_if_it_were_not_there(town: Town, tomasz: Person) -> None:
    await town.creates(tomasz, word(tomasz, town))
    (thread,) = await town.db.read(store.direct_threads, viewer=town.amel.id)

    town.signs_in(town.nadia, admin=True)
    hers = await town.asks(f"/messages/{thread.thread_id}", accept="text/html")
    town.signs_in(town.amel)
    mine = await town.asks(f"/messages/{thread.thread_id}", accept="text/html")

    assert (hers.status_code, mine.status_code) == (404, 200)
    assert "pour vous seule" in mine.text


async def test_form_of_the_thread_sends_the_answer(town: Town, tomasz: Person) -> None:
    await town.creates(tomasz, word(tomasz, town))
    (thread,) = await town.db.read(store.direct_threads, viewer=town.amel.id)
    town.signs_in(town.amel)

    sent = await town.asks(f"/messages/{thread.thread_id}", data={"text": "Avec plaisir."})
    empty = await town.asks(f"/messages/{thread.thread_id}", data={"text": ""})

    assert (sent.status_code, empty.status_code) == (303, 422)
    assert len(await town.db.read(store.direct_posts, thread.thread_id, viewer=town.amel.id)) == 2


@on_each_engine
async def test_member_writes_to_the_owner_of_a_remote_offer_alone(town: Town, tomasz: Person) -> None:
    await town.follows(tomasz)
    await town.creates(tomasz, bike(tomasz))
    (card,) = await known(town)
    town.signs_in(town.amel)

    sent = await town.asks(f"/proposals/{card.id}/write", data={"text": "Puis-je passer ce soir ?"})
    await town.house.deliver()

    create = tomasz.server.letters[-1]
    assert (create["to"], create["cc"], create["object"]["inReplyTo"]) == ([tomasz.uri], [], card.uri)
    assert "ce soir" in (await town.asks(sent.headers["location"], accept="text/html")).text
    assert "ce soir" not in (await town.asks(card.path, accept="text/html")).text


@on_each_engine
async def test_thread_nobody_answered_yet_bears_the_name_of_whom_it_is_for(town: Town, tomasz: Person) -> None:
    await town.follows(tomasz)
    await town.creates(tomasz, bike(tomasz))
    (card,) = await known(town)
    town.signs_in(town.amel)

    sent = await town.asks(f"/proposals/{card.id}/write", data={"text": "Puis-je passer ce soir ?"})
    thread = await town.asks(sent.headers["location"], accept="text/html")
    listed = await town.asks("/messages", accept="text/html")

    assert "<h1>Messages avec Tomasz</h1>" in thread.text
    assert ">Tomasz</a>" in listed.text


async def test_nobody_writes_to_themselves(town: Town) -> None:
    drill = await town.publishes(town.amel)
    town.signs_in(town.amel)

    answer = await town.asks(f"/proposals/{drill.id}/write", data={"text": "Note à moi-même"})

    assert answer.status_code == 422


async def test_private_proposal_is_no_listing(town: Town, tomasz: Person) -> None:
    await town.follows(tomasz)
    intent = {"id": tomasz.server.url("/notes/1#primary"), "action": "use"}

    await town.creates(tomasz, word(tomasz, town, purpose="offer", publishes=intent))

    found = await town.db.read(
        proposals.open_proposals,
        proposals.Wanted(),
        viewer=town.amel.id,
        now=town.now,
        before=proposals.Cursor(),
        size=9,
    )
    assert found == []
    assert len(await town.db.read(store.direct_threads, viewer=town.amel.id)) == 1


@on_each_engine
@pytest.mark.parametrize("who", ["the reader", "the writer"])
async def test_nothing_is_written_where_one_of_the_two_has_blocked_the_other(
    town: Town, tomasz: Person, who: str
) -> None:
    reader = await town.house.fetcher.actor(tomasz.uri)
    if who == "the reader":
        await town.gets(tomasz, tomasz.activity("Block", town.amel.uri))
    else:
        await town.db.write(blocking.block, town.amel, reader, here=town.here, now=town.now)

    with pytest.raises(operations.NothingPasses):
        await town.db.write(
            operations.send_direct, "Un mot.", by=town.amel, to=[reader], language="fr", here=town.here, now=town.now
        )

    assert await town.db.read(store.direct_threads, viewer=town.amel.id) == []


@on_each_engine
async def test_letter_to_several_goes_to_those_who_want_it(town: Town, tomasz: Person) -> None:
    reader = await town.house.fetcher.actor(tomasz.uri)
    await town.gets(tomasz, tomasz.activity("Block", town.amel.uri))

    post = await town.db.write(
        operations.send_direct,
        "Un mot.",
        by=town.amel,
        to=[reader, town.nadia],
        language="fr",
        here=town.here,
        now=town.now,
    )

    assert await town.db.read(store.readers_of, post.circle_id) == sorted([town.nadia.id, town.amel.id])


@on_each_engine
async def test_whom_the_steward_has_blocked_does_not_answer(town: Town) -> None:
    drill = await town.publishes(town.remise)
    await town.db.write(blocking.block, town.remise, town.amel, here=town.here, now=town.now)

    with pytest.raises(operations.NothingPasses):
        await town.db.write(
            operations.reply, drill.uri, "Moi !", by=town.amel, language="fr", here=town.here, now=town.now
        )


@on_each_engine
async def test_letter_of_somebody_blocked_is_not_kept(town: Town, tomasz: Person) -> None:
    blocked = await town.house.fetcher.actor(tomasz.uri)
    await town.db.write(blocking.block, town.amel, blocked, here=town.here, now=town.now)

    state, _ = await town.creates(tomasz, word(tomasz, town))

    assert state == "dropped"
    assert await town.db.read(store.direct_threads, viewer=town.amel.id) == []
