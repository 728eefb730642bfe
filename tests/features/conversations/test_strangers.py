"""What people from elsewhere try who were not asked: into a private thread, past the steward, into another's words."""

from typing import Any

import pytest

from fedishare.features.conversations import operations, store
from fedishare.features.conversations.model import PostCard
from fedishare.features.proposals.model import Proposal
from fedishare.federation.vocabulary.reading import PUBLIC
from fedishare.foundation.values.errors import NotAllowed, NotFound
from tests.engines import on_each_engine
from tests.features.conversations.test_private_messages import word
from tests.features.conversations.test_replies import answer
from tests.features.proposals.hangar import bike, known
from tests.features.town import Town
from tests.remote import Person

Json = dict[str, Any]


@pytest.fixture
def tomasz(town: Town) -> Person:
    return town.house.network.server("mastodon.example").person("tomasz")


@pytest.fixture
def eve(town: Town) -> Person:
    """Followed by nobody here."""
    return town.house.network.server("evil.example").person("eve")


async def approved(town: Town, person: Person) -> tuple[Proposal, Json]:
    """A reply of theirs that may be read under an offer here."""
    drill = await town.publishes(town.remise)
    note = answer(person, drill.uri)
    await town.creates(person, note)
    (held,) = await town.db.read(store.held_for, town.remise.id)
    await town.db.write(operations.approve, held.id, by=[town.remise.id], here=town.here, now=town.now)
    return drill, note


async def under(town: Town, proposal_id: int) -> list[PostCard]:
    return await town.db.read(store.shown_under, proposal_id, viewer=0)


@on_each_engine
async def test_stranger_who_names_one_of_ours_under_a_remote_offer_waits_for_them(
    town: Town, tomasz: Person, eve: Person
) -> None:
    await town.follows(tomasz)
    offer = bike(tomasz)
    await town.creates(tomasz, offer)
    (card,) = await known(town)

    state, _ = await town.creates(eve, answer(eve, offer["id"], cc=[town.amel.uri]))

    assert state == "applied"
    assert await under(town, card.id) == []
    (held,) = await town.db.read(store.held_for, town.amel.id)
    assert held.uri == eve.server.url("/notes/1")


@on_each_engine
async def test_nobody_enters_a_private_thread_by_knowing_its_id(town: Town, tomasz: Person, eve: Person) -> None:
    first = word(tomasz, town)
    await town.creates(tomasz, first)
    (thread,) = await town.db.read(store.direct_threads, viewer=town.amel.id)

    await town.creates(eve, word(eve, town, inReplyTo=first["id"]))

    told = await town.db.read(store.direct_posts, thread.thread_id, viewer=town.amel.id)
    assert [card.uri for card in told] == [first["id"]]
    assert len(await town.db.read(store.direct_threads, viewer=town.amel.id)) == 2


@on_each_engine
async def test_words_that_were_validated_wait_again_when_they_become_others(town: Town, tomasz: Person) -> None:
    drill, note = await approved(town, tomasz)
    assert len(await under(town, drill.id)) == 1

    edited = {**note, "content": "<p>Achetez ma montre.</p>", "updated": "2026-11-23T12:30:00Z"}
    await town.gets(tomasz, tomasz.activity("Update", edited, to=edited["to"]))

    assert await under(town, drill.id) == []
    (held,) = await town.db.read(store.held_for, town.remise.id)
    assert held.content == "<p>Achetez ma montre.</p>"


async def test_update_that_changes_no_word_does_not_wait(town: Town, tomasz: Person) -> None:
    drill, note = await approved(town, tomasz)

    edited = {**note, "updated": "2026-11-23T12:30:00Z"}
    await town.gets(tomasz, tomasz.activity("Update", edited, to=edited["to"]))

    assert len(await under(town, drill.id)) == 1


@on_each_engine
async def test_delete_by_another_server_does_not_undo_the_authors(town: Town, tomasz: Person, eve: Person) -> None:
    drill = await town.publishes(town.remise)
    note = answer(tomasz, drill.uri)
    for person in (tomasz, eve):
        await town.is_followed_by(person)

    state, _ = await town.gets(eve, eve.activity("Delete", note["id"]))
    await town.gets(tomasz, tomasz.activity("Delete", {"id": note["id"], "type": "Tombstone"}))
    await town.creates(tomasz, note)

    assert state == "dropped"
    assert await town.db.read(store.held_for, town.remise.id) == []


@on_each_engine
async def test_private_word_is_not_deleted_by_somebody_else_because_its_server_hides_it(
    town: Town, tomasz: Person, eve: Person
) -> None:
    said = word(tomasz, town)
    await town.creates(tomasz, said)
    (thread,) = await town.db.read(store.direct_threads, viewer=town.amel.id)

    forged = {**tomasz.activity("Delete", said["id"]), "signature": {"type": "RsaSignature2017"}}
    state, why = await town.gets(eve, forged)

    assert (state, why) == ("dropped", "its origin hides it from us, gone or not")
    assert len(await town.db.read(store.direct_posts, thread.thread_id, viewer=town.amel.id)) == 1


