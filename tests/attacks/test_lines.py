"""Every line has its test, in its surface's folder, or waits for a room that is not there yet."""

import ast
from collections import defaultdict
from pathlib import Path

from tests.attacks.lines import FOLDER, FOLDERS, LATER, LINES
from tests.sources import PACKAGE


def tried() -> dict[str, set[Path]]:
    """From the id of a line to the modules whose tests are marked with it."""
    found: dict[str, set[Path]] = defaultdict(set)
    for path in FOLDER.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                for number in marks(node):
                    found[number].add(path)
    return found


def marks(test: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """The ids in `@attack("A016")`."""
    return [
        str(call.args[0].value)
        for call in test.decorator_list
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "attack"
        if isinstance(call.args[0], ast.Constant)
    ]


def test_every_line_is_tried_or_waits_for_its_room():
    missing = sorted(LINES.keys() - tried().keys() - LATER.keys())

    assert not missing, ", ".join(f"{number} ({LINES[number].surface})" for number in missing)


def test_no_line_waits_for_a_room_that_is_there():
    there = sorted(number for number, room in LATER.items() if (PACKAGE / room).exists())

    assert not there
    assert not tried().keys() & LATER.keys()
    assert LATER.keys() <= LINES.keys()


def test_every_test_stands_with_its_surface():
    strangers = {
        number: path.relative_to(FOLDER)
        for number, paths in tried().items()
        for path in paths
        if path.relative_to(FOLDER).parts[0] != FOLDERS[LINES[number].surface]
    }

    assert not strangers


def test_a_decorator_is_read_as_a_mark():
    (test,) = ast.parse('@attack("A001")\n@other("A002")\nasync def test_it(): ...').body

    assert isinstance(test, ast.AsyncFunctionDef)
    assert marks(test) == ["A001"]
