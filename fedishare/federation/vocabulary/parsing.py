"""Bytes from elsewhere to plain JSON, and nothing more.

JSON-LD is not processed: names are fixed, `@context` is neither fetched nor looked at, and the keywords that let a
processor rearrange a document are refused, because a signature check and a reader would see two documents
(SECURITY 0.5). A document that another parser could read in another way (two equal keys, NaN) is refused as well.
"""

import json
import math
import re
from typing import Any

from fedishare.federation.vocabulary import limits
from fedishare.foundation.values.errors import Malformed

_REARRANGING = frozenset({"@graph", "@included", "@reverse", "@nest", "@set"})
_WORTH_A_LOOK = re.compile(rb"\\u|@(graph|included|reverse|nest|set)")
"""Without one of these bytes there is neither a keyword nor a text that could not be written down."""
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


def parse(body: bytes, *, cap: int = limits.BODY) -> dict[str, Any]:
    """The JSON object in `body`. Raises Malformed for anything else, and for what is too big, deep or ambiguous."""
    if len(body) > cap:
        raise Malformed("document is too large")
    try:
        text = body.decode("utf-8")
        if text.startswith("\ufeff"):
            raise Malformed("not JSON as it is meant: a byte order mark")
        document = _DECODER.decode(text)
    except RecursionError:
        raise Malformed("document is nested too deeply") from None
    except ValueError as error:
        raise Malformed(f"not JSON as it is meant: {str(error)[:200]}") from None
    if not isinstance(document, dict):
        raise Malformed("not a JSON object")
    _check_depth(document)
    if _WORTH_A_LOOK.search(body):
        _check_inside(document)
    return document


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _integer(digits: str) -> int:
    if len(digits) > 20:
        raise ValueError("a number is too long")
    number = int(digits)
    if abs(number) >= limits.INTEGER:
        raise ValueError("a number is too large")
    return number


def _real(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer, parse_float=_real, parse_constant=_constant)
"""Made once: it costs as much as reading a small document."""


def _check_depth(document: dict[str, Any]) -> None:
    level: list[Any] = [document]
    for _ in range(limits.DEPTH):
        level = [
            member
            for value in level
            for member in (value.values() if isinstance(value, dict) else value)
            if isinstance(member, (dict, list))
        ]
        if not level:
            return
    raise Malformed("document is nested too deeply")


def _check_inside(value: object, *, in_context: bool = False) -> None:
    """Keywords everywhere but in `@context`, which nobody reads; and text that only an escape can write."""
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, list):
        for member in value:
            _check_inside(member, in_context=in_context)
    elif isinstance(value, dict):
        if not in_context and not _REARRANGING.isdisjoint(value):
            raise Malformed("JSON-LD keywords that rearrange a document are not read")
        for name, member in value.items():
            _check_text(name)
            _check_inside(member, in_context=in_context or name == "@context")


def _check_text(text: str) -> None:
    """Half a character and NUL can be written in JSON, but not in UTF-8 nor in PostgreSQL."""
    if _NO_TEXT.search(text):
        raise Malformed("text that is not text")
