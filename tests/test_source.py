"""What holds in every file of the package, whatever room it stands in: it reads no clock, holds no SQL, is short.

Who may import whom: `test_imports.py`.
"""

import ast
import re

import pytest

from tests.sources import PACKAGE, ROOT, modules, where

CLOCKS = {("time", "time"), ("time", "time_ns"), ("time", "monotonic"), ("datetime", "now"), ("datetime", "utcnow"),
          ("date", "today")}  # fmt: skip
CHANCE = {"random", "secrets", "uuid"}


def reads_the_world(node: ast.AST) -> bool:
    if not isinstance(node, ast.Attribute):
        return False
    owner = node.value.id if isinstance(node.value, ast.Name) else ""
    return (owner, node.attr) in CLOCKS or owner in CHANCE or node.attr in ("environ", "getenv", "urandom")


def test_the_clock_and_chance_are_read_in_one_room():
    readers = [
        where(path, node.lineno)
        for path in modules()
        if path.relative_to(PACKAGE).parts[:2] not in (("foundation", "values"), ("foundation", "config"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if reads_the_world(node)
    ]
    assert not readers, "\n".join(readers)


_SQL = re.compile(
    r"^\s*(select\s.+\sfrom\s|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s|create\s+(table|index)|with\s+\w+\s+as\s*\()",
    re.IGNORECASE | re.DOTALL,
)


def test_every_query_stands_in_a_file_of_queries():
    texts = []
    for path in modules():
        if path.relative_to(PACKAGE).parts[:2] == ("foundation", "db"):
            continue
        texts += [
            where(path, node.lineno)
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _SQL.match(node.value)
        ]
    assert not texts, "\n".join(texts)


def catches_everything(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    return bool({"Exception", "BaseException"} & {n.id for n in ast.walk(handler.type) if isinstance(n, ast.Name)})


def test_no_exception_is_swallowed_whole_outside_the_loops():
    """`except Exception` stands only where something must outlive whatever happens."""
    catching = [
        where(path, node.lineno)
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler) and catches_everything(node)
    ]
    allowed = ("foundation/jobs/", "foundation/db/", "federation/inbox/", "federation/outbox/")
    strangers = [found for found in catching if not found.removeprefix("fedishare/").startswith(allowed)]
    assert not strangers, "\n".join(strangers)


@pytest.mark.parametrize(("folder", "most"), [("fedishare", 300), ("tests", 400)])
def test_files_are_short_enough_to_read(folder, most):
    # tests/bench holds yardsticks, each one program to be read alone.
    lines = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in (ROOT / folder).rglob("*.py")
        if not {"node_modules", "bench"} & set(path.parts)
    }

    assert lines
    assert not {path: count for path, count in lines.items() if count > most}, "cut them by ability"


def test_every_module_says_what_it_is_for():
    texts = {path: path.read_text(encoding="utf-8") for path in modules()}
    silent = [
        str(path.relative_to(ROOT))
        for path, text in texts.items()
        if text.strip() and not ast.get_docstring(ast.parse(text))
    ]
    assert not silent, "\n".join(silent)
