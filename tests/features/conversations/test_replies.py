"""Answers to what is published here wait for whoever answers for it; ours to others go out signed by who wrote them."""

from typing import Any

import pytest

from fedishare.features.conversations import operations, store
from fedishare.features.conversations.model import PostCard
from fedishare.features.proposals import operations as proposals
from fedishare.features.proposals.model import Proposal
from fedishare.federation.vocabulary.reading import PUBLIC
from fedishare.foundation.values.errors import Gone, Invalid, NotFound
from tests.engines import on_each_engine
from tests.features.proposals.hangar import bike, known
from tests.features.town import Town
from tests.remote import Person

Json = dict[str, Any]
ASKED = "<p>Est-elle libre samedi ?</p>"


@pytest.fixture
def tomasz(town: Town) -> Person:
    """On Mastodon, followed by nobody here."""
    return town.house.network.server("mastodon.example").person("tomasz")


def answer(person: Person, about: str, number: int = 1, **changed: Any) -> Json:
    return {
        "id": person.server.url(f"/notes/{number}"),
        "type": "Note",
        "attributedTo": person.uri,
        "content": ASKED,
        "published": "2026-11-23T11:59:00Z",
        "inReplyTo": about,
        "to": [PUBLIC],
        "cc": [f"{person.uri}/followers", "https://share.example/users/remise"],
        **changed,
    }


async def shown(town: Town, proposal: Proposal) -> list[PostCard]:
    return await town.db.read(store.shown_under, proposal.id, viewer=0)


async def waiting(town: Town) -> list[PostCard]:
    return await town.db.read(store.held_for, town.remise.id)


async def replies(town: Town, about: str, by: Any, words: str = "Je la prends samedi.") -> Any:
    return await town.db.write(operations.reply, about, words, by=by, language="fr", here=town.here, now=town.now)


@on_each_engine
async def test_reply_from_elsewhere_is_shown_only_once_the_steward_says_so(town: Town, tomasz: Person) -> None:
    drill = await town.publishes(town.remise)

    state, _ = await town.creates(tomasz, answer(tomasz, drill.uri))

    assert state == "applied"
    assert await shown(town, drill) == []
    (held,) = await waiting(town)
    await town.db.write(operations.approve, held.id, by=[town.remise.id], here=town.here, now=town.now)
    assert [card.content for card in await shown(town, drill)] == [ASKED]
    page = await town.asks(f"/@remise/{drill.id}", accept="text/html")
    assert "libre samedi" in page.text
    assert "@tomasz@mastodon.example" in page.text


@on_each_engine
async def test_refused_reply_never_appears_and_is_decided_once(town: Town, tomasz: Person) -> None:
    drill = await town.publishes(town.remise)
    await town.creates(tomasz, answer(tomasz, drill.uri))
    (held,) = await waiting(town)

    await town.db.write(operations.refuse, held.id, by=[town.remise.id])

    assert (await shown(town, drill), await waiting(town)) == ([], [])
    with pytest.raises(operations.AlreadyDecided):
        await town.db.write(operations.approve, held.id, by=[town.remise.id], here=town.here, now=town.now)


async def test_only_the_steward_decides(town: Town, tomasz: Person) -> None:
    drill = await town.publishes(town.remise)
    await town.creates(tomasz, answer(tomasz, drill.uri))
    (held,) = await waiting(town)

    for stranger in ([], [town.amel.id]):
        with pytest.raises(NotFound):
            await town.db.write(operations.approve, held.id, by=stranger, here=town.here, now=town.now)
    assert await shown(town, drill) == []


@on_each_engine
async def test_same_reply_twice_waits_once(town: Town, tomasz: Person) -> None:
    drill = await town.publishes(town.remise)

    for _ in range(2):
        await town.creates(tomasz, answer(tomasz, drill.uri))

    assert len(await waiting(town)) == 1


