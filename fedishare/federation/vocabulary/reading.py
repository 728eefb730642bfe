"""What a property may look like in the wild, read leniently: one value or a list, an id or the object itself.

Nothing here raises: what makes no sense reads as absent. The `read_...` functions beside decide what must be there.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from fedishare.federation.vocabulary import limits
from fedishare.federation.vocabulary.origins import canonical, fits
from fedishare.foundation.values.clock import Instant, from_datetime

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
_PUBLIC = frozenset({PUBLIC, "as:Public", "Public"})

_NAMESPACES = (
    "vf:",
    "om2:",
    "ValueFlows:",
    "as:",
    "https://w3id.org/valueflows/ont/vf#",
    "http://w3id.org/valueflows/ont/vf#",
    "https://w3id.org/valueflows#",
    "http://www.ontology-of-units-of-measure.org/resource/om-2/",
    "https://www.w3.org/ns/activitystreams#",
)
_TOO_LATE = from_datetime(datetime(9999, 1, 1, tzinfo=UTC))
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff]")
_UNSEEN = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u2065\u206a-\u206f\u2800\u3164\ufe00-\ufe0f"
    "\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff\\s]+"
)
"""What is a letter and has no shape. Within a name it may join others; alone it is no name."""


def is_public(uri: str) -> bool:
    """Everybody, in one of the three spellings that are sent (INTEROP A.10)."""
    return uri in _PUBLIC


def many(value: object) -> list[Any]:
    """A list, whatever was sent: nothing, one value, or several."""
    if value is None:
        return []
    return value[: limits.ITEMS] if isinstance(value, list) else [value]


def ids(value: object, *, cap: int = limits.RECIPIENTS) -> tuple[str, ...]:
    """Every id in a property, each once, in the order sent. Objects count by their id, everybody by the full URI."""
    found = (id_of(item) for item in (value if isinstance(value, list) else [value])[: 2 * cap])
    return tuple(dict.fromkeys(one for one in found if one is not None))[:cap]


def first_id(value: object) -> str | None:
    """The first id in a property: what Mastodon takes of an `actor` or `attributedTo` that is a list."""
    return next(iter(ids(value, cap=limits.ITEMS)), None)


def id_of(value: object) -> str | None:
    """The id that a value is or has. A URL comes in its one form, another text (flohmarkt's `42`) as it stands."""
    if isinstance(value, dict):
        value = value.get("id")
    if not isinstance(value, str) or not value or not fits(value):
        return None
    return PUBLIC if value in _PUBLIC else url(value) or (None if "://" in value else value)


def url(value: object) -> str | None:
    """An http or https URL in its one form, or nothing."""
    if not isinstance(value, str):
        return None
    try:
        return canonical(value)
    except ValueError:
        return None


def link(value: object) -> str | None:
    """The address in a `url`: a text, a Link with `href`, or several, of which a page comes first."""
    pages = [item for item in many(value) if isinstance(item, dict) and item.get("mediaType") == "text/html"]
    for item in pages + many(value):
        found = url(item.get("href") or item.get("url")) if isinstance(item, dict) else url(item)
        if found is not None:
            return found
    return None


def text(value: object, *, cap: int = limits.CONTENT) -> str:
    """The text of a property, cut at `cap`; of several the first; empty for anything that is no text."""
    first = next((item for item in many(value) if isinstance(item, str)), "")
    return first[:cap]


def label(value: object, *, cap: int = limits.NAME) -> str:
    """A name on one line, without marks piled up on a letter and without what turns the writing direction; empty when
    there would be nothing to see."""
    plain = " ".join(_CONTROL.sub(" ", text(value, cap=20 * cap)).split())
    found = "".join(_few_marks(plain))[:cap]
    return "" if _UNSEEN.fullmatch(found) else found


def flag(value: object, *, default: bool = False) -> bool:
    return value if isinstance(value, bool) else default


def moment(value: object) -> Instant | None:
    """A time since 1970; one without a zone is taken as UTC, which is what its sender's library forgot to write.

    The year 9999 is somebody's "for ever": no zone but UTC could show its end, so it reads as absent.
    """
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        read = datetime.fromisoformat(value)
        instant = from_datetime(read if read.tzinfo else read.replace(tzinfo=UTC))
    except (ValueError, OverflowError, OSError):
        return None
    return instant if 0 <= instant < _TOO_LATE else None


def decimal(value: object) -> Decimal | None:
    """An exact number from a JSON number or, as FEP-0837 has it, from a text."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = Decimal(str(value)[:40])
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < Decimal(10**15) and _is_short(number) else None


def _is_short(number: Decimal) -> bool:
    """Whether it can be written out: ten letters, `1E-9999999`, may stand for millions of zeros."""
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and abs(exponent) <= limits.DECIMALS


def full_term(document: dict[str, Any], name: str) -> Any:
    """A property by its plain name, by a prefix that is commonly used for it, or by its full IRI."""
    if name in document:
        return document[name]
    return next((document[space + name] for space in _NAMESPACES if space + name in document), None)


def plain(value: object) -> str:
    """The last part of a term: `vf:transfer`, `transfer` and its full IRI are one; other texts stay as they are."""
    found = value.get("id") if isinstance(value, dict) else value
    if not isinstance(found, str):
        return ""
    space = next((space for space in _NAMESPACES if found.startswith(space)), "")
    return found[len(space) :][: limits.URI]


def kind(document: dict[str, Any]) -> str:
    """What a thing is: its type, or the first of several."""
    return plain(next((item for item in many(document.get("type")) if isinstance(item, str)), ""))


def language(document: dict[str, Any]) -> str:
    """The language of a text's `contentMap` where it has exactly one, else nothing is known."""
    by_language = document.get("contentMap")
    if not isinstance(by_language, dict) or len(by_language) != 1:
        return ""
    tag = next(iter(by_language))
    return tag if len(tag) <= limits.LANGUAGE and tag.replace("-", "").isalnum() and tag.isascii() else ""


def _few_marks(name: str) -> Iterator[str]:
    piled = 0
    for letter in name:
        piled = piled + 1 if unicodedata.combining(letter) else 0
        if piled <= limits.COMBINING:
            yield letter
