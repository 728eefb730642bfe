"""How long each part of the suite took, printed at the end; and in CI a skipped test is a failed run.

A skipped test proves nothing, and nobody reads the list of them: where the real parts must be there, it is an error.
"""

import os
from collections import defaultdict
from typing import Any

import pytest

ALONE = {"foreign", "journeys", "torture"}
"""Parts that start processes and measure time: one after the other, in one of the test processes."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if part_of(item.nodeid) in ALONE:
            item.add_marker(pytest.mark.xdist_group("one after the other"))


def part_of(nodeid: str) -> str:
    """`journeys` for tests/journeys/test_x.py::test_y; `the code` for the tests about it at the root."""
    parts = nodeid.split("::")[0].split("/")
    return "/".join(parts[1:-1][:2]) if len(parts) > 2 else "the code"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    spent: dict[str, float] = defaultdict(float)
    tests: dict[str, set[str]] = defaultdict(set)
    for reports in terminalreporter.stats.values():
        for report in reports:
            if hasattr(report, "duration") and hasattr(report, "nodeid"):
                spent[part_of(report.nodeid)] += report.duration
                tests[part_of(report.nodeid)].add(report.nodeid)
    if not spent:
        return
    terminalreporter.section("time by part")
    for part, seconds in sorted(spent.items(), key=lambda entry: -entry[1]):
        terminalreporter.write_line(f"{seconds:8.1f} s  {len(tests[part]):5} tests  {part}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if skipped and os.environ.get("CI") == "true" and session.exitstatus == pytest.ExitCode.OK:
        reporter.write_line(f"{len(skipped)} skipped: in CI every part must run", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