async def test_answer_to_an_answer_waits_too(town: Town, tomasz: Person) -> None:
    drill = await town.publishes(town.remise)
    await town.creates(tomasz, answer(tomasz, drill.uri))
    (first,) = await waiting(town)
    await town.db.write(operations.approve, first.id, by=[town.remise.id], here=town.here, now=town.now)

    await town.creates(tomasz, answer(tomasz, first.uri, 2))

    assert [card.proposal_id for card in await waiting(town)] == [drill.id]
    assert len(await shown(town, drill)) == 1


@on_each_engine
async def test_members_reply_waits_and_goes_out_when_it_is_shown(town: Town) -> None:
    drill = await town.publishes(town.remise)

    post = await replies(town, drill.uri, town.amel)

    assert await shown(town, drill) == []
    assert await town.said(town.amel) == []
    await town.db.write(operations.approve, post.id, by=[town.remise.id], here=town.here, now=town.now)
    assert [card.id for card in await shown(town, drill)] == [post.id]
    (create,) = await town.said(town.amel)
    assert create["object"]["inReplyTo"] == drill.uri


async def test_reply_that_waits_or_was_refused_is_read_at_no_address(town: Town) -> None:
    drill = await town.publishes(town.remise)
    post = await replies(town, drill.uri, town.amel)

    async def statuses() -> list[int]:
        paths = ((f"/posts/{post.id}", "application/activity+json"), (f"/@amel/{post.id}", "text/html"))
        return [(await town.asks(path, accept=accept)).status_code for path, accept in paths]

    assert await statuses() == [404, 404]
    assert (await town.asks(f"/proposals/{drill.id}/replies")).json()["totalItems"] == 0
    town.signs_in(town.amel)
    assert (await town.asks(f"/posts/{post.id}")).status_code == 200, "its author may look"
    town.viewer = None
    await town.db.write(operations.refuse, post.id, by=[town.remise.id])
    assert await statuses() == [404, 404]


async def test_steward_answers_without_waiting(town: Town) -> None:
    drill = await town.publishes(town.amel)

    await replies(town, drill.uri, town.amel)

    assert len(await shown(town, drill)) == 1


@on_each_engine
async def test_reply_to_a_remote_proposal_goes_to_its_owner_signed_by_the_member(town: Town, tomasz: Person) -> None:
    await town.follows(tomasz)
    await town.creates(tomasz, bike(tomasz))
    (card,) = await known(town)

    await replies(town, card.uri, town.amel)
    await town.house.deliver()

    create = tomasz.server.letters[-1]
    note = create["object"]
    assert (create["type"], create["actor"], note["inReplyTo"]) == ("Create", town.amel.uri, card.uri)
    assert note["to"] == create["to"] == [tomasz.uri]
    assert note["cc"] == create["cc"] == [PUBLIC, town.amel.followers]
    assert "context" not in note, "none is made up for somebody else's thread"
    assert note["tag"] == [{"type": "Mention", "href": tomasz.uri, "name": "@tomasz@mastodon.example"}]
    signed = next(asked for asked in reversed(tomasz.server.asked) if asked.method == "POST")
    assert f'keyId="{town.amel.uri}#main-key"' in signed.headers["signature"]
    assert (await town.asks(note["id"])).json()["content"] == note["content"]


async def test_owner_elsewhere_answers_us_and_it_is_shown(town: Town, tomasz: Person) -> None:
    await town.follows(tomasz)
    await town.creates(tomasz, bike(tomasz))
    (card,) = await known(town)
    asked = await replies(town, card.uri, town.amel)

    await town.creates(tomasz, answer(tomasz, asked.uri))

    under = await town.db.read(store.shown_under, card.id, viewer=0)
    assert ASKED in [post.content for post in under]


async def test_stranger_who_answers_us_elsewhere_waits_for_whom_they_answer(town: Town, tomasz: Person) -> None:
    await town.follows(tomasz)
    await town.creates(tomasz, bike(tomasz))
    (card,) = await known(town)
    asked = await replies(town, card.uri, town.amel)
    eve = town.house.network.server("evil.example").person("eve")

    await town.creates(eve, answer(eve, asked.uri))

    assert len(await town.db.read(store.shown_under, card.id, viewer=0)) == 1
    assert [post.content for post in await town.db.read(store.held_for, town.amel.id)] == [ASKED]


