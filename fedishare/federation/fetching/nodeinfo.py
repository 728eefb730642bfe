"""Which software another server runs, by its own word: NodeInfo, two documents of plain JSON.

Source: NodeInfo 2.1 "Discovery". Nobody proves what a server says of itself: it decides how politely we speak with it,
never what we believe. What we say of ourselves is `actors/nodeinfo.py`.
"""

from typing import Any

from fedishare.federation.fetching.asking import Asking
from fedishare.federation.fetching.documents import check_status
from fedishare.federation.vocabulary.origins import canonical, origin, same_origin
from fedishare.federation.vocabulary.parsing import parse
from fedishare.federation.vocabulary.reading import label, many, url
from fedishare.foundation.values.errors import N_, Malformed, Untrusted
from fedishare.foundation.values.here import Here

SCHEMA = "http://nodeinfo.diaspora.software/ns/schema/"
SIZE = 64_000
LINKS = 20
LONGEST_NAME = 60


class NodeInfo:
    """Asks servers about themselves."""

    def __init__(self, *, net: Asking, here: Here) -> None:
        self._net = net
        self._here = here

    async def software(self, uri: str) -> str:
        """The name of the software behind this id, in small letters.

        Raises Untrusted, RemotelyGone, Unreachable (with the status), Malformed.
        """
        try:
            home = origin(uri)
        except ValueError as error:
            raise Untrusted(f"{uri[:100]!r}: {error}") from None
        if not self._here.open or self._here.owns(uri):
            raise Untrusted(f"{home} is not asked")
        place = _place(await self._json(f"{home}/.well-known/nodeinfo"), home)
        found = (await self._json(place)).get("software")
        name = label(found.get("name"), cap=LONGEST_NAME).lower() if isinstance(found, dict) else ""
        if not name:
            raise Malformed(N_("no name of a software in the answer of NodeInfo"))
        return name

    async def _json(self, address: str) -> dict[str, Any]:
        answer = await self._net.get(address, headers={"Accept": "application/json"}, cap=SIZE)
        check_status(answer)
        if not same_origin(canonical(answer.url), address):
            raise Untrusted(f"{address} is answered by {answer.url}")
        return parse(answer.body, cap=SIZE)


def _place(links: dict[str, Any], home: str) -> str:
    """Where the newest version stands, on the same server."""
    found = {
        str(link.get("rel")): place
        for link in many(links.get("links"))[:LINKS]
        if isinstance(link, dict) and (place := url(link.get("href"))) is not None and same_origin(place, home)
    }
    newest = max((rel for rel in found if rel.startswith(SCHEMA)), default=None)
    if newest is None:
        raise Malformed(N_("no document in the answer of NodeInfo"))
    return found[newest]
