"""Communes by the names people write, each on the centre of a cell of the grid."""

import pytest

from fedishare.features.proposals import places
from fedishare.foundation.values.grid import snap


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Lille", "Lille"),
        ("lille ", "Lille"),
        ("VILLENEUVE D'ASCQ", "Villeneuve-d’Ascq"),
        ("villeneuve-d’ascq", "Villeneuve-d’Ascq"),
        ("Marcq en Baroeul", "Marcq-en-Barœul"),
        ("St-André-lez-Lille", "Saint-André-lez-Lille"),
        ("Saint-Denis (93)", "Saint-Denis"),
    ],
)
def test_commune_is_found_however_it_is_written(written: str, name: str) -> None:
    assert [place.name for place in places.find(written)] == [name]


def test_name_of_several_communes_finds_them_all() -> None:
    assert {place.department for place in places.find("Saint-Denis")} == {"93", "974"}


@pytest.mark.parametrize("written", ["", "Atlantis", "()", "Lille (75)"])
def test_unknown_commune_is_not_found(written: str) -> None:
    assert places.find(written) == []


def test_whole_metropolis_of_lille_is_there_and_snapped() -> None:
    names = {"Lille", "Roubaix", "Tourcoing", "Hem", "Wicres", "Warneton", "Lomme", "Seclin", "Don", "Fromelles"}
    known = {name for name in names if places.find(name)}
    assert names - known <= {"Lomme"}, "Lomme became a part of Lille"
    for name in known:
        for place in places.find(name):
            assert snap(place.point) == place.point
            assert len(place.insee) == 5