@on_each_engine
async def test_what_only_followers_may_read_is_answered_in_private(town: Town, tomasz: Person) -> None:
    await town.follows(tomasz, by=town.amel)
    offer = bike(tomasz, to=[f"{tomasz.uri}/followers"], cc=[])
    await town.creates(tomasz, offer)

    post = await town.db.write(
        operations.reply, offer["id"], "Pour moi ?", by=town.amel, language="fr", here=town.here, now=town.now
    )

    assert (await town.asks(f"/posts/{post.id}")).status_code == 404
    (create,) = [said for said in await town.said(town.amel) if said["type"] == "Create"]
    assert (create["to"], create["cc"]) == ([tomasz.uri], [])
    assert PUBLIC not in str(create)


async def test_post_that_one_may_not_read_is_refused_as_if_it_were_not_there(town: Town, tomasz: Person) -> None:
    await town.creates(tomasz, word(tomasz, town))
    (thread,) = await town.db.read(store.direct_threads, viewer=town.amel.id)
    by = [town.nadia.id, town.remise.id]

    for number in (thread.thread_id, thread.thread_id + 1):
        with pytest.raises(NotFound):
            await town.db.write(operations.approve, number, by=by, here=town.here, now=town.now)
        with pytest.raises(NotFound):
            await town.db.write(operations.refuse, number, by=by)
        with pytest.raises(NotFound):
            await town.db.write(operations.delete_post, number, by=by, here=town.here, now=town.now)


async def test_post_that_everybody_reads_is_deleted_by_its_author_alone(town: Town, tomasz: Person) -> None:
    drill, _note = await approved(town, tomasz)
    (card,) = await under(town, drill.id)

    with pytest.raises(NotAllowed):
        await town.db.write(operations.delete_post, card.id, by=[town.amel.id], here=town.here, now=town.now)


@on_each_engine
async def test_neighbour_on_the_same_server_neither_changes_nor_deletes_a_reply(town: Town, tomasz: Person) -> None:
    drill, note = await approved(town, tomasz)
    neighbour = tomasz.server.person("neighbour")
    taken = {**note, "attributedTo": neighbour.uri, "content": "<p>À moi.</p>", "updated": "2026-11-23T12:30:00Z"}

    changed, _ = await town.gets(neighbour, neighbour.activity("Update", taken, to=taken["to"]))
    deleted, _ = await town.gets(neighbour, neighbour.activity("Delete", {"id": note["id"], "type": "Tombstone"}))

    assert (changed, deleted) == ("dropped", "dropped")
    assert [card.content for card in await under(town, drill.id)] == [note["content"]]


@on_each_engine
async def test_whoever_is_followed_here_waits_like_everybody_under_what_is_ours(town: Town, tomasz: Person) -> None:
    await town.follows(tomasz)
    drill = await town.publishes(town.remise)

    await town.creates(tomasz, answer(tomasz, drill.uri))

    assert await under(town, drill.id) == []
    assert len(await town.db.read(store.held_for, town.remise.id)) == 1


@on_each_engine
async def test_nobody_lets_their_own_reply_appear(town: Town) -> None:
    drill = await town.publishes(town.remise)
    post = await town.db.write(
        operations.reply, drill.uri, "Moi !", by=town.amel, language="fr", here=town.here, now=town.now
    )

    with pytest.raises(NotAllowed):
        await town.db.write(operations.approve, post.id, by=[town.amel.id], here=town.here, now=town.now)

    assert await under(town, drill.id) == []


async def test_reply_that_never_appeared_is_taken_back_without_a_word(town: Town) -> None:
    drill = await town.publishes(town.remise)
    post = await town.db.write(
        operations.reply, drill.uri, "Moi !", by=town.amel, language="fr", here=town.here, now=town.now
    )

    await town.db.write(operations.delete_post, post.id, by=[town.amel.id], here=town.here, now=town.now)

    assert await town.said(town.amel) == []
    assert await town.db.read(store.held_for, town.remise.id) == []


@on_each_engine
async def test_two_who_write_about_one_offer_alone_have_a_thread_each(town: Town, tomasz: Person, eve: Person) -> None:
    drill = await town.publishes(town.amel)

    for person in (tomasz, eve):
        await town.creates(person, word(person, town, inReplyTo=drill.uri))

    threads = await town.db.read(store.direct_threads, viewer=town.amel.id)
    assert len({thread.thread_id for thread in threads}) == 2


async def test_nothing_private_is_liked_or_passed_on_by_who_knows_its_id(
    town: Town, tomasz: Person, eve: Person
) -> None:
    said = word(tomasz, town)
    await town.creates(tomasz, said)

    for kind in ("Like", "Announce"):
        state, _ = await town.gets(eve, eve.activity(kind, said["id"]))
        assert state == "dropped", kind

    assert await town.db.read(store.count_reactions, said["id"]) == {}


async def test_nobody_answers_in_a_thread_that_is_not_theirs(town: Town, tomasz: Person) -> None:
    await town.creates(tomasz, word(tomasz, town))
    (thread,) = await town.db.read(store.direct_threads, viewer=town.amel.id)

    with pytest.raises(NotFound):
        await town.db.write(
            operations.answer_direct,
            thread.thread_id,
            "Moi aussi !",
            by=town.nadia,
            language="fr",
            here=town.here,
            now=town.now,
        )
