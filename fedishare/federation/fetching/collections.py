"""Walking a collection elsewhere, page by page, never without end.

Source: INTEROP A.7; attacks A136, A137. The collection, its pages and what follows them live on one origin. Items come
as they are: an id, or an object that nobody has vouched for yet (see `vouched`).
"""

from collections.abc import AsyncIterator
from typing import Any

from msgspec import Struct

from fedishare.federation.actors.model import Actor
from fedishare.federation.fetching.documents import Documents
from fedishare.federation.vocabulary import limits
from fedishare.federation.vocabulary.origins import same_origin
from fedishare.federation.vocabulary.reading import id_of, ids, many
from fedishare.foundation.values.errors import Untrusted

PAGES = 10
ITEMS = 200

MOST_COUNTED = 100_000_000
"""No collection is believed to hold more (A106)."""

Item = dict[str, Any] | str


class Page(Struct, frozen=True, kw_only=True):
    """`uri` is where it can be asked for again, `next` the page after it; `total` is what the collection claims."""

    uri: str
    items: list[Item]
    next: str | None
    total: int | None


async def pages(
    documents: Documents, uri: str, *, as_actor: Actor | None = None, most: int = PAGES
) -> AsyncIterator[Page]:
    """The pages from `uri` on, which is a collection or one of its pages; at most `most`, none twice.

    Raises Untrusted for a page of another origin, and what `Documents.fetch` raises.
    """
    seen: set[str] = set()
    following: str | None = uri
    while following is not None and following not in seen and len(seen) < most:
        seen.add(following)
        if not same_origin(following, uri):
            raise Untrusted(f"{uri} goes on elsewhere, at {following}")
        page, first = await _page(documents, following, as_actor)
        if first is not None and not page.items:
            following = first
            continue
        yield page
        following = page.next


async def _page(documents: Documents, uri: str, as_actor: Actor | None) -> tuple[Page, str | None]:
    """The page at `uri`, and where the first one is when `uri` is a collection that keeps its items elsewhere."""
    fetched = await documents.fetch(uri, as_actor=as_actor)
    if not same_origin(fetched.url, uri):
        raise Untrusted(f"{uri} is answered by {fetched.url}")
    document = fetched.document
    total = document.get("totalItems")
    first = document.get("first")
    if isinstance(first, dict) and not _items(document):
        return _read(first, uri, total), None
    return _read(document, uri, total), id_of(first)


def _read(document: dict[str, Any], uri: str, total: object) -> Page:
    return Page(
        uri=uri,
        items=_items(document),
        next=id_of(document.get("next")),
        total=min(total, MOST_COUNTED)
        if isinstance(total, int) and not isinstance(total, bool) and total >= 0
        else None,
    )


def _items(document: dict[str, Any]) -> list[Item]:
    found = many(document.get("orderedItems")) or many(document.get("items"))
    return [item for item in found[: limits.ITEMS] if isinstance(item, (dict, str))]


def vouched(item: Item, collection: str) -> bool:
    """Whether an embedded item needs no fetch: collection, item and its authors share one origin (WIRE "Backfill")."""
    owner = id_of(item)
    if isinstance(item, str) or owner is None:
        return False
    return all(same_origin(collection, one) for one in (owner, *ids(item.get("attributedTo"))))
