"""The lines of `attacks.jsonl` and `own.jsonl`, and how a test says which of them it is."""

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from tests.engines import on_each_engine

FOLDER = Path(__file__).parent
FOLDERS = {
    "inbox POST": "inbox",
    "fetch response": "fetch",
    "webfinger": "webfinger",
    "queue": "queue",
    "HTML render": "render",
    "HTTP": "http",
    "form": "form",
}
"""Where the tests of a surface are."""


class Line(Struct, frozen=True, kw_only=True):
    """One attack: what is done, and what must come of it."""

    id: str
    surface: str
    title: str
    input: str
    expect: str
    source: str


def _read(file: str) -> list[Line]:
    texts = (FOLDER / file).read_text(encoding="utf-8").splitlines()
    return [Line(**json.loads(text)) for text in texts]


_ALL = [*_read("attacks.jsonl"), *_read("own.jsonl")]
LINES: dict[str, Line] = {line.id: line for line in _ALL}
assert len(LINES) == len(_ALL), "an id stands twice"
LATER: dict[str, str] = tomllib.loads((FOLDER / "later.toml").read_text(encoding="utf-8"))
"""From the id of a line to the room, under `fedishare/`, that it waits for."""


def attack(number: str) -> Callable[[Any], Any]:
    """This test is that line, on both engines. Raises KeyError for a line that is not there."""
    line = LINES[number]

    def marked(test: Any) -> Any:
        return pytest.mark.attack(line.id)(on_each_engine(test))

    return marked
