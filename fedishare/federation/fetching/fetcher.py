"""Everything that is asked of other servers about actors, documents, keys, handles and collections.

One `Fetcher` for an instance. Nothing here runs inside a transaction, and only `key` inside a request. While the
instance is closed every question is answered by Untrusted. What may be believed: `documents`, `keys`, `webfinger`.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from msgspec.structs import replace

from fedishare.federation.actors import store
from fedishare.federation.actors.model import Actor
from fedishare.federation.fetching import collections
from fedishare.federation.fetching.asking import Asking
from fedishare.federation.fetching.collections import Item, Page
from fedishare.federation.fetching.documents import Documents, Fetched
from fedishare.federation.fetching.keys import KeyOf, Keys
from fedishare.federation.fetching.memory import Shared
from fedishare.federation.fetching.nodeinfo import NodeInfo
from fedishare.federation.fetching.webfinger import WebFinger, read_handle
from fedishare.federation.policy.domains import Guard
from fedishare.federation.vocabulary.actor import read_actor
from fedishare.federation.vocabulary.origins import canonical
from fedishare.federation.vocabulary.reading import ids
from fedishare.foundation.db.database import Database
from fedishare.foundation.net.client import Net
from fedishare.foundation.values.clock import DAY, Clock
from fedishare.foundation.values.errors import N_, Unreachable, Untrusted
from fedishare.foundation.values.here import Here
from fedishare.foundation.values.secrets import Secret

__all__ = ["Fetcher", "Item", "KeyOf", "Page"]

FRESH = DAY
HANDLE_S = 1.5


class Fetcher:
    """Raises Untrusted, Malformed, Unreachable (with the status, if there was one) and RemotelyGone from everything."""

    def __init__(
        self, *, net: Net, db: Database, here: Here, clock: Clock, secret: Secret, limits: bool = True
    ) -> None:
        self._db = db
        self._here = here
        self._clock = clock
        self._guard = Guard(db, here)
        asking = Asking(net, self._guard)
        self._documents = Documents(net=asking, db=db, here=here, clock=clock, secret=secret)
        self._webfinger = WebFinger(net=asking, here=here)
        self._nodeinfo = NodeInfo(net=asking, here=here)
        self._keys = Keys(
            documents=self._documents, db=db, here=here, clock=clock, keep=self._keep_signer, limits=limits
        )
        self._actors: Shared[Actor] = Shared()

    async def document(self, uri: str, *, as_actor: Actor | None = None) -> dict[str, Any]:
        """A document from its own origin. Its `id` is where it lives, which is not `uri` when that was an alias.

        Signed by the instance, or by `as_actor` for what was addressed to that local actor.
        """
        document = (await self._documents.own(uri, as_actor=as_actor)).document
        # Somebody blocked may live on a server that is not: what they wrote is not taken in by its id either (A093).
        await self._guard.check(*ids(document.get("attributedTo")), *ids(document.get("actor")))
        return document

    async def actor(self, uri: str, *, fresh: bool = False) -> Actor:
        """Somebody by their id, as stored, asked for again when that is older than a day or `fresh` is wanted.

        Somebody who cannot be asked now is answered from what is stored. An alias answers with another `uri`.
        """
        stored = await self._db.read(store.by_uri, self._one_form(uri))
        if self._here.owns(self._one_form(uri)):
            if stored is None or stored.deleted_at is not None:
                raise Untrusted(f"{uri} is nobody here")
            return stored
        self._check_open()
        await self._guard.check(self._one_form(uri))
        known = stored if stored is not None and stored.deleted_at is None else None
        if known is not None and not fresh and known.fetched_at > self._clock.now() - FRESH:
            return known
        try:
            return await self._actors.once(uri, lambda: self._fetch_actor(uri))
        except Unreachable:
            if known is None or fresh:
                raise
            return known

    async def actor_by_handle(self, handle: str) -> Actor:
        """Somebody by `name@domain`, with or without a first at-sign; of this instance too."""
        wanted = read_handle(handle)
        if wanted.domain in {self._here.handle_domain, self._here.host}:
            local = await self._db.read(store.local_by_name, wanted.name.lower())
            if local is None or local.deleted_at is not None:
                raise Unreachable(N_("nobody here is called %(name)s"), name=wanted.name, status=404)
            return local
        self._check_open()
        finger = await self._webfinger.find(wanted)
        return await self._actors.once(finger.actor_uri, lambda: self._fetch_actor(finger.actor_uri))

    async def software(self, uri: str) -> str:
        """What the server behind an id calls its software, in small letters: its word alone."""
        return await self._nodeinfo.software(uri)

    async def key(self, key_id: str, *, fresh: bool = False) -> KeyOf:
        """Whose key this is. Within four seconds, few at once, failures remembered: see `keys`."""
        self._check_open()
        return await self._keys.key(key_id, fresh=fresh)

    async def collection(
        self,
        uri: str,
        *,
        limit: int = collections.ITEMS,
        pages: int = collections.PAGES,
        as_actor: Actor | None = None,
    ) -> AsyncIterator[Item]:
        """At most `limit` items from a collection, or from one of its pages on, in the order it gives."""
        left = limit
        async for page in collections.pages(self._documents, uri, as_actor=as_actor, most=pages):
            for item in page.items[:left]:
                yield item
            left -= len(page.items)
            if left <= 0:
                return

    def pages(self, uri: str, *, most: int = collections.PAGES, as_actor: Actor | None = None) -> AsyncIterator[Page]:
        """The same by pages, each with the address from which the walk can be taken up again."""
        return collections.pages(self._documents, uri, as_actor=as_actor, most=most)

    def _check_open(self) -> None:
        if not self._here.open:
            raise Untrusted(N_("this instance does not speak with others"))

    def _one_form(self, uri: str) -> str:
        try:
            return canonical(uri)
        except ValueError as error:
            raise Untrusted(f"{uri[:100]!r}: {error}") from None

    async def _fetch_actor(self, uri: str) -> Actor:
        fetched = await self._documents.own(uri)
        document = read_actor(fetched.document, self._clock.now())
        domain = await self._webfinger.domain_of(document)
        return await self._db.work(
            store.save_remote, replace(document, domain=domain), here=self._here, now=self._clock.now()
        )

    async def _keep_signer(self, fetched: Fetched) -> Actor:
        """A sender waits: WebFinger is asked only about a claim to another domain, and not for long."""
        document = read_actor(fetched.document, self._clock.now())
        if document.webfinger and not document.webfinger.lower().endswith("@" + document.domain):
            with suppress(TimeoutError):
                async with asyncio.timeout(HANDLE_S):
                    document = replace(document, domain=await self._webfinger.domain_of(document))
        return await self._db.work(store.save_remote, document, here=self._here, now=self._clock.now())
