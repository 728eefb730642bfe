"""Ids grow, never come twice from one process, and hardly ever from two."""

from hypothesis import given
from hypothesis import strategies as some

from fedishare.foundation.values.clock import MINUTE, Instant, later
from fedishare.foundation.values.ids import IdSource, first_id_at, made_at
from tests.clock import NOON


@given(moments=some.lists(some.integers(min_value=-5_000, max_value=5_000), min_size=1, max_size=200))
def test_ids_grow_whatever_moment_they_are_asked_for(moments: list[int]) -> None:
    ids = IdSource()

    given_out = [ids.new(later(NOON, moment)) for moment in moments]

    assert given_out == sorted(set(given_out))


def test_id_tells_when_it_was_made() -> None:
    assert made_at(IdSource().new(NOON)) == NOON


def test_no_id_comes_again_after_a_start_whose_clock_was_set_back() -> None:
    last = IdSource().new(later(NOON, MINUTE))

    assert IdSource(floor=last).new(NOON) > last


def test_two_processes_share_no_id_for_what_came_before_both() -> None:
    """A backlog is worked through with the moments at which it arrived: only the start tells the processes apart."""
    first, second = (IdSource(floor=first_id_at(Instant(NOON + started))) for started in (0, 1))

    backlog = [Instant(NOON - MINUTE)] * 10_000
    assert not {first.new(moment) for moment in backlog} & {second.new(moment) for moment in backlog}
