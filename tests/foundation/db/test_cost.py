"""What the writer's thread is for: an operation costs tens of microseconds, not a hop for each statement."""

import pytest

from tests.figures import Figure
from tests.foundation.db.bench_writer import hopped, stepped


@pytest.mark.real
async def test_stepping_costs_a_fraction_of_hopping(figure: Figure):
    ours = await stepped(6000, 64)
    theirs = await hopped(600)

    figure("CPU of an operation of 8 inserts", ours, "us")
    figure("the same against a thread hop for each statement", ours / theirs, "ratio", at_most=0.35)
