"""What a row of the table is, and what its rounds come to. Pure: measures nothing itself.

A figure is held against the floor of the same run, never against a figure of another day (docs/performance.md).
"""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

SLACK = 0.15
"""What a *must* leaves to the noise of a machine."""

Measure = Callable[[], float]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One job. `floor` is None where the goal is a plain number. `most`: the goal is an upper bound."""

    job: str
    engine: str = "sqlite"
    unit: str
    must: float
    aim: float | None = None
    most: bool = False
    measure: Measure
    floor: Measure | None = None


@dataclass
class Rounds:
    """What was measured of one row, round by round."""

    row: Row
    values: list[float] = field(default_factory=list)
    floors: list[float] = field(default_factory=list)

    def one_more(self, *, floor_first: bool) -> None:
        """Both sides once, one right after the other."""
        row = self.row
        if row.floor and floor_first:
            self.floors.append(row.floor())
        self.values.append(row.measure())
        if row.floor and not floor_first:
            self.floors.append(row.floor())

    @property
    def value(self) -> float:
        return statistics.median(self.values)

    @property
    def floor(self) -> float | None:
        return statistics.median(self.floors) if self.floors else None

    @property
    def ratio(self) -> float | None:
        return None if self.floor is None else self.value / self.floor

    @property
    def each(self) -> list[float]:
        """The ratio of every round; without a floor the values themselves."""
        if not self.floors:
            return self.values
        return [value / floor for value, floor in zip(self.values, self.floors, strict=True)]

    @property
    def reached(self) -> float:
        """What is held against the goal."""
        return self.value if self.ratio is None else self.ratio

    def meets(self, goal: float, *, slack: float = 0.0) -> bool:
        """Whether a goal is reached, to within the slack."""
        if self.row.most:
            return self.reached <= goal * (1 + slack)
        return self.reached >= goal * (1 - slack)

    @property
    def met(self) -> bool:
        return self.meets(self.row.must, slack=SLACK)

    @property
    def standing(self) -> str:
        """In a word, for people."""
        if self.row.aim is not None and self.meets(self.row.aim):
            return "aim"
        if self.meets(self.row.must):
            return "must"
        return "within slack" if self.met else "MISSED"

    def record(self) -> dict[str, object]:
        """The line of bench.json."""
        return {
            "job": self.row.job,
            "engine": self.row.engine,
            "value": round(self.value, 4),
            "unit": self.row.unit,
            "floor": None if self.floor is None else round(self.floor, 4),
            "ratio": None if self.ratio is None else round(self.ratio, 4),
            "goal": self.row.must,
            "met": self.met,
        }


HEAD = (
    f"{'job':34} {'engine':8} {'value':>10} {'floor':>10} {'ratio':>6} {'least':>6} {'most':>6} {'must':>6} {'aim':>5}"
)


def line(rounds: Rounds) -> str:
    """One row of the table that people read."""
    row, each = rounds.row, rounds.each
    sign = "<=" if row.most else ">="
    floor = "-" if rounds.floor is None else f"{rounds.floor:.4g}"
    ratio = "-" if rounds.ratio is None else f"{rounds.ratio:.2f}"
    aim = "-" if row.aim is None else f"{row.aim:g}"
    return (
        f"{row.job:34} {row.engine:8} {rounds.value:10.4g} {floor:>10} {ratio:>6} {min(each):6.3g} {max(each):6.3g} "
        f"{sign}{row.must:g}".ljust(93)
        + f" {aim:>5}  {rounds.standing}  ({row.unit})"
    )


def table(measured: Sequence[Rounds]) -> str:
    return "\n".join([HEAD, *map(line, measured)])
