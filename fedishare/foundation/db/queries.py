"""Named queries: reads the `queries.sql` that stands beside a module (STYLE 5). Knows no table and runs nothing.

A query is a line `-- name`, its sentence, its text. `-- name [sqlite]` and `-- name [postgres]` are two texts of one
name. Under the name, `-- hot` asks a test for an index, `-- sees all: why` says why no reader is asked for.
`-- filter: x` begins a fragment that `.filtered(x=value)` puts in place of `/* filters */` unless the value is None.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

Engine = Literal["sqlite", "postgres"]
ENGINES: tuple[Engine, ...] = ("sqlite", "postgres")

_HEADER = re.compile(r"-- (?:(filter): )?([a-z][a-z0-9_]*)(?: \[(sqlite|postgres)\])?\s*$")
# What may hold a colon that begins no parameter: strings, quoted names, comments, casts.
_TOKEN = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/|::|:([a-z_][a-z0-9_]*)", re.DOTALL | re.IGNORECASE)
_FILTERS = "/* filters */"


class Query:
    """One statement, ready for both engines. Built once; compared by identity."""

    def __init__(
        self, name: str, texts: dict[Engine, str], comment: list[str], filters: dict[str, dict[Engine, str]]
    ) -> None:
        self.name = name
        self.comment = comment
        self.filters = filters
        self.sqlite = texts["sqlite"]
        self.postgres_named = texts["postgres"]
        self.postgres, self.names = numbered(self.postgres_named)
        self.plans: dict[type, Any] = {}
        """How its rows become a shape (foundation.db.rows): worked out at the first row."""
        self._texts = texts
        self._variants: dict[tuple[str, ...], Query] = {}

    def filtered(self, **wanted: object) -> "Query":
        """This query with the fragments whose value is not None; their values are passed again when it runs."""
        kept = tuple(name for name, value in wanted.items() if value is not None)
        variant = self._variants.get(kept)
        if variant is None:
            variant = self._variants[kept] = self._with(kept)
        return variant

    def _with(self, kept: tuple[str, ...]) -> "Query":
        texts: dict[Engine, str] = {}
        for engine in ENGINES:
            if _FILTERS not in self._texts[engine]:
                raise ValueError(f"{self.name} has no place for filters: {_FILTERS}")
            fragments = [self.filters[name][engine] for name in kept]
            texts[engine] = self._texts[engine].replace(_FILTERS, "\n  ".join(fragments))
        return Query(self.name, texts, self.comment, {})

    @property
    def hot(self) -> bool:
        return "hot" in self.comment

    def __repr__(self) -> str:
        return f"<Query {self.name}>"


class Queries:
    """The queries of one file, by attribute: `sql.open_of_kind`."""

    def __init__(self, path: Path, found: dict[str, Query]) -> None:
        self._path = path
        self._found = found

    def __getattr__(self, name: str) -> Query:
        try:
            return self._found[name]
        except KeyError:
            raise AttributeError(f"{self._path} has no query named {name}") from None

    def __iter__(self) -> Iterator[Query]:
        return iter(self._found.values())


def load(module_file: str, name: str = "queries.sql") -> Queries:
    """The queries in the file beside the calling module: `sql = load(__file__)`. Raises ValueError, naming the line."""
    path = Path(module_file).with_name(name)
    return Queries(path, parse(path.read_text(encoding="utf-8"), source=path))


def parse(text: str, *, source: Path) -> dict[str, Query]:
    """Cut a file into its queries. Raises ValueError for what belongs to no query or is there twice."""
    texts: dict[tuple[bool, str], dict[Engine, str]] = {}
    comments: dict[tuple[bool, str], list[str]] = {}
    for block in _blocks(text, source):
        known = texts.setdefault((block.is_filter, block.name), {})
        comments.setdefault((block.is_filter, block.name), []).extend(block.comment)
        for engine in block.engines:
            if engine in known:
                raise ValueError(f"{source}, line {block.line}: {block.name} is there twice")
            known[engine] = block.text()
    for (_, name), known in texts.items():
        if len(known) != len(ENGINES):
            raise ValueError(f"{source}: {name} is written for one engine alone")
    filters = {name: known for (is_filter, name), known in texts.items() if is_filter}
    return {
        name: Query(name, known, comments[is_filter, name], filters)
        for (is_filter, name), known in texts.items()
        if not is_filter
    }


def numbered(text: str) -> tuple[str, tuple[str, ...]]:
    """`:name` as PostgreSQL wants it, `$1`; one number a name. Strings, comments and `::casts` stay as they are."""
    names: list[str] = []

    def number(token: re.Match[str]) -> str:
        name = token.group(1)
        if name is None:
            return token.group(0)
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    return _TOKEN.sub(number, text), tuple(names)


class _Block:
    """A header and the lines under it, while the file is read."""

    def __init__(self, header: re.Match[str], line: int) -> None:
        self.is_filter = header.group(1) is not None
        self.name = header.group(2)
        self.line = line
        self.comment: list[str] = []
        self.lines: list[str] = []
        self.engines = tuple(engine for engine in ENGINES if header.group(3) in (None, engine))

    def add(self, line: str) -> None:
        if line.startswith("--") and not any(self.lines):
            self.comment.append(line.removeprefix("--").strip())
        else:
            self.lines.append(line)

    def text(self) -> str:
        return "\n".join(self.lines).strip().removesuffix(";")


def _blocks(text: str, source: Path) -> Iterator[_Block]:
    """Headers begin a paragraph: a comment of one word inside a query is none."""
    block: _Block | None = None
    after_blank = True
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line) if after_blank else None
        if header:
            if block:
                yield block
            block = _Block(header, number)
        elif block:
            block.add(line)
        elif line.strip() and not line.startswith("--"):
            raise ValueError(f"{source}, line {number}: this belongs to no query")
        after_blank = not line.strip()
    if block:
        yield block
