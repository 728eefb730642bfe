"""What other servers report: kept for the administrators, bounded, and believed of nobody but who lives here."""

import msgspec
import pytest

from fedishare.features.conversations import store as conversations
from fedishare.features.moderation import store
from fedishare.features.moderation.model import LONGEST_TEXT, MOST_OF_A_SERVER
from fedishare.features.people import store as people
from fedishare.features.proposals.model import Proposal
from fedishare.foundation.values.clock import HOUR, MINUTE
from tests.engines import on_each_engine
from tests.features.town import Town
from tests.remote import Person


def flag(instance: Person, *about: str, words: str = "Spam") -> dict[str, object]:
    return instance.activity("Flag", list(about), content=words)


async def notices(remise: Town, login: str) -> list[str]:
    person = await remise.db.read(people.person_of_login, login)
    assert person is not None
    return [card.kind for card in await remise.db.read(conversations.notifications_of, person.id, before=2**63 - 1)]


@on_each_engine
async def test_report_is_kept_with_what_it_is_about(remise: Town, offer: Proposal, instance: Person) -> None:
    assert (await remise.gets(instance, flag(instance, remise.amel.uri, offer.uri)))[0] == "applied"

    (listed,) = await remise.db.read(store.listing)
    assert (listed.target_uri, listed.host, listed.content) == (remise.amel.uri, "mastodon.example", "Spam")
    assert msgspec.json.decode(listed.objects) == [offer.uri]
    assert not listed.closed_at


@pytest.mark.parametrize("form", ["{}", "{}/activity"])
async def test_report_of_a_listing_alone_is_about_its_owner(
    remise: Town, offer: Proposal, instance: Person, form: str
) -> None:
    await remise.gets(instance, flag(instance, form.format(offer.uri)))

    assert [one.target_uri for one in await remise.db.read(store.listing)] == [remise.amel.uri]


async def test_report_about_somebody_elsewhere_is_none_of_ours(remise: Town, instance: Person, tomasz: Person) -> None:
    state, why = await remise.gets(instance, flag(instance, tomasz.uri))

    assert (state, why) == ("dropped", "it reports nobody who lives here")
    assert await remise.db.read(store.listing) == []


@on_each_engine
async def test_flood_from_one_server_neither_fills_the_list_nor_silences_others(
    remise: Town, instance: Person, tomasz: Person
) -> None:
    for _ in range(MOST_OF_A_SERVER + 5):
        await remise.gets(instance, flag(instance, remise.amel.uri, words="x" * 100_000))
    await remise.gets(tomasz, flag(tomasz, remise.amel.uri, words="Vrai"))

    listed = await remise.db.read(store.listing)
    assert [one.host for one in listed] == ["misskey.example"] + ["mastodon.example"] * MOST_OF_A_SERVER
    assert {len(one.content) for one in listed} == {LONGEST_TEXT, 4}
    assert await notices(remise, "nadia@example.org") == ["report"], "one notice, until it was read"
    assert await notices(remise, "amel@example.org") == []


async def test_server_is_heard_again_an_hour_later(remise: Town, instance: Person) -> None:
    for _ in range(MOST_OF_A_SERVER):
        await remise.gets(instance, flag(instance, remise.amel.uri))
    remise.clock.advance(HOUR + MINUTE)

    assert (await remise.gets(instance, flag(instance, remise.amel.uri)))[0] == "applied"


async def test_report_holds_words_and_no_markup(remise: Town, instance: Person) -> None:
    await remise.gets(instance, flag(instance, remise.amel.uri, words="<p>Mal<script>alert(1)</script></p>"))

    assert [one.content for one in await remise.db.read(store.listing)] == ["Mal"]