@on_each_engine
async def test_stranger_who_answers_nobody_is_dropped(town: Town, tomasz: Person) -> None:
    about_others = answer(tomasz, "https://elsewhere.example/notes/1", cc=[])

    state, _ = await town.creates(tomasz, about_others)

    assert state == "dropped"


async def test_vote_in_a_poll_is_dropped(town: Town, tomasz: Person) -> None:
    drill = await town.publishes(town.remise)
    vote = {name: value for name, value in answer(tomasz, drill.uri).items() if name != "content"}

    state, _ = await town.creates(tomasz, {**vote, "name": "Samedi", "to": [town.remise.uri], "cc": []})

    assert state == "dropped"
    assert await waiting(town) == []


@on_each_engine
async def test_edited_reply_shows_its_newer_words(town: Town, tomasz: Person) -> None:
    drill = await town.publishes(town.remise)
    await town.creates(tomasz, answer(tomasz, drill.uri))

    for words, updated in (("<p>Dimanche ?</p>", "2026-11-23T12:30:00Z"), ("<p>Hier ?</p>", "2026-11-23T12:10:00Z")):
        edited = answer(tomasz, drill.uri, content=words, updated=updated)
        await town.gets(tomasz, tomasz.activity("Update", edited, to=edited["to"]))

    assert [card.content for card in await waiting(town)] == ["<p>Dimanche ?</p>"]


@on_each_engine
async def test_deleted_reply_goes_and_does_not_come_back(town: Town, tomasz: Person) -> None:
    drill = await town.publishes(town.remise)
    note = answer(tomasz, drill.uri)
    await town.creates(tomasz, note)

    await town.gets(tomasz, tomasz.activity("Delete", {"id": note["id"], "type": "Tombstone"}, to=[PUBLIC]))
    await town.gets(tomasz, tomasz.activity("Create", note, to=note["to"]))

    assert await waiting(town) == []


async def test_ones_own_reply_can_be_taken_back(town: Town, tomasz: Person) -> None:
    await town.follows(tomasz)
    await town.creates(tomasz, bike(tomasz))
    (card,) = await known(town)
    post = await replies(town, card.uri, town.amel)

    await town.db.write(operations.delete_post, post.id, by=[town.amel.id], here=town.here, now=town.now)

    assert [said["type"] for said in await town.said(town.amel)] == ["Create", "Delete"]
    assert await town.db.read(store.shown_under, card.id, viewer=0) == []
    assert (await town.asks(post.uri)).status_code == 410


async def test_nothing_is_answered_that_is_gone_empty_or_unknown(town: Town) -> None:
    drill = await town.publishes(town.remise)

    with pytest.raises(Invalid):
        await replies(town, drill.uri, town.amel, "  ")
    with pytest.raises(NotFound):
        await replies(town, "https://elsewhere.example/1", town.amel)
    by = [drill.owner_id]
    await town.db.write(proposals.delete, drill.id, by=by, here=town.here, now=town.now)
    with pytest.raises(Gone):
        await replies(town, drill.uri, town.amel)


async def test_closing_thanks_those_who_answered(town: Town, tomasz: Person) -> None:
    drill = await town.publishes(town.remise)
    await town.creates(tomasz, answer(tomasz, drill.uri))
    (held,) = await waiting(town)
    await town.db.write(operations.approve, held.id, by=[town.remise.id], here=town.here, now=town.now)

    await town.db.write(proposals.close, drill.id, by=[town.remise.id], here=town.here, now=town.now)

    last = (await town.said(town.remise))[-1]
    assert (last["type"], last["object"]["inReplyTo"]) == ("Create", drill.uri)
    assert "C’est trouvé" in last["object"]["content"]
    assert PUBLIC in last["cc"]
