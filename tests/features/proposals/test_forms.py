"""The forms a proposal has elsewhere, read into ours: what is attached, flohmarkt's own field, prices, positions."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedishare.features.proposals import archives, flohmarkt, intents, places, reading
from fedishare.features.proposals.model import Purpose
from fedishare.foundation.values.errors import Malformed
from fedishare.foundation.values.grid import point, snap
from tests.features.proposals.test_reading import JSON

Json = dict[str, Any]
FRED = "https://flohmarkt.example/users/fred"

NOTE: Json = {
    "id": f"{FRED}/items/1",
    "type": "Note",
    "attributedTo": FRED,
    "content": "Rad <br> läuft Price: 15 EUR",
    "published": "2026-11-20T10:00:00Z",
    "to": ["https://www.w3.org/ns/activitystreams#Public"],
}
PROPOSAL: Json = {
    "type": "Proposal",
    "name": "Roue",
    "content": "<p>Elle tourne.</p>",
    "purpose": "request",
    "publishes": {"type": "Intent", "action": "use"},
}


def read(**changed: Any) -> reading.Reading:
    found = reading.read({**NOTE, **changed})
    assert found is not None
    return found


def listed(**listing: Any) -> reading.Reading:
    return read(**{flohmarkt.KEY: {"name": "Rad", "description": "läuft", **listing}})


def costs(reciprocal: Any, **terms: Any) -> str:
    return intents.price({"reciprocal": reciprocal, **terms})


def quantity(amount: object, unit: object = "one") -> Json:
    return {"resourceQuantity": {"hasUnit": unit, "hasNumericalValue": amount}}


def test_attached_proposal_gives_purpose_name_and_words() -> None:
    found = read(attachment=[PROPOSAL])

    assert (found.uri, found.purpose, found.action) == (NOTE["id"], Purpose.REQUEST, "use")
    assert (found.title, found.content) == ("Roue", "<p>Elle tourne.</p>")


def test_what_the_attached_one_leaves_out_is_taken_from_the_listing() -> None:
    attached = {"type": "Proposal", "vf:purpose": "vf:request", "vf:publishes": {"vf:action": "vf:transfer"}}
    found = read(attachment=[attached], **{flohmarkt.KEY: {"name": "Rad", "coordinates": {"lat": 50.63, "lng": 3.06}}})

    assert (found.purpose, found.title, found.place_name) == ("request", "Rad", "Lille")


def test_terms_on_the_post_itself_come_before_anything_attached() -> None:
    found = read(attachment=[PROPOSAL], purpose="offer", publishes={"action": "work"})

    assert (found.purpose, found.action) == ("offer", "work")


def test_only_the_first_sixteen_attachments_are_looked_at() -> None:
    photos = [{"type": "Image", "url": f"https://flohmarkt.example/{number}"} for number in range(16)]

    assert reading.read({**NOTE, "attachment": [*photos, PROPOSAL]}) is None


def test_photos_are_kept_by_their_address_and_nothing_else_is() -> None:
    image = {"type": "Document", "mediaType": "image/png", "url": "https://flohmarkt.example/a.png", "name": "Das Rad"}
    other = {"type": "Document", "mediaType": "application/pdf", "url": "https://flohmarkt.example/a.pdf"}

    found = read(attachment=[image, other, PROPOSAL])

    assert [(photo.url, photo.name) for photo in found.photos] == [("https://flohmarkt.example/a.png", "Das Rad")]


@pytest.mark.parametrize(
    ("price", "currency", "said"),
    [
        ("15 EUR", None, "15 EUR"),
        ("15", "EUR", "15 EUR"),
        (15, "EUR", "15 EUR"),
        (12.5, "EUR", "12.5 EUR"),
        ("15 eur VB", "EUR", "15 eur VB"),
        ("auf Anfrage", "", "auf Anfrage"),
        ("0 EUR", None, ""),
        ("0,00", "EUR", ""),
        (0, "EUR", ""),
        ("", "EUR", ""),
        (None, None, ""),
        (True, "EUR", ""),
        (["15"], "EUR", "15 EUR"),
    ],
)
def test_flohmarkts_price_is_said_with_its_currency(price: object, currency: object, said: str) -> None:
    assert listed(price=price, currency=currency).conditions == said


def test_flohmarkts_words_keep_their_lines_and_cannot_run() -> None:
    found = listed(description="Läuft\ngut<script>alert(1)</script>")

    assert found.content == "Läuft<br>gut"


@pytest.mark.parametrize("where", [None, [], {}, {"lat": "x", "lng": 1}, {"lat": 91, "lng": 0}, {"lat": 50}])
def test_listing_that_is_nowhere_has_no_place(where: object) -> None:
    assert (listed(coordinates=where).place, listed(coordinates=where).place_name) == (None, "")


def test_what_we_send_to_flohmarkt_reads_as_what_it_is() -> None:
    listing = {"name": "Perceuse", "description": "Avec mèches", "price": "0 EUR", "currency": "EUR",
               "original_id": "7", "coordinates": {"lat": 50.635, "lng": 3.058}}  # fmt: skip

    found = read(**{flohmarkt.KEY: listing})

    assert (found.title, found.conditions, found.place_name) == ("Perceuse", "", "Lille")


@pytest.mark.parametrize(
    ("reciprocal", "said"),
    [
        ({"name": "participation libre", **quantity("3", "EUR")}, "participation libre"),
        (quantity("25", "EUR"), "25 EUR"),
        (quantity("25", {"id": "https://currency.example/eur", "name": "EUR"}), "25 EUR"),
        (quantity("25", "https://www.wikidata.org/wiki/Q4916"), "25 EUR"),
        ({**quantity("4.50"), "resourceConformsTo": "https://www.wikidata.org/wiki/Q25224"}, "4.5 GBP"),
        ({**quantity("3"), "resourceConformsTo": "https://www.wikidata.org/wiki/Q999999"}, "3 Q999999"),
        ({**quantity("3"), "resourceConformsTo": {"name": "Kartoffel"}}, "3 Kartoffel"),
        ({**quantity("2", "hour"), "resourceConformsTo": "jardinage"}, "2 hour jardinage"),
        ({**quantity("5000"), "resourceConformsTo": "caip:19:bip122:000000000019d668/slip44:0"}, "0.00005 BTC"),
        ({**quantity("5"), "resourceConformsTo": "caip:19:cosmos:hub-4/slip44:118"},
         "5 caip:19:cosmos:hub-4/slip44:118"),
        ({"resourceConformsTo": "https://www.wikidata.org/wiki/Q4916"}, "EUR"),
        (quantity("0", "EUR"), ""),
        (quantity("-3", "EUR"), ""),
        (quantity("NaN", "EUR"), ""),
        ("https://hangar.example/intents/1", ""),
        (None, ""),
    ],
)  # fmt: skip
def test_what_is_expected_in_return_is_said_in_one_line(reciprocal: object, said: str) -> None:
    assert costs(reciprocal) == said


def test_price_of_what_is_sold_by_measure_is_that_of_one() -> None:
    by_the_kilo = {"unitBased": True, "publishes": quantity("1", "om2:kilogram")}

    assert costs(quantity("3", "EUR"), **by_the_kilo) == "3 EUR / kilogram"
    assert costs(quantity("3", "EUR"), unitBased=True, publishes=quantity("1", "one")) == "3 EUR"


@pytest.mark.parametrize(
    ("latitude", "longitude", "name"),
    [(50.6310, 3.0600, "Lille"), (48.8567, 2.3522, "Paris"), (51.34, 12.37, "51.34, 12.37")],
)
def test_position_without_a_name_is_called_by_the_town_it_is_in(latitude: float, longitude: float, name: str) -> None:
    assert places.near(snap(point(latitude, longitude))) == name


@given(st.dictionaries(st.sampled_from(("name", "description", "price", "currency", "coordinates", "x")), JSON))
def test_no_listing_of_flohmarkt_crashes_the_reader(listing: Json) -> None:
    found = listed(**listing)

    assert found.purpose == "offer"
    assert len(found.conditions) <= 211


@given(st.dictionaries(st.sampled_from(tuple(PROPOSAL)), JSON), JSON)
def test_no_attachment_crashes_the_reader(changed: Json, beside: object) -> None:
    try:
        found = reading.read({**NOTE, "attachment": [{**PROPOSAL, **changed}, beside]})
    except Malformed:
        return
    assert found is None or found.uri == NOTE["id"]


@given(JSON, JSON)
def test_no_price_crashes_the_reader(reciprocal: object, publishes: object) -> None:
    assert len(costs(reciprocal, publishes=publishes, unitBased=True)) <= 211


@given(JSON)
def test_no_profile_crashes_the_reader_of_its_links(attachment: object) -> None:
    for uri in archives.linked_from({"id": FRED, "attachment": attachment}):
        assert uri.startswith("https://flohmarkt.example/")


def test_profile_leads_to_proposals_on_its_own_server_alone() -> None:
    rel = ["payment", "https://w3id.org/valueflows/ont/vf#Proposal"]
    links = [
        {"type": "Link", "href": href, "rel": rel}
        for href in (f"{FRED}/proposals/1", "https://inside.example/x", f"{FRED}/proposals/1", 7)
    ]

    assert archives.linked_from({"id": FRED, "attachment": links}) == [f"{FRED}/proposals/1"]
