"""What the demo publishes: many listings, each different, of every kind, that the import itself would take."""

from collections import Counter

from fedishare.features.proposals.drafting import Written, draft
from fedishare.foundation.values.clock import Instant
from fedishare.surfaces.cli.demo.content import SITES

NOW = Instant(1_800_000_000_000)
LISTINGS = [listing for site in SITES for listing in site.listings]


def test_no_two_listings_say_the_same() -> None:
    assert len(LISTINGS) >= 220
    assert len({listing["title"] for listing in LISTINGS}) == len(LISTINGS)
    assert len({listing["text"] for listing in LISTINGS}) == len(LISTINGS)


def test_there_are_offers_and_needs_of_all_five_actions() -> None:
    kinds = Counter((listing["purpose"], listing["action"]) for listing in LISTINGS)

    assert {purpose for purpose, _ in kinds} == {"offer", "request"}
    assert {action for _, action in kinds} == {"use", "transfer", "deliverService", "work", "cite"}
    assert min(kinds.values()) >= 3, kinds


def test_a_dozen_owners_publish_and_each_lives_on_its_site() -> None:
    for site in SITES:
        owners = {listing["owner"] for listing in site.listings}
        assert owners == {site.key, *(owner.key for owner in site.owners)}
    assert sum(1 + len(site.owners) for site in SITES) >= 12


def test_most_listings_are_in_french_and_some_in_english() -> None:
    languages = Counter(listing.get("language", "fr") for listing in LISTINGS)

    assert languages["fr"] > 10 * languages["en"] > 0


def test_every_listing_can_be_published() -> None:
    for listing in LISTINGS:
        written = Written(**{name: listing[name] for name in Written.__struct_fields__ if name in listing})
        assert draft(written, language="fr", zone="Europe/Paris", now=NOW).place is not None, listing["title"]
