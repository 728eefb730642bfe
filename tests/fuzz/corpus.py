"""What inputs are made of: what servers of every kind really send, and every word that an attack of ours uses."""

import ast
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from tests.sources import ROOT

PAYLOADS = ROOT / "tests" / "payloads"
ATTACKS = ROOT / "tests" / "attacks"
LONGEST_WORD = 300
Json = dict[str, Any]


@cache
def documents() -> tuple[Json, ...]:
    """Every payload, and every object inside one that has a type of its own."""
    found = [json.loads(path.read_bytes()) for path in sorted(PAYLOADS.glob("*/*.json"))]
    return tuple(part for document in found if isinstance(document, dict) for part in _with_type(document))


def written(wanted: Callable[[Json], bool]) -> tuple[bytes, ...]:
    """Those among the documents, as they come over the wire."""
    return tuple(dict.fromkeys(json.dumps(one, ensure_ascii=False).encode() for one in documents() if wanted(one)))


def texts_of(*names: str) -> tuple[str, ...]:
    """Every text that stands under one of these names in the documents."""
    found = (document.get(name) for document in documents() for name in names)
    return tuple(dict.fromkeys(text for text in found if isinstance(text, str) and text))


@cache
def words() -> tuple[bytes, ...]:
    """Texts in the lines of the attacks and in their tests, and the names in real documents."""
    found = {name.encode() for document in documents() for name in document}
    for path in sorted(ATTACKS.glob("*.jsonl")):
        found.update(json.loads(line)["input"].encode() for line in path.read_text().splitlines())
    for path in sorted(ATTACKS.rglob("test_*.py")):
        found.update(_constants(path))
    return tuple(sorted(word for word in found if 0 < len(word) <= LONGEST_WORD))


def _with_type(document: Json) -> Iterator[Json]:
    yield document
    for value in document.values():
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict) and "type" in inner:
                yield from _with_type(inner)


def _constants(path: Path) -> Iterator[bytes]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)):
            yield node.value if isinstance(node.value, bytes) else node.value.encode("utf-8", "surrogatepass")


@cache
def heads() -> tuple[bytes, ...]:
    """Heads of requests as other servers signed them, out of the evidence; only the bytes of the signature are cut."""
    text = (ROOT / "docs" / "interop.md").read_text(encoding="utf-8")
    blocks = [block.partition("```")[0].strip().partition("\n\n")[0] for block in text.split("```http\n")[1:]]
    lines = [[line for line in block.splitlines()[1:] if ": " in line] for block in blocks]
    return tuple("\n".join(block).replace("…", "AA==").encode() for block in lines if block)
