"""Journeys go through real sockets and processes: nothing of the package is imported there, nothing replaced."""

import ast
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
REAL = [path for room in ("journeys", "foreign", "torture", "bench") for path in sorted((HERE / room).glob("*.py"))]
KNOWS_WHAT_IT_BREAKS = {"weakened", "test_crash_points", "test_killed_migrations"}
"""A server made worse on purpose; and the names and the number of the places at which one may be told to die."""
MARK = re.compile(r"^pytestmark = .*pytest\.mark\.real\b", re.M)
SHORTCUTS = ("ASGITransport", "monkeypatch", "mock", "WSGITransport", "MockTransport")


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_a_journey_takes_no_shortcut(path: Path) -> None:
    text = path.read_text()
    tree = ast.parse(text)
    imported = {
        name
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }

    ours = [name for name in imported if name.split(".")[0] == "fedishare"]
    assert bool(ours) == (path.stem in KNOWS_WHAT_IT_BREAKS), "it must know only what is served"
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    used |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    used |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    assert not used & set(SHORTCUTS)


def test_every_journey_is_marked_real() -> None:
    tests = [path for path in REAL if path.name.startswith("test_")]

    assert len(tests) >= 8, "needs journeys to mean anything"
    assert [path.name for path in tests if not MARK.search(path.read_text())] == []
