"""Who may import whom. The tree of folders is the architecture; this file is its only list.

A module imports from the rooms above its own, never below, and not from a room whose turn comes later. Inside a
feature the files have their order too. Nothing of ours is imported inside a function; of others, only what `LAZY` says.
"""

import pytest

from tests.sources import PACKAGE, ROOT, imports, modules, name_of, where

SHELVES = ["foundation", "federation", "features", "surfaces"]

# A room imports from itself and from those before it on its shelf, and from every shelf before.
ROOMS = {
    "foundation": ["values", "config", "db", "jobs", "text", "net", "web", "terminal"],
    "federation": [
        "vocabulary", "signatures", "actors", "policy", "fetching", "outbox", "inbox", "following", "plug", "feature",
    ],
    "features": ["people", "conversations", "proposals", "partners", "moderation"],
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
# Run by `make`, imported by nothing: what they import weighs on no server.
PROGRAMS = {"fedishare.foundation.text.catalogues", "fedishare.foundation.text.template_words"}


def place(module: str) -> tuple[str, str] | None:
    """("federation", "inbox") for fedishare.federation.inbox.accept; None for what stands on no shelf."""
    parts = module.split(".")
    if len(parts) < 3 or parts[0] != "fedishare" or parts[1] not in SHELVES:
        return None
    return parts[1], parts[2]


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
        if name_of(path) not in PROGRAMS
    ]
    assert not eager, "\n".join(eager)


def test_programs_run_by_make_are_imported_by_nothing_else():
    users = [
        where(found.path, found.line)
        for path in modules()
        if name_of(path) not in PROGRAMS
        for found in imports(path)
        if found.module in PROGRAMS
    ]
    assert not users, "\n".join(users)


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
        if path.name != "test_imports.py"
        for word in words
        if word in path.read_text(encoding="utf-8")
    ]
    assert not users, "\n".join(users)


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
