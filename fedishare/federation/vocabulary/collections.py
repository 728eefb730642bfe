"""Lists on the network: a collection that counts, and pages that follow one another by key.

Source: INTEROP A.7. `next` is there only when another page is: one that is always there makes readers walk for ever.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

from msgspec import Struct

PAGE_SIZE = 20
NEWEST = 2**63 - 1
"""Before this key comes everything: where the first page begins."""

T = TypeVar("T")


class Page(Struct, frozen=True, kw_only=True):
    """Which part of a list is asked for: what comes before the key `before`, newest first."""

    before: int = NEWEST
    size: int = PAGE_SIZE


def asked_page(page: str | None, before: str | None) -> Page | None:
    """What `?page=true&before=123` asks for; None when it asks for the collection itself, or for no page there is."""
    if page is None:
        return None
    if before is None:
        return Page()
    if not (before.isascii() and before.isdecimal() and len(before) <= 19):
        return None
    return Page(before=min(int(before), NEWEST))


def collection(uri: str, *, total: int, listed: bool = True) -> dict[str, Any]:
    """The collection itself. One that only counts (`listed` false) has no pages: Mastodon then says so to readers."""
    first = {"first": f"{uri}?page=true"} if listed else {}
    return {"id": uri, "type": "OrderedCollection", "totalItems": total, **first}


def collection_page(uri: str, page: Page, items: Sequence[Any], *, next_before: int | None) -> dict[str, Any]:
    """One page of `uri`; `next_before` is the key of its last item when more come after it."""
    before = "" if page.before == NEWEST else f"&before={page.before}"
    following = {} if next_before is None else {"next": f"{uri}?page=true&before={next_before}"}
    return {
        "id": f"{uri}?page=true{before}",
        "type": "OrderedCollectionPage",
        "partOf": uri,
        **following,
        "orderedItems": list(items),
    }


def inline_collection(uri: str, items: Sequence[Any]) -> dict[str, Any]:
    """A short list without pages, as `featured` has to be."""
    return {"id": uri, "type": "OrderedCollection", "totalItems": len(items), "orderedItems": list(items)}


def cut(rows: Sequence[T], size: int) -> tuple[Sequence[T], bool]:
    """The rows of a page, of which one more than `size` was asked for, and whether there are more."""
    return rows[:size], len(rows) > size


def tombstone(uri: str, *, former_type: str = "", deleted: str = "") -> dict[str, Any]:
    """What stands, with 410, where something was."""
    known = {"formerType": former_type, "deleted": deleted}
    return {"id": uri, "type": "Tombstone", **{name: value for name, value in known.items() if value}}
