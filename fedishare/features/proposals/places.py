"""Communes that can be written as the place of a proposal, with the grid cell each is published as.

The list is small and shipped: the 95 communes of the Lille metropolis, the larger ones of its region, the big ones of
France. Sources: INSEE's official geographic code as packaged by Etalab (Licence Ouverte 2.0); positions from GeoNames
(CC BY 4.0), already snapped to the grid. No addresses, no search by distance.
"""

import csv
import unicodedata
from functools import cache
from importlib import resources
from math import cos, radians

from msgspec import Struct

from fedishare.foundation.values.grid import Point, degrees

_NEAR = 3 / 111
"""Three kilometres, in degrees of latitude."""


class Place(Struct, frozen=True, kw_only=True):
    """A commune. `insee` is its official code; the position is the centre of a grid cell."""

    insee: str
    name: str
    department: str
    point: Point


def find(name: str) -> list[Place]:
    """Communes of that name, whatever its accents, hyphens and capitals; `Saint-Denis (93)` names one of several."""
    words, _, department = name.strip().removesuffix(")").partition("(")
    found = _by_name().get(_plain(words), [])
    return [place for place in found if department.strip() in ("", place.department)]


def near(cell: Point) -> str:
    """What a position without a name is called: the nearest commune within three kilometres, else its two numbers."""
    shrunk = cos(radians(degrees(cell.latitude)))

    def squared(place: Place) -> float:
        down = degrees(place.point.latitude - cell.latitude)
        across = degrees(place.point.longitude - cell.longitude) * shrunk
        return down * down + across * across

    nearest = min((place for places in _by_name().values() for place in places), key=squared)
    if squared(nearest) <= _NEAR * _NEAR:
        return nearest.name
    return f"{degrees(cell.latitude):.2f}, {degrees(cell.longitude):.2f}"


@cache
def _by_name() -> dict[str, list[Place]]:
    known: dict[str, list[Place]] = {}
    listed = resources.files(__package__).joinpath("communes.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(listed.splitlines()):
        cell = Point(latitude=int(row["latitude"]), longitude=int(row["longitude"]))
        place = Place(insee=row["insee"], name=row["name"], department=row["department"], point=cell)
        known.setdefault(_plain(place.name), []).append(place)
    return known


def _plain(name: str) -> str:
    """`Villeneuve d'Ascq`, `villeneuve-d’ascq` and `VILLENEUVE D ASCQ` are one."""
    letters = unicodedata.normalize("NFKD", name.casefold().replace("œ", "oe"))
    words = "".join(letter if letter.isalnum() else " " for letter in letters if not unicodedata.combining(letter))
    return " ".join({"st": "saint", "ste": "sainte"}.get(word, word) for word in words.split())
