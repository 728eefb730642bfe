"""What we send, against the strictness of those who receive it (INTEROP E.1), and against FEP-0837."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from fedishare.federation.vocabulary.context import ACTIVITY_STREAMS
from fedishare.federation.vocabulary.reading import PUBLIC
from fedishare.foundation.values.clock import SECOND, parse_rfc3339
from tests.features.proposals.test_publishing import closes
from tests.features.town import Town

Json = dict[str, Any]


@pytest.fixture
async def create(town: Town) -> Json:
    await town.publishes(
        town.remise, category="vélo cargo", conditions="participation libre", until="2027-01-31", quantity="3"
    )
    return (await town.said(town.remise))[0]


@pytest.fixture
def note(create: Json) -> Json:
    return dict(create["object"])


def test_mastodon_finds_the_plain_context_string_first(create: Json) -> None:
    assert create["@context"][0] == ACTIVITY_STREAMS
    assert all(isinstance(part, (str, dict)) for part in create["@context"])


def test_akkoma_gets_one_type_as_a_text_and_no_attachment_it_refuses(note: Json) -> None:
    assert note["type"] == "Note"
    assert note["attachment"] == []


def test_lemmy_gets_arrays_wherever_it_wants_them(create: Json, note: Json) -> None:
    for document in (create, note):
        for name in ("to", "cc"):
            assert isinstance(document[name], list)
    assert isinstance(note["tag"], list)
    assert isinstance(note["attachment"], list)
    assert note["sensitive"] is False
    assert note["inReplyTo"] is None


def test_audience_of_activity_and_object_are_the_same(town: Town, create: Json, note: Json) -> None:
    assert (create["to"], create["cc"]) == (note["to"], note["cc"])
    assert note["to"] == [PUBLIC]
    assert note["cc"] == [town.remise.followers]


def test_gotosocial_and_misskey_find_no_name_and_no_warning(note: Json) -> None:
    assert "name" not in note
    assert note["summary"] is None
    assert note["content"].startswith("<p><strong>Perceuse</strong></p>")


def test_gotosocial_finds_one_language_with_the_same_content(note: Json) -> None:
    assert note["contentMap"] == {"fr": note["content"]}


def test_misskey_finds_one_host_in_every_id(town: Town, create: Json, note: Json) -> None:
    host = town.here.host
    addresses = [create["id"], create["actor"], note["id"], note["attributedTo"], note["url"], note["context"]]
    assert {urlsplit(address).netloc for address in addresses} == {host}
    assert note["attributedTo"] == create["actor"]


async def test_gotosocial_finds_updated_later_than_published(town: Town) -> None:
    proposal = await town.publishes(town.remise)
    fresh = (await town.asks(f"/proposals/{proposal.id}")).json()
    assert "updated" not in fresh

    await closes(town, proposal)

    changed = (await town.asks(f"/proposals/{proposal.id}")).json()
    assert parse_rfc3339(changed["updated"]) > parse_rfc3339(changed["published"])


def test_tags_are_hashtags_with_an_address_for_category_and_place(note: Json) -> None:
    assert [tag["name"] for tag in note["tag"]] == ["#vélocargo", "#Lille"]
    for tag in note["tag"]:
        assert set(tag) == {"type", "href", "name"}
        assert tag["type"] == "Hashtag"


def test_facts_are_in_the_authors_language(note: Json) -> None:
    for fact in ("Offre · prêt", "Où : Lille", "Contrepartie : participation libre", "31 janvier 2027"):
        assert fact in note["content"].replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert note["url"] in note["content"]


def test_quoting_is_allowed_by_everybody_for_public_notes(note: Json) -> None:
    assert note["interactionPolicy"]["canQuote"]["automaticApproval"] == [PUBLIC]


def test_a_lot_is_one_unit_out_of_what_is_available(note: Json) -> None:
    intent = note["publishes"]
    assert intent["id"] == f"{note['id']}#primary"
    assert intent["resourceQuantity"] == {"hasUnit": "one", "hasNumericalValue": "1"}
    assert intent["availableQuantity"] == {"hasUnit": "one", "hasNumericalValue": "3"}
    assert note["unitBased"] is True
    assert note["reciprocal"]["id"] == f"{note['id']}#reciprocal"
    assert note["purpose"] == "offer"
    assert note["hasEnd"] == "2027-01-31T23:00:00Z"


async def test_one_thing_is_not_unit_based_and_a_gift_asks_nothing(town: Town) -> None:
    await town.publishes(town.remise)

    note = (await town.said(town.remise))[0]["object"]

    assert note["unitBased"] is False
    assert "availableQuantity" not in note["publishes"]
    assert "reciprocal" not in note


def test_published_position_is_the_centre_of_a_grid_cell(note: Json) -> None:
    place = note["location"]
    assert (place["type"], place["name"]) == ("Place", "Lille")
    assert round(place["latitude"] * 1000) % 10 == 5


async def test_served_note_is_what_was_sent_and_browsers_get_the_page(town: Town) -> None:
    proposal = await town.publishes(town.remise)
    sent = (await town.said(town.remise))[0]["object"]

    served = await town.asks(f"/proposals/{proposal.id}")
    browser = await town.asks(f"/proposals/{proposal.id}", accept="text/html")

    assert served.headers["content-type"] == "application/activity+json"
    assert {name: value for name, value in served.json().items() if name != "@context"} == sent
    assert (browser.status_code, browser.headers["location"]) == (302, f"/@remise/{proposal.id}")
    assert "Accept" in browser.headers["vary"]


async def test_standalone_proposal_has_the_same_intents_and_a_name(town: Town) -> None:
    proposal = await town.publishes(town.remise, conditions="un gâteau")
    note = (await town.asks(f"/proposals/{proposal.id}")).json()

    alone = (await town.asks(f"/proposals/{proposal.id}/proposal")).json()

    assert (alone["type"], alone["name"]) == ("Proposal", "Perceuse")
    assert alone["id"] == f"{note['id']}/proposal"
    assert alone["publishes"] == note["publishes"]
    assert alone["reciprocal"] == note["reciprocal"]


async def test_collection_has_pages_that_end_and_items_embedded(town: Town) -> None:
    for number in range(25):
        town.clock.advance(SECOND)
        await town.publishes(town.amel if number % 2 else town.remise, title=f"Outil {number}")

    whole = (await town.asks("/users/remise/proposals")).json()
    first = (await town.asks(whole["first"])).json()
    last = (await town.asks(first["next"])).json()

    assert (whole["totalItems"], whole["attributedTo"]) == (25, town.remise.uri)
    titles = [item["name"] for page in (first, last) for item in page["orderedItems"]]
    assert titles == [f"Outil {number}" for number in reversed(range(25))]
    assert len(first["orderedItems"]) == 20
    assert "next" not in last
    assert {item["attributedTo"] for item in first["orderedItems"]} == {town.remise.uri, town.amel.uri}


async def test_collection_of_a_member_has_their_own_alone(town: Town) -> None:
    await town.publishes(town.remise)
    mine = await town.publishes(town.amel)

    page = (await town.asks("/users/amel/proposals?page=true")).json()

    assert [item["id"] for item in page["orderedItems"]] == [f"{mine.uri}/proposal"]


async def test_thread_is_served_as_context_and_replies(town: Town) -> None:
    proposal = await town.publishes(town.remise)

    context = (await town.asks(f"/proposals/{proposal.id}/context")).json()
    replies = (await town.asks(f"/proposals/{proposal.id}/replies")).json()

    assert context["orderedItems"] == [proposal.uri]
    assert context["attributedTo"] == town.remise.uri
    assert (replies["type"], replies["totalItems"], replies["first"]["items"]) == ("Collection", 0, [])
