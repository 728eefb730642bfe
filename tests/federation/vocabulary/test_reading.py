"""What properties look like in the wild, and what is made of it."""

from decimal import Decimal

import pytest

from fedishare.federation.vocabulary import limits, reading
from fedishare.foundation.values.clock import parse_rfc3339


@pytest.mark.parametrize("spelling", ["https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"])
def test_everybody_is_spelt_in_three_ways(spelling: str):
    assert reading.ids([spelling]) == (reading.PUBLIC,)
    assert reading.is_public(spelling)


def test_recipients_come_as_one_or_as_many_as_texts_or_objects():
    assert reading.ids("https://a.test/1") == ("https://a.test/1",)
    assert reading.ids([{"id": "https://a.test/1"}, "https://A.test/1", 7, None, ""]) == ("https://a.test/1",)
    assert reading.ids({}) == ()
    assert reading.ids(None) == ()


def test_lists_have_an_end():
    assert len(reading.ids([f"https://a.test/{n}" for n in range(100_000)])) == limits.RECIPIENTS


def test_an_id_that_is_no_address_stays_as_it_is():
    assert reading.id_of("42") == "42"
    assert reading.id_of("#follows/42") == "#follows/42"
    assert reading.id_of("ftp://a.test/42") is None


def test_properties_are_found_under_prefixes_and_full_names():
    for name in ("purpose", "vf:purpose", "ValueFlows:purpose", "https://w3id.org/valueflows/ont/vf#purpose"):
        assert reading.full_term({name: "offer"}, "purpose") == "offer"
    assert reading.full_term({"evil:purpose": "offer"}, "purpose") is None


def test_terms_are_one_whatever_their_prefix():
    assert reading.plain("om2:kilogram") == "kilogram"
    assert reading.plain("http://www.ontology-of-units-of-measure.org/resource/om-2/hour") == "hour"
    assert reading.kind({"type": ["ValueFlows:Proposal", "Note"]}) == "Proposal"
    assert reading.kind({"type": 7}) == ""


def test_numbers_come_as_numbers_or_as_texts():
    assert reading.decimal("0.1") == reading.decimal(0.1) == Decimal("0.1")
    assert reading.decimal(3) == Decimal(3)
    for nonsense in ("NaN", "Infinity", "three", True, None, [], "1e999999"):
        assert reading.decimal(nonsense) is None


def test_times_without_a_zone_are_taken_as_utc():
    noon = parse_rfc3339("2026-11-23T12:00:00Z")
    assert reading.moment("2026-11-23T12:00:00") == reading.moment("2026-11-23T13:00:00+01:00") == noon
    for nonsense in ("yesterday", "", 7, None, "9999-99-99", "0001-01-01T00:00:00+23:59"):
        assert reading.moment(nonsense) is None


def test_time_that_no_zone_could_show_is_none():
    assert reading.moment("9998-12-31T23:59:59Z") is not None
    assert reading.moment("9999-12-31T23:59:59Z") is None


def test_names_stay_on_one_line_and_low():
    """A069, and names that turn the writing direction of what stands behind them."""
    assert reading.label("Z" + "\u0351" * 2_000) == "Z" + "\u0351" * limits.COMBINING
    assert reading.label("  La\n\tRemise\u202e ") == "La Remise"
    assert len(reading.label("x" * 10_000)) == limits.NAME


def test_a_page_is_preferred_among_several_links():
    several = [
        {"type": "Link", "mediaType": "application/json", "href": "https://a.test/1.json"},
        {"type": "Link", "mediaType": "text/html", "href": "https://a.test/1"},
    ]
    assert reading.link(several) == "https://a.test/1"
    assert reading.link("javascript:alert(1)") is None


def test_a_language_is_known_only_where_it_is_the_only_one():
    assert reading.language({"contentMap": {"fr": "<p>Vélo</p>"}}) == "fr"
    assert reading.language({"contentMap": {"fr": "Vélo", "en": "Bike"}}) == ""
    assert reading.language({"contentMap": {"<script>": ""}}) == ""
