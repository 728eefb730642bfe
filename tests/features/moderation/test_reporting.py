"""A member reports: the administrators read who said what, the other server reads the words alone (A101)."""

import pytest

from fedishare.features.conversations.objects import object_by_uri
from fedishare.features.moderation import operations, store
from fedishare.features.moderation.model import MOST_OF_A_PERSON
from fedishare.features.proposals.model import Proposal
from tests.engines import on_each_engine
from tests.features.town import Town
from tests.remote import Person

WORDS = {"text": "Ce vélo n’existe pas."}


async def heard_from(remise: Town, person: Person) -> int:
    """The number of a note of theirs that names amel, so that she may see it."""
    note = person.server.note("/notes/1", person, to=[remise.amel.uri], cc=[], content="<p>Achetez !</p>")
    assert (await remise.creates(person, note))[0] == "applied"
    found = await remise.db.read(object_by_uri, note["id"])
    assert found is not None
    return found.id


@on_each_engine
async def test_words_go_to_the_author_s_server_without_a_name(remise: Town, tomasz: Person) -> None:
    number = await heard_from(remise, tomasz)
    remise.signs_in(remise.amel)

    answer = await remise.asks("/report", data={**WORDS, "about": str(number), "home": "1"})
    await remise.house.deliver()

    assert answer.status_code == 303
    (letter,) = [letter for letter in tomasz.server.letters if letter["type"] == "Flag"]
    assert letter["actor"] == f"{remise.here.base_url}/users/instance"
    assert letter["object"] == [tomasz.uri, tomasz.server.url("/notes/1")]
    assert letter["content"] == WORDS["text"]
    assert "amel" not in str({name: said for name, said in letter.items() if name != "@context"})
    (listed,) = await remise.db.read(store.listing)
    assert (listed.reporter_name, listed.host, listed.target_uri) == ("amel", "", tomasz.uri)


async def test_nothing_leaves_unless_it_is_wanted(remise: Town, tomasz: Person) -> None:
    number = await heard_from(remise, tomasz)
    remise.signs_in(remise.amel)

    await remise.asks("/report", data={**WORDS, "about": str(number)})
    await remise.house.deliver()

    assert [letter["type"] for letter in tomasz.server.letters] == []
    assert len(await remise.db.read(store.listing)) == 1


async def test_form_shows_what_is_reported_and_asks_again_without_words(remise: Town, offer: Proposal) -> None:
    remise.signs_in(remise.nadia, person_id=2)

    shown = await remise.asks(f"/report?about={offer.id}", accept="text/html")
    refused = await remise.asks("/report", data={"about": str(offer.id), "text": ""})

    assert shown.status_code == 200
    assert "Signaler cette annonce" in shown.text
    assert "Prévenir aussi son serveur" not in shown.text
    assert refused.status_code == 422
    assert await remise.db.read(store.listing) == []


@pytest.mark.parametrize("number", ["1", "0", "x", "9" * 30])
async def test_what_one_may_not_see_cannot_be_reported(remise: Town, number: str) -> None:
    remise.signs_in(remise.amel)

    assert (await remise.asks(f"/report?about={number}", accept="text/html")).status_code == 404


async def test_private_word_between_others_does_not_exist_for_a_third(remise: Town, tomasz: Person) -> None:
    number = await heard_from(remise, tomasz)
    remise.signs_in(remise.nadia, person_id=2, admin=True)

    assert (await remise.asks(f"/report?about={number}", accept="text/html")).status_code == 404


async def test_nobody_reports_without_end(remise: Town, offer: Proposal) -> None:
    about = await remise.db.read(object_by_uri, offer.uri)
    assert about is not None

    async def say() -> None:
        await remise.db.write(
            operations.report, about, "non", by=remise.nadia, tell_home=False, here=remise.here, now=remise.now
        )

    for _ in range(MOST_OF_A_PERSON):
        await say()
    with pytest.raises(operations.TooManyReports):
        await say()


@on_each_engine
async def test_administrator_closes_what_was_dealt_with(remise: Town, offer: Proposal, tomasz: Person) -> None:
    await remise.gets(tomasz, tomasz.activity("Flag", [remise.amel.uri, offer.uri], content="Faux"))
    (listed,) = await remise.db.read(store.listing)
    remise.signs_in(remise.nadia, person_id=2, admin=True)

    shown = await remise.asks("/admin/reports", accept="text/html")
    closed = await remise.asks("/admin/reports", data={"report": str(listed.id)})
    again = await remise.asks("/admin/reports", data={"report": str(listed.id)})

    assert "Faux" in shown.text
    assert offer.uri in shown.text
    assert (closed.status_code, again.status_code) == (303, 404)
    assert await remise.db.read(store.listing) == []
    assert [one.closed_at for one in await remise.db.read(store.listing, everything=True)] == [remise.now]


async def test_members_do_not_read_reports(remise: Town) -> None:
    remise.signs_in(remise.amel)

    assert (await remise.asks("/admin/reports", accept="text/html")).status_code == 403
