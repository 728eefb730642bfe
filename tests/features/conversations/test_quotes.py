"""Who may quote what, and how quotes are read (FEP-044f, A099)."""

from typing import Any

import pytest

from fedishare.features.conversations import operations, store
from fedishare.features.conversations.wording import words
from fedishare.features.proposals import operations as proposals
from fedishare.federation.following import blocking
from fedishare.federation.vocabulary.note import read_note
from fedishare.federation.vocabulary.reading import PUBLIC
from tests.engines import on_each_engine
from tests.features.conversations.test_replies import answer, replies, waiting
from tests.features.town import Town
from tests.remote import Person

Json = dict[str, Any]
QUOTED = "https://share.example/proposals/1"


@pytest.fixture
def tomasz(town: Town) -> Person:
    return town.house.network.server("mastodon.example").person("tomasz")


async def asks(town: Town, person: Person, about: str, **changed: Any) -> tuple[tuple[str, str], list[Json]]:
    """What became of the request, and what we answered."""
    instrument = changed.pop("instrument", person.server.url("/notes/9"))
    outcome = await town.gets(person, person.activity("QuoteRequest", about, instrument=instrument, **changed))
    await town.house.deliver()
    return outcome, [letter for letter in person.server.letters if letter["type"] in ("Accept", "Reject")]


async def status(town: Town, uri: str) -> int:
    return (await town.asks(uri.removeprefix(town.here.base_url))).status_code


@on_each_engine
async def test_authorization_is_gone_with_what_it_lets_quote(town: Town, tomasz: Person) -> None:
    drill = await town.publishes(town.remise)
    _, (accept,) = await asks(town, tomasz, drill.uri)
    assert await status(town, accept["result"]) == 200

    await town.db.write(proposals.delete, drill.id, by=[town.remise.id], here=town.here, now=town.now)

    assert await status(town, accept["result"]) == 410


async def test_authorization_that_was_never_given_is_nowhere(town: Town) -> None:
    drill = await town.publishes(town.remise)

    assert await status(town, f"{drill.uri}/quotes/{'0' * 32}") == 404
    assert await status(town, f"{town.here.base_url}/posts/1/quotes/{'0' * 32}") == 404


@on_each_engine
async def test_letter_may_not_be_quoted_by_whom_it_is_for(town: Town, tomasz: Person) -> None:
    reader = await town.house.fetcher.actor(tomasz.uri)
    letter = await town.db.write(
        operations.send_direct, "Entre nous.", by=town.amel, to=[reader], language="fr", here=town.here, now=town.now
    )

    _, (reject,) = await asks(town, tomasz, letter.uri)

    assert (reject["type"], reject["actor"], reject["object"]["object"]) == ("Reject", town.amel.uri, letter.uri)
    assert "result" not in reject


@on_each_engine
@pytest.mark.parametrize("what", ["a letter", "a waiting answer", "nothing"])
async def test_who_may_not_read_it_gets_no_answer(town: Town, tomasz: Person, what: str) -> None:
    uri = f"{town.here.base_url}/posts/1"
    if what == "a letter":
        post = await town.db.write(
            operations.send_direct, "Non.", by=town.amel, to=[town.nadia], language="fr", here=town.here, now=town.now
        )
        uri = post.uri
    if what == "a waiting answer":
        drill = await town.publishes(town.remise)
        uri = (await replies(town, drill.uri, town.amel)).uri
        assert len(await waiting(town)) == 1

    (state, _why), answers = await asks(town, tomasz, uri)

    assert (state, answers) == ("dropped", [])


@on_each_engine
async def test_somebody_blocked_may_not_quote(town: Town, tomasz: Person) -> None:
    drill = await town.publishes(town.remise)
    blocked = await town.house.fetcher.actor(tomasz.uri)
    await town.db.write(blocking.block, town.remise, blocked, here=town.here, now=town.now)

    _, answers = await asks(town, tomasz, drill.uri)

    assert [one["type"] for one in answers] == ["Reject"]


@pytest.mark.parametrize("instrument", [None, "https://evil.test/notes/1", 42])
async def test_request_names_a_post_of_its_own(town: Town, tomasz: Person, instrument: Any) -> None:
    drill = await town.publishes(town.remise)

    (state, _why), answers = await asks(town, tomasz, drill.uri, instrument=instrument)

    assert (state, answers) == ("dropped", [])


@on_each_engine
async def test_quote_with_a_forged_authorization_is_a_plain_link(town: Town, tomasz: Person) -> None:
    """A099."""
    await town.follows(tomasz)
    drill = await town.publishes(town.remise)
    note = answer(tomasz, drill.uri, quote=drill.uri, quoteAuthorization="https://evil.test/fake")

    await town.creates(tomasz, note)

    (card,) = await town.db.read(store.held_for, town.remise.id)
    link = f'<p class="quote-inline">RE: <a href="{drill.uri}" rel="nofollow noopener ugc">{drill.uri}</a></p>'
    assert card.content == note["content"] + link
    assert not town.house.network.server("evil.test").asked


def read(**properties: Any) -> str:
    author = "https://mastodon.example/users/tomasz"
    note = {"id": "https://mastodon.example/notes/1", "type": "Note", "attributedTo": author, "to": [PUBLIC]}
    return words(read_note({**note, "content": "<p>Voyez.</p>", **properties}))


@pytest.mark.parametrize("name", ["quote", "quoteUrl", "quoteUri", "_misskey_quote"])
def test_quote_is_read_under_every_name(name: str) -> None:
    assert f'href="{QUOTED}"' in read(**{name: QUOTED})


def test_object_link_is_a_quote() -> None:
    """FEP-e232."""
    link = {"type": "Link", "mediaType": 'application/ld+json; profile="x"', "href": QUOTED}

    assert f'href="{QUOTED}"' in read(tag=[{"type": "Link", "mediaType": "text/html", "href": "https://a.test/"}, link])


@pytest.mark.parametrize("content", [f'<p>RE: <a href="{QUOTED}">ici</a></p>', '<p class="quote-inline">RE: ici</p>'])
def test_link_that_is_there_already_is_not_shown_twice(content: str) -> None:
    assert read(quote=QUOTED, content=content).count("RE:") == 1


def test_nothing_of_a_poll_or_a_quote_is_taken_for_html() -> None:
    shown = read(
        type="Question",
        name="<b>Quand</b> ?",
        anyOf=[{"name": "<script>x</script>Samedi"}, {"name": ""}, "Dimanche", {}],
        quote='https://mastodon.example/"><script>',
    )

    assert shown == (
        "<p><strong>&lt;b&gt;Quand&lt;/b&gt; ?</strong></p><p>Voyez.</p>"
        "<ul><li>&lt;script&gt;x&lt;/script&gt;Samedi</li></ul>"
    )
