"""Figures that a test measured, printed at the end of the run whether it passed or not.

`figure("a new offer is there", 0.4, "s", at_most=20)` notes and checks in one line: what is printed is what was held
against its bound. Works with several test processes, because it travels in the reports.
"""

from typing import Any, Protocol

import pytest

_KEY = "figure"


class Figure(Protocol):
    def __call__(self, what: str, value: float, unit: str, *, at_most: float | None = None) -> None: ...


@pytest.fixture
def figure(record_property: Any) -> Figure:
    """Note a figure. Raises AssertionError when it is over its bound."""

    def note(what: str, value: float, unit: str, *, at_most: float | None = None) -> None:
        bound = "" if at_most is None else f"  (at most {at_most:g})"
        record_property(_KEY, f"{value:10.2f} {unit:<6} {what}{bound}")
        assert at_most is None or value <= at_most, f"{what}: {value:.2f} {unit}, at most {at_most:g}"

    return note


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The table, by test."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, [])]
    lines = [
        (report.nodeid.rpartition("::")[2], value)
        for report in sorted(reports, key=lambda report: report.nodeid)
        if report.when == "call"
        for key, value in report.user_properties
        if key == _KEY
    ]
    if lines:
        terminalreporter.section("figures")
    shown = ""
    for test, line in lines:
        if test != shown:
            terminalreporter.write_line(test)
            shown = test
        terminalreporter.write_line(f"  {line}")
