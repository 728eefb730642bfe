"""The package as a text: its modules and what each imports. For the tests about the code; runs none of it."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "fedishare"


class Import(NamedTuple):
    path: Path
    line: int
    module: str
    inside_function: bool
    for_types: bool


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def where(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def imports(path: Path) -> Iterator[Import]:
    yield from _imports(path, ast.parse(path.read_text(encoding="utf-8")).body, inside=False, types=False)


def _imports(path: Path, nodes: list[ast.stmt], *, inside: bool, types: bool) -> Iterator[Import]:
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(path, node.lineno, alias.name, inside, types)
        elif isinstance(node, ast.ImportFrom):
            yield Import(path, node.lineno, node.module or "", inside, types)
            for alias in node.names:
                yield Import(path, node.lineno, f"{node.module}.{alias.name}", inside, types)
        else:
            within = inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            guarded = types or (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test))
            for name in ("body", "orelse", "finalbody"):
                yield from _imports(path, getattr(node, name, []), inside=within, types=guarded)
            for handler in getattr(node, "handlers", []):
                yield from _imports(path, handler.body, inside=within, types=guarded)


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
