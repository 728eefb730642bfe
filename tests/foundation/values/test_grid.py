"""The grid on which positions are published: nobody can tell where in a cell somebody lives."""

from math import cos, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedishare.foundation.values.grid import MICRO, Point, degrees, point, snap

POINTS = st.builds(point, st.floats(-90, 90), st.floats(-180, 180))
METRES_A_DEGREE = 111_195


@given(POINTS)
def test_centre_of_a_cell_stays_where_it_is(exact: Point) -> None:
    assert snap(snap(exact)) == snap(exact)


@given(POINTS)
def test_point_moves_less_than_a_cell(exact: Point) -> None:
    centre = snap(exact)

    assert abs(centre.latitude - exact.latitude) <= 5_000
    narrowing = max(cos(radians(degrees(abs(exact.latitude)) + 0.01)), 0.0)
    assert abs(centre.longitude - exact.longitude) / MICRO * METRES_A_DEGREE * narrowing < 2_500


@given(st.floats(-80, 80), st.floats(-179, 179))
def test_cell_is_at_least_a_kilometre_wide(latitude: float, longitude: float) -> None:
    here = snap(point(latitude, longitude))
    kilometre = round(1_000 / METRES_A_DEGREE / cos(radians(degrees(here.latitude))) * MICRO)

    neighbours = {
        snap(Point(latitude=here.latitude, longitude=here.longitude + step)) for step in (0, kilometre * 49 // 100)
    }

    assert neighbours == {here}


def test_asking_for_a_neighbour_tells_no_more() -> None:
    assert snap(point(50.6311, 3.0472)) == snap(point(50.6312, 3.0473))


@pytest.mark.parametrize(("latitude", "longitude"), [(90.1, 0), (0, 180.1), (float("nan"), 0), (0, float("inf"))])
def test_what_is_not_on_earth_is_refused(latitude: float, longitude: float) -> None:
    with pytest.raises(ValueError, match="earth"):
        point(latitude, longitude)
