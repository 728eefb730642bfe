"""Dates and numbers as people say them."""

import pytest

from fedishare.foundation.text import dates
from fedishare.foundation.text.translate import in_language
from fedishare.foundation.values.clock import parse_rfc3339

PARIS = "Europe/Paris"
EVENING = parse_rfc3339("2026-11-26T16:30:00Z")


@pytest.mark.parametrize(
    ("language", "said"),
    [("fr", "jeudi 26 novembre 2026, 17 h 30"), ("en", "Thursday, 26 November 2026, 17:30")],
)
def test_a_moment_is_said_in_the_readers_language_and_zone(language: str, said: str) -> None:
    with in_language(language):
        assert dates.moment(EVENING, zone=PARIS) == said


def test_a_full_hour_has_no_minutes_in_french() -> None:
    with in_language("fr"):
        assert dates.moment(parse_rfc3339("2026-11-26T16:00:00Z"), zone=PARIS).endswith("17 h")


@pytest.mark.parametrize(
    ("then", "said"),
    [
        ("2026-11-26T23:30:00Z", "aujourd’hui"),  # half past midnight of the 27th in Paris
        ("2026-11-26T10:00:00Z", "hier"),
        ("2026-03-03T10:00:00Z", "3 mars"),
        ("2025-12-31T10:00:00Z", "31 décembre 2025"),
    ],
)
def test_what_is_recent_is_said_as_one_says_it(then: str, said: str) -> None:
    now = parse_rfc3339("2026-11-27T08:00:00Z")

    with in_language("fr"):
        assert dates.lately(parse_rfc3339(then), now=now, zone=PARIS) == said


def test_a_large_number_is_parted_as_the_language_does() -> None:
    with in_language("fr"):
        assert dates.number(3410) == "3\u202f410"
    with in_language("en"):
        assert dates.number(3410) == "3,410"


def test_a_day_needs_no_year_twice() -> None:
    with in_language("fr"):
        assert dates.day(EVENING, zone=PARIS) == "jeudi 26 novembre 2026"
        assert dates.short_day(EVENING, zone=PARIS) == "26 novembre 2026"
