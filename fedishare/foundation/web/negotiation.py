"""Which of two answers a client wants: ActivityPub's JSON or a page.

Source: INTEROP A.6. Decided by q-values, never by looking for "text/html" somewhere in the header: other servers name
it as their last resort.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.requests import HTTPConnection
from starlette.responses import Response

ACTIVITY_JSON = "application/activity+json"
ACTIVITY_TYPES = frozenset({ACTIVITY_JSON, "application/ld+json", "application/json"})
PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml", "*/*", "text/*"})
LONGEST_HEADER = 2_000
NOT_NAMED = (0.0, 0)


def wants_activity(request: HTTPConnection) -> bool:
    """True when ActivityPub's JSON is wanted at least as much as a page and, at equal weight, named first."""
    return prefers(request.headers.get("accept", ""), ACTIVITY_TYPES, PAGE_TYPES)


def wants_json(request: HTTPConnection) -> bool:
    """True when an error is better told as problem+json than as a page."""
    return wants_activity(request) or request.headers.get("accept", "").startswith("application/problem+json")


def prefers(accept: str, ours: frozenset[str], others: frozenset[str]) -> bool:
    """Whether the best of `ours` outweighs the best of `others`; the one named first wins a draw."""
    ranges = [_media_range(part) for part in accept[:LONGEST_HEADER].split(",")]
    best = _rank(ranges, ours)
    return best > NOT_NAMED and best > _rank(ranges, others)


def activity_json(
    data: Mapping[str, Any] | bytes, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """The exact content type that every server accepts, without a charset (INTEROP A.6.2)."""
    body = data if isinstance(data, bytes) else msgspec.json.encode(data)
    caching = {"Cache-Control": "public, max-age=180", "Vary": "Accept, Signature"}
    return Response(body, status, {**caching, **(headers or {})}, media_type=ACTIVITY_JSON)


def _rank(ranges: list[tuple[str, float]], kinds: frozenset[str]) -> tuple[float, int]:
    ranks = ((weight, -position) for position, (kind, weight) in enumerate(ranges) if kind in kinds and weight > 0)
    return max(ranks, default=NOT_NAMED)


def _media_range(part: str) -> tuple[str, float]:
    kind, *parameters = part.split(";")
    weight = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            weight = _quality(value)
    return kind.strip().lower(), weight


def _quality(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if 0.0 <= value <= 1.0 else 0.0
