"""Who is blocked is out of sight with all they wrote, for as long as the rule stands; who is limited makes no noise."""

import pytest

from fedishare.features.conversations import store
from fedishare.federation.following import store as follows
from fedishare.federation.outbox.send import send
from fedishare.federation.policy import circles, ruling
from fedishare.federation.policy.domains import Rule, Verdict
from tests import tables
from tests.engines import on_each_engine
from tests.features.conversations.test_private_messages import word
from tests.features.conversations.test_replies import answer
from tests.features.proposals.hangar import bike, known
from tests.features.town import Town
from tests.remote import PUBLIC, Person


@pytest.fixture
def mallory(town: Town) -> Person:
    return town.house.network.server("liars.example").person("mallory")


@pytest.fixture
def tomasz(town: Town) -> Person:
    """Their neighbour, and no liar."""
    return town.house.network.server("mastodon.example").person("tomasz")


async def decide(town: Town, subject: str, severity: Verdict) -> None:
    await town.db.write(ruling.decide, [Rule(subject=subject, severity=severity)], here=town.here, now=town.now)


async def undecide(town: Town, subject: str) -> None:
    await town.db.write(ruling.undecide, subject, here=town.here, now=town.now)


async def notices(town: Town) -> int:
    return int((await tables.ask(town.db, "select count(*) from notification"))[0][0])


async def settled(town: Town, person: Person) -> None:
    """They are followed and follow, offer something, answered an offer, and wrote to Amel alone."""
    await town.follows(person)
    await town.is_followed_by(person)
    await town.creates(person, bike(person))
    drill = await town.publishes(town.amel)
    await town.creates(person, answer(person, drill.uri))
    await town.creates(person, word(person, town, id=person.server.url("/notes/private")))


@pytest.mark.parametrize("alone", [True, False])
@on_each_engine
async def test_what_the_blocked_wrote_is_out_of_sight_and_comes_back_with_them(
    town: Town, mallory: Person, tomasz: Person, alone: bool
) -> None:
    await settled(town, mallory)
    await town.follows(tomasz)
    await town.creates(tomasz, bike(tomasz))
    subject = mallory.uri if alone else "liars.example"

    async def seen() -> tuple[int, int, int]:
        return (
            len([card for card in await known(town) if card.owner_domain == "liars.example"]),
            len(await town.db.read(store.held_for, town.amel.id)),
            len(await town.db.read(store.direct_threads, viewer=town.amel.id)),
        )

    assert await seen() == (1, 1, 1), "needs to be seen to mean anything"
    assert await notices(town) > 0

    await decide(town, subject, Verdict.BLOCK)
    assert await seen() == (0, 0, 0)
    assert await notices(town) == 0
    assert len([card for card in await known(town) if card.owner_domain == "mastodon.example"]) == 1

    await decide(town, subject, Verdict.LIMIT)
    assert await seen() == (1, 1, 1)
    await decide(town, subject, Verdict.BLOCK)
    await undecide(town, subject)
    assert await seen() == (1, 1, 1)


@on_each_engine
async def test_follows_end_in_silence_and_stay_ended(town: Town, mallory: Person) -> None:
    await settled(town, mallory)
    them = await town.house.fetcher.actor(mallory.uri)
    told = len(mallory.server.letters)

    await decide(town, "liars.example", Verdict.BLOCK)
    await town.house.deliver()

    for pair in ((town.remise.id, them.id), (them.id, town.remise.id)):
        assert not await town.db.read(follows.follows, *pair)
    assert len(mallory.server.letters) == told
    await undecide(town, "liars.example")
    for pair in ((town.remise.id, them.id), (them.id, town.remise.id)):
        assert not await town.db.read(follows.follows, *pair)


@pytest.mark.parametrize("alone", [True, False])
@on_each_engine
async def test_letters_that_wait_for_the_blocked_are_never_sent(
    town: Town, mallory: Person, tomasz: Person, alone: bool
) -> None:
    for person in (mallory, tomasz):
        await town.house.fetcher.actor(person.uri)
    said = {"type": "Like", "actor": town.remise.uri, "object": mallory.uri, "to": [mallory.uri, tomasz.uri]}
    await town.db.write(send, said, by=town.remise, here=town.here, now=town.now, circle_id=circles.NOBODY)

    await decide(town, mallory.uri if alone else "liars.example", Verdict.BLOCK)

    assert [row[0] for row in await tables.ask(town.db, "select host from delivery")] == ["mastodon.example"]


@on_each_engine
async def test_the_limited_are_heard_and_make_no_notice(town: Town, mallory: Person, tomasz: Person) -> None:
    drill = await town.publishes(town.amel)
    await decide(town, "liars.example", Verdict.LIMIT)
    before = await notices(town)

    for person in (mallory, tomasz):
        assert (await town.gets(person, person.activity("Like", drill.uri)))[0] == "applied"

    assert await notices(town) == before + 1
    assert await town.db.read(store.count_reactions, drill.uri) == {"like": 2}


@on_each_engine
async def test_a_boost_of_the_blocked_shows_nothing_of_theirs(town: Town, mallory: Person, tomasz: Person) -> None:
    """A093: also of what was kept before, and of what is asked for the first time."""
    await town.follows(tomasz)
    old = bike(mallory)
    await town.follows(mallory)
    await town.creates(mallory, old)
    mallory.server.serve("/new", {**old, "id": mallory.server.url("/new")})
    await decide(town, mallory.uri, Verdict.BLOCK)

    for uri in (old["id"], mallory.server.url("/new")):
        state, _ = await town.gets(tomasz, tomasz.activity("Announce", uri, to=[PUBLIC]))
        await town.works()
        assert state == "dropped", uri

    assert await known(town) == []
    assert await tables.ask(town.db, "select 1 from object where uri = :uri", uri=mallory.server.url("/new")) == []


@on_each_engine
async def test_an_answer_to_the_blocked_asks_them_nothing(town: Town, mallory: Person, tomasz: Person) -> None:
    """A094: the answer is kept, and nobody is asked about whom it names."""
    await town.follows(tomasz)
    await decide(town, "liars.example", Verdict.BLOCK)
    tag = {"type": "Mention", "href": mallory.uri, "name": "@mallory@liars.example"}
    note = answer(tomasz, mallory.server.url("/notes/1"), tag=[tag])

    state, _ = await town.creates(tomasz, note)
    await town.works()

    assert state == "applied"
    assert mallory.server.asked == []
    assert await tables.ask(town.db, "select 1 from actor where uri = :uri", uri=mallory.uri) == []


@on_each_engine
async def test_what_the_limited_offer_has_no_pictures(town: Town, mallory: Person, tomasz: Person) -> None:
    await decide(town, "liars.example", Verdict.LIMIT)

    for person in (mallory, tomasz):
        await town.follows(person)
        picture = {"type": "Image", "mediaType": "image/jpeg", "url": person.server.url("/bike.jpg"), "name": "Un vélo"}
        await town.creates(person, bike(person, attachment=[picture]))

    kept = [row[0] for row in await tables.ask(town.db, "select url from proposal_photo")]
    assert kept == [tomasz.server.url("/bike.jpg")]
    assert len(await known(town)) == 2
