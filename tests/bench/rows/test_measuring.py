"""A row of the table says the truth about its rounds: what is met, what is missed, and by which side of the goal."""

import json
from collections.abc import Callable, Iterator

import pytest

from tests.bench.rows.measuring import Rounds, Row, table


def row(values: list[float], floors: list[float] | None = None, *, must: float, most: bool = False) -> Rounds:
    given: Iterator[float] = iter(values)
    least: Iterator[float] = iter(floors or [])
    floor: Callable[[], float] | None = (lambda: next(least)) if floors else None
    made = Rounds(
        Row(
            job="a job",
            unit="a second",
            must=must,
            aim=must - 10 if most else must * 2,
            most=most,
            measure=lambda: next(given),
            floor=floor,
        )
    )
    for number in range(len(values)):
        made.one_more(floor_first=number % 2 == 0)
    return made


def test_a_row_is_the_ratio_of_the_medians():
    measured = row([40.0, 500.0, 60.0], [100.0, 90.0, 1_000.0], must=0.5)

    assert (measured.value, measured.floor, measured.ratio) == (60.0, 100.0, 0.6)


@pytest.mark.parametrize(
    ("value", "met", "standing"),
    [(100.0, True, "aim"), (60.0, True, "must"), (43.0, True, "within slack"), (42.0, False, "MISSED")],
)
def test_more_is_better_where_work_is_counted(value: float, met: bool, standing: str):
    measured = row([value], [100.0], must=0.5)

    assert (measured.met, measured.standing) == (met, standing)


@pytest.mark.parametrize(
    ("value", "met", "standing"),
    [(70.0, True, "aim"), (80.0, True, "must"), (91.0, True, "within slack"), (93.0, False, "MISSED")],
)
def test_less_is_better_where_memory_is_counted(value: float, met: bool, standing: str):
    measured = row([value], must=80.0, most=True)

    assert measured.ratio is None
    assert (measured.met, measured.standing) == (met, standing)


def test_the_record_has_the_form_that_others_read():
    record = row([60.0], [100.0], must=0.5).record()

    assert json.loads(json.dumps(record)) == {
        "job": "a job",
        "engine": "sqlite",
        "value": 60.0,
        "unit": "a second",
        "floor": 100.0,
        "ratio": 0.6,
        "goal": 0.5,
        "met": True,
    }


def test_the_side_that_begins_changes_from_round_to_round():
    order: list[str] = []

    def side(name: str) -> Callable[[], float]:
        return lambda: float(order.append(name) is None)

    measured = Rounds(Row(job="a job", unit="", must=1, measure=side("ours"), floor=side("floor")))
    for first in (True, False):
        measured.one_more(floor_first=first)

    assert order == ["floor", "ours", "ours", "floor"]


def test_the_table_shows_the_spread():
    text = table([row([40.0, 60.0, 80.0], [100.0, 100.0, 100.0], must=0.5)])

    assert " 0.60 " in text
    assert " 0.4 " in text
    assert " 0.8 " in text
