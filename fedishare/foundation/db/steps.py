"""The files in `migrations/`: which steps there are, in which order, and what each says on an engine.

`0012_waiting_list.sql` is for both engines, or there is the pair `0012_waiting_list.sqlite.sql` and `...postgres.sql`.
Runs nothing: that is `foundation.db.migrations`.
"""

import hashlib
import re
import sqlite3
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from msgspec import Struct

from fedishare.foundation.db.queries import Engine
from fedishare.foundation.values.errors import Misconfigured

_FILE = re.compile(r"(\d{4})_([a-z0-9_]+?)(?:\.(sqlite|postgres))?\.sql")
# SQLite gives a table its row id for a key only under this very type.
_KEY = re.compile(r"\bbigint primary key\b")

_NOTHING = re.compile(r"(?:\s|--[^\n]*\n)*;")


class Step(Struct, frozen=True, kw_only=True):
    """One idea of the schema, as one engine reads it."""

    version: int
    name: str
    text: str
    checksum: str


class Done(Struct, frozen=True, kw_only=True):
    """A step that the database already holds: a row of `schema_version`."""

    version: int
    name: str
    checksum: str


def shipped_folder() -> Path:
    """Inside the wheel, else beside the package in the repository."""
    package = Path(__file__).parents[2]
    inside = package / "migrations"
    return inside if inside.is_dir() else package.parent / "migrations"


def steps_in(folder: Path, engine: Engine) -> list[Step]:
    """All steps, oldest first; gaps are fine. Raises Misconfigured for half a pair, or a number given twice."""
    found: dict[tuple[int, str], dict[str, Path]] = {}
    for path in sorted(folder.glob("*.sql")):
        match = _FILE.fullmatch(path.name)
        if match is None:
            raise Misconfigured(f"{path}: not a migration's name. Use 0012_waiting_list.sql")
        found.setdefault((int(match[1]), match[2]), {})[match[3] or "both"] = path
    steps = [_step(version, name, files, engine) for (version, name), files in sorted(found.items())]
    for before, step in pairwise(steps):
        if step.version == before.version:
            raise Misconfigured(f"{folder}: {before.name} and {step.name} are both {step.version:04}")
    return steps


def statements(text: str) -> Iterator[str]:
    """One by one. SQLite tells where each ends, for PostgreSQL too: no step holds a body in dollar quotes.

    Raises Misconfigured when one never ends: what is not understood must not be passed over as if it were done.
    """
    statement = ""
    for piece in (text + "\n").split(";"):
        statement += piece + ";"
        if sqlite3.complete_statement(statement):
            if not _NOTHING.fullmatch(statement):
                yield statement
            statement = ""
    if statement:
        raise Misconfigured(f"a migration holds a statement that does not end: {statement.strip()[:80]}")


def _step(version: int, name: str, files: dict[str, Path], engine: Engine) -> Step:
    if set(files) not in ({"both"}, {"sqlite", "postgres"}):
        raise Misconfigured(f"migration {version:04}_{name}: one file for both engines, or one for each")
    written = files.get(engine, files.get("both", Path())).read_text(encoding="utf-8")
    text = _KEY.sub("integer primary key", written) if engine == "sqlite" else written
    return Step(version=version, name=name, text=text, checksum=hashlib.sha256(written.encode()).hexdigest())
