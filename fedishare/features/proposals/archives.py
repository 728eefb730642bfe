"""What others published before they were followed here, or never send: their collections, read page by page.

Source: WIRE.md "Backfill", "Reading". Of those who speak as we do, the collection `proposals`; of Epicyon, the numbered
pages `<actor>/offers?page=N` and `<actor>/wanted?page=N` (which calls itself `requests`, and may be found there). They
end with an empty one and are read again each hour, since nothing of them is ever sent: what they no longer list is
closed, what they list again is open. Of anybody, the proposals that a profile links (Mitra, Epicyon). One job a page,
so it goes on where it stopped. Nobody is notified of what is found.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from msgspec import Struct

from fedishare.features.proposals import reading
from fedishare.features.proposals.model import Purpose, State
from fedishare.features.proposals.reading import Reading
from fedishare.federation.actors.model import Actor
from fedishare.federation.fetching.collections import Item, Page, vouched
from fedishare.federation.vocabulary import limits
from fedishare.federation.vocabulary import reading as terms
from fedishare.federation.vocabulary.origins import same_origin
from fedishare.foundation.values.errors import Malformed

MOST_PAGES = 250
"""Pages of one archive that are read: 5,000 proposals of ours."""

MOST_NUMBERED = 20
"""Of those that are numbered: nothing but an empty one says where they end."""

EPICYON = "epicyon"
LISTS = {"offers": Purpose.OFFER, "wanted": Purpose.REQUEST, "requests": Purpose.REQUEST}
_INSTEAD = {"wanted": "requests"}
_PROPOSAL = "https://w3id.org/valueflows/ont/vf#Proposal"


class Archive(Struct, frozen=True):
    """A job: read the proposals of this actor, from this page on ('' is the first). `listed` are the ids of those that
    earlier pages of a numbered list showed as open."""

    actor_id: int
    page: str = ""
    read: int = 0
    listed: tuple[str, ...] = ()


def lists_of(actor: Actor, software: str) -> list[str]:
    """First pages of an actor's lists that no property of theirs names."""
    wanted = [name for name in LISTS if name not in _INSTEAD.values()]
    return [_first(actor.uri, name) for name in wanted] if software == EPICYON else []


def instead_of(work: Archive) -> Archive | None:
    """Where to look when there is no such list."""
    actor, name = _list(work.page)
    return Archive(work.actor_id, _first(actor, _INSTEAD[name])) if name in _INSTEAD and not work.read else None


def anew(work: Archive) -> Archive:
    """The same list from its first page on."""
    return Archive(work.actor_id, _first(*_list(work.page)))


def purpose_of(work: Archive) -> Purpose:
    """Of what a numbered list holds."""
    return LISTS[_list(work.page)[1]]


def after(page: Page, work: Archive, shown: Sequence[Reading]) -> Archive | None:
    """The page that follows; None behind the last one, and behind as many as are read at all."""
    number = _number(work.page)
    if not page.items or work.read + 1 >= (MOST_NUMBERED if number else MOST_PAGES):
        return None
    # Each page is a job of its own, and the list does not leave its server between two of them.
    if page.next and same_origin(page.next, page.uri):
        return Archive(work.actor_id, page.next, work.read + 1)
    if not number:
        return None
    following = f"{work.page.partition('?')[0]}?page={number + 1}"
    listed = (*work.listed, *(found.uri for found in shown if found.state is State.OPEN))
    return Archive(work.actor_id, following, work.read + 1, listed)


def is_numbered(page: str) -> bool:
    """Whether it is a page of a list that is found by counting alone."""
    return _number(page) > 0


def sorted_out(page: Page, actor: Actor, collection: str) -> tuple[list[Reading], list[str]]:
    """What may be believed as it stands (collection, item and author share one origin), and what must be fetched."""
    shown: list[Reading] = []
    to_fetch: list[str] = []
    for item in page.items:
        uri = terms.url(terms.id_of(item))
        if uri is None:
            continue
        if isinstance(item, str) or not vouched(item, collection):
            to_fetch.append(uri)
            continue
        try:
            found = reading.read(_in_own_name(item, actor))
        except Malformed:
            continue  # one bad item does not hide the others
        if found is not None:
            shown.append(found)
    return shown, to_fetch


def linked_from(profile: dict[str, Any]) -> list[str]:
    """Proposals on the same server that a profile links (FEP-0837 "Discovery", FEP-0ea0)."""
    home = terms.id_of(profile) or ""
    found = (
        terms.url(item.get("href"))
        for item in terms.many(profile.get("attachment"))[: limits.ATTACHMENTS]
        if isinstance(item, dict) and _PROPOSAL in terms.many(item.get("rel"))
    )
    return list(dict.fromkeys(uri for uri in found if uri is not None and same_origin(uri, home)))


def _in_own_name(item: Item, actor: Actor) -> dict[str, Any]:
    """Epicyon gives the list itself as the author of what stands in it."""
    document = dict(item) if isinstance(item, dict) else {}
    if terms.first_id(document.get("attributedTo")) in {f"{actor.uri}/{name}" for name in LISTS}:
        document["attributedTo"] = actor.uri
    return document


def _first(actor: str, name: str) -> str:
    return f"{actor}/{name}?page=1"


def _list(page: str) -> tuple[str, str]:
    """Whose list a numbered page is of, and which."""
    actor, _, name = page.partition("?")[0].rpartition("/")
    return actor, name


def _number(page: str) -> int:
    """Of `<actor>/offers?page=7`; 0 for any other address."""
    parts = urlsplit(page)
    if parts.path.rpartition("/")[2] not in LISTS:
        return 0
    number = dict(parse_qsl(parts.query)).get("page", "")
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 5 else 0
