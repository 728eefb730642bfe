"""The fixed grid on which positions are published: cells of at least a kilometre.

Source: SECURITY "Location fuzzing". A point is replaced by the centre of its cell before it is stored for publication;
the cell depends on nothing but the point, so asking twice tells no more than asking once. No distances here.
"""

from math import cos, radians

from msgspec import Struct

MICRO = 1_000_000
"""Positions are whole millionths of a degree: the same number on both engines and in every process."""

_ROW = 10_000
"""Height of a cell: a hundredth of a degree, 1.1 km everywhere."""


class Point(Struct, frozen=True, kw_only=True):
    """A place on earth, in millionths of a degree."""

    latitude: int
    longitude: int

    def __post_init__(self) -> None:
        if not (-90 * MICRO <= self.latitude <= 90 * MICRO and -180 * MICRO <= self.longitude <= 180 * MICRO):
            raise ValueError("not a place on earth")


def point(latitude: float, longitude: float) -> Point:
    """From degrees. Raises ValueError for what is not on earth."""
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise ValueError("not a place on earth")
    return Point(latitude=round(latitude * MICRO), longitude=round(longitude * MICRO))


def snap(exact: Point) -> Point:
    """The centre of the cell that holds the point; a centre stays where it is."""
    row = min(exact.latitude // _ROW, 90 * MICRO // _ROW - 1)
    columns = _columns(row)
    column = min((exact.longitude + 180 * MICRO) * columns // (360 * MICRO), columns - 1)
    return Point(
        latitude=row * _ROW + _ROW // 2,
        longitude=(2 * column + 1) * 180 * MICRO // columns - 180 * MICRO,
    )


def degrees(value: int) -> float:
    """For documents and pages."""
    return value / MICRO


def _columns(row: int) -> int:
    """So many cells go round the earth at this row that none is narrower than it is high."""
    nearest_pole = max(abs(row), abs(row + 1)) * _ROW / MICRO
    return max(1, int(360 * MICRO / _ROW * cos(radians(nearest_pole))))
