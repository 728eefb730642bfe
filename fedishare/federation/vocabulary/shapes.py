"""Values of a kind that makes no sense where they stand: refused, where what is merely absent is passed over.

A number for attachments, an object for a text: no server means anything by it, and two readers would make two things of
it (A058). `reading` is lenient about what may be there; this says what may not.
"""

from collections.abc import Iterable
from typing import Any

from fedishare.federation.vocabulary import limits, reading
from fedishare.foundation.values.errors import Malformed

_AUDIENCE = ("to", "cc", "bto", "bcc", "audience")
_THINGS = ("tag", "attachment")
_TEXTS = ("content", "summary", "name")


def check_activity(document: dict[str, Any]) -> None:
    """Raises Malformed. An activity may be without an id, but not with one that is no text."""
    if not isinstance(document.get("id", ""), str):
        raise Malformed("an id is a text")
    _check_audience(document)


def check_note(document: dict[str, Any]) -> None:
    """Raises Malformed."""
    _check_audience(document)
    for name in _THINGS:
        if not all(isinstance(item, dict) or reading.url(item) for item in _members(document, name)):
            raise Malformed(f"{name} holds what is neither an object nor an address")
    for name in _TEXTS:
        if not all(isinstance(item, str) for item in _members(document, name)):
            raise Malformed(f"{name} holds what is no text")


def _check_audience(document: dict[str, Any]) -> None:
    for name in _AUDIENCE:
        for item in _members(document, name):
            if not isinstance(item.get("id") if isinstance(item, dict) else item, str):
                raise Malformed(f"{name} holds what is nobody's address")


def _members(document: dict[str, Any], name: str) -> Iterable[Any]:
    """As many as are ever read."""
    value = document.get(name)
    items = value[: limits.ITEMS] if isinstance(value, list) else (value,)
    return (item for item in items if item is not None)
