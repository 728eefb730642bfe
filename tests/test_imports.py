"""Who may import whom. The tree of folders is the architecture; this file is its only list.

A module imports from the rooms above its own, never below, and not from a room whose turn comes later. Inside a
feature the files have their order too. Nothing of ours is imported inside a function; of others, only what `LAZY` says.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "fedishare"

SHELVES = ["foundation", "federation", "features", "surfaces"]

# A room imports from itself and from those before it on its shelf, and from every shelf before.
ROOMS = {
    "foundation": ["values", "config", "db", "jobs", "text", "net", "web", "terminal"],
    "federation": [
        "vocabulary", "signatures", "actors", "policy", "fetching", "outbox", "inbox", "following", "plug", "feature",
    ],
    "features": ["people", "conversations", "proposals"],
    "surfaces": ["site", "upkeep", "cli"],
}  # fmt: skip

# Rooms of this shelf never import one another: the CLI gets what upkeep offers through app.py.
APART = {"surfaces"}

# Inside a feature, who may import whom (STYLE 1, third column).
FILES = {
    "model": set(),
    "transitions": {"model"},
    "store": {"model"},
    "activities": {"model"},
}

LAZY = {"babel", "PIL", "asyncpg"}

CLOCKS = {("time", "time"), ("time", "time_ns"), ("time", "monotonic"), ("datetime", "now"), ("datetime", "utcnow"),
          ("date", "today")}  # fmt: skip
CHANCE = {"random", "secrets", "uuid"}


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


def place(module: str) -> tuple[str, str] | None:
    """("federation", "inbox") for fedishare.federation.inbox.accept; None for what stands on no shelf."""
    parts = module.split(".")
    if len(parts) < 3 or parts[0] != "fedishare" or parts[1] not in SHELVES:
        return None
    return parts[1], parts[2]


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def crosses(source: tuple[str, str], target: tuple[str, str]) -> bool:
    shelf, room = source
    other_shelf, other_room = target
    if shelf != other_shelf:
        return SHELVES.index(other_shelf) > SHELVES.index(shelf)
    if room == other_room:
        return False
    return shelf in APART or ROOMS[shelf].index(other_room) > ROOMS[shelf].index(room)


def test_every_room_has_its_turn():
    rooms = {
        (path.relative_to(PACKAGE).parts[0], path.relative_to(PACKAGE).parts[1].removesuffix(".py"))
        for path in modules()
        if len(path.relative_to(PACKAGE).parts) > 2 or (path.parent.name in SHELVES and path.name != "__init__.py")
    }
    unknown = {f"{shelf}/{room}" for shelf, room in rooms if room not in ROOMS.get(shelf, [])}
    assert not unknown, "say in ROOMS when it is their turn"


def test_no_room_imports_from_one_below_it():
    crossings = [
        f"{where(found.path, found.line)} imports {found.module}"
        for path in modules()
        if (source := place(name_of(path) + ".x" * (path.parent == PACKAGE)))
        for found in imports(path)
        if (target := place(found.module)) and crosses(source, target)
    ]
    assert not crossings, "\n".join(crossings)


def test_only_the_command_line_imports_the_composition_root():
    strangers = [
        where(found.path, found.line)
        for path in modules()
        for found in imports(path)
        if found.module in ("fedishare.app", "fedishare.app.build")
        and path.relative_to(PACKAGE).parts[:2] != ("surfaces", "cli")
    ]
    assert not strangers, "\n".join(strangers)


def test_no_two_modules_import_each_other_in_a_circle():
    graph = {
        name_of(path): {found.module for found in imports(path) if not found.for_types}
        & {name_of(p) for p in modules()}
        for path in modules()
    }
    done: set[str] = set()

    def walk(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, " -> ".join((*trail, module))
        if module not in done:
            for other in graph[module]:
                if other != module:
                    walk(other, (*trail, module))
            done.add(module)

    for module in graph:
        walk(module, ())


def test_the_files_of_a_feature_import_in_their_order():
    wrong = [
        f"{where(found.path, found.line)} imports {found.module}"
        for path in (PACKAGE / "features").rglob("*.py")
        if path.stem in FILES
        for found in imports(path)
        if (parts := found.module.split("."))[:3] == name_of(path).split(".")[:3]
        and len(parts) == 4
        and parts[3] in {"operations", "inbox", "views", "api", "commands", "jobs", "feature", "store", "activities"}
        and parts[3] not in FILES[path.stem]
    ]
    assert not wrong, "\n".join(wrong)


def test_nothing_of_ours_is_imported_inside_a_function():
    inside = [
        f"{where(found.path, found.line)} imports {found.module}"
        for path in modules()
        for found in imports(path)
        if found.inside_function and found.module.split(".")[0] not in LAZY
    ]
    assert not inside, "\n".join(inside)


@pytest.mark.parametrize("library", sorted(LAZY))
def test_heavy_libraries_are_only_imported_when_needed(library):
    eager = [
        where(found.path, found.line)
        for path in modules()
        for found in imports(path)
        if found.module.split(".")[0] == library and not found.inside_function and not found.for_types
    ]
    assert not eager, "\n".join(eager)


def test_only_the_network_room_imports_httpx():
    others = [
        where(found.path, found.line)
        for path in modules()
        for found in imports(path)
        if found.module.split(".")[0] in ("httpx", "httpcore") and "net" not in path.parts
    ]
    assert not others, "\n".join(others)


def test_nobody_uses_the_slow_kind_of_middleware():
    words = ("BaseHTTPMiddleware", "starlette.testclient")
    users = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in [*modules(), *(ROOT / "tests").rglob("*.py")]
        if path != Path(__file__)
        for word in words
        if word in path.read_text(encoding="utf-8")
    ]
    assert not users, "\n".join(users)


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


def test_files_are_short_enough_to_read():
    ours = [*modules(), *(ROOT / "tests").glob("**/*.py")]
    # tests/bench holds yardsticks, each one program to be read alone.
    long = {
        str(path.relative_to(ROOT)): lines
        for path in ours
        if not {"node_modules", "bench"} & set(path.parts)
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > 300
    }
    assert not long, "cut them by ability"


def test_every_module_says_what_it_is_for():
    texts = {path: path.read_text(encoding="utf-8") for path in modules()}
    silent = [
        str(path.relative_to(ROOT))
        for path, text in texts.items()
        if text.strip() and not ast.get_docstring(ast.parse(text))
    ]
    assert not silent, "\n".join(silent)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (("foundation", "db"), ("federation", "inbox")),
        (("foundation", "values"), ("foundation", "db")),
        (("features", "conversations"), ("features", "proposals")),
        (("surfaces", "site"), ("surfaces", "cli")),
    ],
)
def test_a_crossing_would_be_seen(source, target):
    assert crosses(source, target)
    assert not crosses(("features", "proposals"), ("foundation", "web"))
