"""The header that tells another server how many of its people follow (FEP-8fcf)."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from fedishare.federation.vocabulary.synchronization import Claim, digest, header, read_claim

ALICE = "https://mastodon.example/users/alice"
CLAIM = Claim(
    collection=f"{ALICE}/followers",
    url=f"{ALICE}/followers_synchronization",
    digest="c33f48cd341ef046a206b8a72ec97af65079f9a3a9b90eef79c5920dce45c61f",
)


def test_digest_is_the_one_that_the_fep_shows() -> None:
    people = ["https://testing.example.org/users/1", "https://testing.example.org/users/2"]

    assert digest(people) == digest(reversed(people)) == CLAIM.digest


def test_nobody_has_a_digest_of_zeros() -> None:
    assert digest([]) == "0" * 64


def test_somebody_named_twice_counts_once() -> None:
    assert digest([ALICE, ALICE]) == digest([ALICE]) != digest([])


def test_what_is_written_is_read() -> None:
    assert read_claim(header(CLAIM)) == CLAIM


def test_mastodons_order_and_spaces_are_read() -> None:
    said = f'collectionId="{CLAIM.collection}", digest="{CLAIM.digest}", url="{CLAIM.url}"'

    assert read_claim(said) == CLAIM


@pytest.mark.parametrize(
    "said",
    [
        "",
        "collectionId",
        header(CLAIM).replace(CLAIM.digest, "c33f"),
        header(CLAIM).replace(CLAIM.digest, "z" * 64),
        header(CLAIM).replace("https:", "ftp:"),
        f'url="{CLAIM.url}", digest="{CLAIM.digest}"',
        header(CLAIM) + "," * 6_144,
    ],
)
def test_what_has_not_the_form_is_no_claim(said: str) -> None:
    assert read_claim(said) is None


@given(some.text())
def test_no_header_breaks_the_reading(said: str) -> None:
    found = read_claim(said)

    assert found is None or read_claim(header(found)) == found
