"""When a request was signed: not long ago, and not in the future (attacks A016 to A020)."""

import pytest

from fedishare.foundation.values.clock import HOUR, MINUTE, SECOND, Instant, http_date
from tests.federation.signatures.requests import check, refused
from tests.federation.signatures.signing import KEY_ID, NOW, changed, dated, signed, usual


@pytest.mark.parametrize("hours", [-12, -11.9, -1, 0, 0.5, 1])
def test_twelve_hours_ago_to_one_ahead_is_fresh(hours):
    assert check(dated(hours)) == NOW + round(hours * HOUR)


@pytest.mark.parametrize("hours", [-12 - 1 / 3600, -13, -24 * 365, 1 + 1 / 3600, 2, 24])
def test_anything_else_is_stale_or_early(hours):
    refused(dated(hours), "seconds (ago|ahead)")


@pytest.mark.parametrize(
    "date", ["", "99 Foo 2026 99:99:99 GMT", "yesterday", "1795000000", "Mon, 23 Nov 2026 25:00:00 GMT", "é" * 5]
)
def test_a_date_that_is_none_is_refused(date):
    refused(signed(changed(usual(), b"date", date.encode())), "date cannot be read")


CREATED = "(request-target) host (created) digest"
SECONDS = NOW // SECOND


def test_created_takes_the_place_of_the_date():
    made = signed(usual(), CREATED, algorithm="hs2019", created=SECONDS - 60)

    assert check(made) == NOW - MINUTE
    refused(signed(usual(), CREATED, algorithm="hs2019", created=SECONDS - 13 * 3600), "seconds ago")


def test_date_and_created_are_both_looked_at():
    stale = changed(usual(), b"date", http_date(Instant(NOW - 13 * HOUR)).encode())

    refused(signed(stale, f"{CREATED} date", algorithm="hs2019", created=SECONDS), "seconds ago")


def test_created_counts_before_the_date():
    made = signed(usual(), "(request-target) host date (created) digest", algorithm="hs2019", created=SECONDS - 60)

    assert check(made) == NOW - MINUTE


def test_created_and_expires_belong_to_hs2019():
    refused(signed(usual(), CREATED, algorithm="rsa-sha256", created=SECONDS), "need hs2019")


def test_what_is_covered_must_also_be_given():
    head = f'keyId="{KEY_ID}",algorithm="hs2019",signature="YWJj",headers='
    for covered, why in ((CREATED, "created.* not given"), ("(request-target) host date digest (expires)", "expires")):
        refused([*usual(), (b"signature", f'{head}"{covered}"'.encode())], why)


def test_an_expired_signature_is_refused_covered_or_not():
    covered = f"{CREATED} (expires)"
    good = signed(usual(), covered, algorithm="hs2019", created=SECONDS - 60, expires=SECONDS + 60)

    assert check(good) == NOW - MINUTE
    refused(signed(usual(), covered, algorithm="hs2019", created=SECONDS - 60, expires=SECONDS - 1), "expired")
    refused(signed(usual(), CREATED, algorithm="hs2019", created=SECONDS - 60, expires=SECONDS - 1), "expired")
