"""Bytes from elsewhere to plain JSON, and nothing more.

JSON-LD is not processed: names are fixed, `@context` is neither fetched nor looked at, and the keywords that let a
processor rearrange a document are refused, because a signature check and a reader would see two documents
(SECURITY 0.5). A document that another parser could read in another way (two equal keys, NaN) is refused as well.
"""

import json
import math
from typing import Any

from fedishare.federation.vocabulary import limits
from fedishare.foundation.values.errors import Malformed

_REARRANGING = frozenset({"@graph", "@included", "@reverse", "@nest", "@set"})


def parse(body: bytes, *, cap: int = limits.BODY) -> dict[str, Any]:
    """The JSON object in `body`. Raises Malformed for anything else, and for what is too big, deep or ambiguous."""
    if len(body) > cap:
        raise Malformed("document is too large")
    try:
        document = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_real,
            parse_constant=_constant,
        )
    except RecursionError:
        raise Malformed("document is nested too deeply") from None
    except ValueError as error:
        raise Malformed(f"not JSON as it is meant: {str(error)[:200]}") from None
    if not isinstance(document, dict):
        raise Malformed("not a JSON object")
    _walk(document, escapes=b"\\u" in body)
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


def _walk(document: dict[str, Any], *, escapes: bool) -> None:
    """Depth and keywords everywhere but in `@context`, which nobody reads; text only where an escape can hide in it."""
    level: list[Any] = [document]
    for _ in range(limits.DEPTH):
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                below.extend(_members(value, escapes=escapes))
            else:
                below.extend(value)
        if escapes:
            _check_texts(below)
        level = [value for value in below if isinstance(value, (dict, list))]
        if not level:
            return
    raise Malformed("document is nested too deeply")


def _members(value: dict[str, Any], *, escapes: bool) -> list[Any]:
    if not _REARRANGING.isdisjoint(value):
        raise Malformed("JSON-LD keywords that rearrange a document are not read")
    if escapes:
        _check_texts(list(value))
    return [member for name, member in value.items() if name != "@context"]


def _check_texts(values: list[Any]) -> None:
    """Half a character and NUL can be written in JSON but not in UTF-8 nor in PostgreSQL."""
    for value in values:
        if isinstance(value, str) and ("\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value)):
            raise Malformed("text that is not text")
