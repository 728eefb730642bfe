"""Whose key signed a request: known, remembered, or fetched once while the sender waits.

Sources: SECURITY 0.4 (binding is reciprocal), INTEROP B.2, B.7, WIRE "Inbox and outbox"; attacks A004 to A006, A025,
A035 to A041. The only fetch that happens inside a request, so it is short, few at once, shared, and its failures are
remembered. The key is believed when its owner, fetched from the key's own origin, lists exactly that key id.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from msgspec import Struct

from fedishare.federation.actors import store
from fedishare.federation.actors.model import Actor
from fedishare.federation.fetching.documents import Documents, Fetched
from fedishare.federation.fetching.memory import Memory, NewHosts, Shared, TooManyFetches, Troubles, registrable
from fedishare.federation.signatures.errors import BadKey
from fedishare.federation.signatures.keys import rsa_key
from fedishare.federation.vocabulary.origins import host, same_origin
from fedishare.federation.vocabulary.public_keys import ed25519_pem
from fedishare.federation.vocabulary.reading import first_id, id_of, many, url
from fedishare.foundation.db.access import Read
from fedishare.foundation.db.database import Database
from fedishare.foundation.values.clock import Clock
from fedishare.foundation.values.errors import Malformed, RemotelyGone, RemoteTrouble, Unreachable, Untrusted
from fedishare.foundation.values.here import Here
from fedishare.foundation.web.limits import Allowance, Buckets

log = structlog.get_logger()

DEADLINE_S = 4.0
AT_ONCE = 16
FETCHES = Allowance(burst=30, per_second=3.0)
"""For all senders together."""
OF_ONE_DOMAIN = Allowance(burst=15, per_second=1.5)
"""Half of it: whoever makes us ask in vain keeps nobody else's newcomers out."""
REMEMBERED_S = 60.0
REFETCH_S = 300.0
GONE_S = 3_600.0
FAILED_S = 60.0
_TRY_LATER = frozenset({401, 403, 408, 425, 429})


class KeyOf(Struct, frozen=True, kw_only=True):
    """A public key, RSA or Ed25519, and whose it is."""

    id: str
    actor: Actor
    public_pem: str


Keep = Callable[[Fetched], Awaitable[Actor]]
"""Store the actor of a document that was fetched at its own id."""


class Keys:
    """One for an instance. Forgets after a minute, and all at once when somebody's key was replaced: it may have been
    stolen, and whoever has it could put it back."""

    def __init__(
        self, *, documents: Documents, db: Database, here: Here, clock: Clock, keep: Keep, limits: bool
    ) -> None:
        self._documents = documents
        self._db = db
        self._here = here
        self._keep = keep
        self._known: Memory[KeyOf] = Memory(clock, size=4_096)
        self._failed = Troubles(clock, size=10_000)
        self._replaced = 0
        db.on_wake(store.REPLACED_KEYS, self._forget)
        self._refetched: Memory[bool] = Memory(clock, size=10_000)
        self._under_way: Shared[KeyOf] = Shared()
        self._new_hosts = NewHosts(clock, per_domain=NewHosts.PER_DOMAIN if limits else None)
        self._fetches = Buckets(clock, FETCHES) if limits else None
        self._of_one_domain = Buckets(clock, OF_ONE_DOMAIN) if limits else None
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def key(self, key_id: str, *, fresh: bool = False) -> KeyOf:
        """`fresh` asks its origin again, at most once in five minutes; in between it is the known one.

        Raises Untrusted or Malformed when nobody vouches for it, Unreachable when that may change, RemotelyGone.
        """
        uri = url(key_id)
        if uri is None or self._here.owns(uri):
            raise Untrusted(f"{key_id[:100]!r} is nobody's key elsewhere")
        if not (fresh and self._may_refetch(uri)):
            known = self._known.get(uri) or await self._stored(uri)
            if known is not None:
                return known
        self._failed.check(uri)
        return await self._under_way.once(uri, lambda: self._fetch_if_allowed(uri))

    async def _fetch_if_allowed(self, uri: str) -> KeyOf:
        """Not remembered as a failure of theirs when it is not. Raises as `key`."""
        if not self._new_hosts.admit(host(uri)):
            raise TooManyFetches(f"too many new hosts beside {host(uri)}", status=429)
        if self._of_one_domain is not None and self._of_one_domain.take(registrable(host(uri))):
            raise TooManyFetches(f"too many keys of {host(uri)} at once", status=429)
        if self._fetches is not None and self._fetches.take(""):
            raise TooManyFetches("too many keys at once", status=429)
        return await self._fetch_in_time(uri)

    def _may_refetch(self, uri: str) -> bool:
        if self._refetched.get(uri):
            return False
        self._refetched.put(uri, True, seconds=REFETCH_S)
        return True

    async def _stored(self, uri: str) -> KeyOf | None:
        replaced = self._replaced
        found = await self._db.read(_stored, uri)
        if found is not None and replaced == self._replaced:  # else it may have been read before it was replaced
            self._known.put(uri, found, seconds=REMEMBERED_S)
        return found

    def _forget(self) -> None:
        self._known.forget()
        self._replaced += 1

    async def _fetch_in_time(self, uri: str) -> KeyOf:
        try:
            async with asyncio.timeout(DEADLINE_S), self._slots:
                found = await self._fetch(uri)
        except TimeoutError:
            trouble: RemoteTrouble = Unreachable(f"no answer about {uri} within {DEADLINE_S:g} s")
        except RemoteTrouble as told:
            trouble = _for_good(told)
        else:
            self._known.put(uri, found, seconds=REMEMBERED_S)
            return found
        self._failed.put(uri, trouble, seconds=GONE_S if isinstance(trouble, RemotelyGone) else FAILED_S)
        log.info("key_refused", key=uri, why=str(trouble))
        raise trouble

    async def _fetch(self, uri: str) -> KeyOf:
        fetched = await self._documents.fetch(uri)
        if not same_origin(fetched.url, uri):
            raise Untrusted(f"{uri} is answered by {fetched.url}")
        owner = _owner(fetched)
        if owner is None or not same_origin(owner, uri):
            raise Untrusted(f"{uri} belongs to nobody of its own origin")
        if owner != fetched.id or not fetched.at_its_own_id or "inbox" not in fetched.document:
            fetched = await self._documents.own(owner)
        _check_lists(fetched, owner, uri)
        actor = await self._keep(fetched)
        stored = await self._db.read(store.key_of, uri)
        if stored is None or stored.actor_id != actor.id:
            raise Untrusted(f"{uri} was first seen as somebody else's")
        return KeyOf(id=uri, actor=actor, public_pem=stored.public_pem)


async def _stored(read: Read, uri: str) -> KeyOf | None:
    stored = await store.key_of(read, uri)
    actor = await store.by_id(read, stored.actor_id) if stored is not None else None
    if stored is None or actor is None:
        return None
    return KeyOf(id=uri, actor=actor, public_pem=stored.public_pem)


def _owner(fetched: Fetched) -> str | None:
    """Whose key a document holds: an actor's own, a bare key's owner, or that of a stub (GoToSocial's `/main-key`)."""
    document = fetched.document
    if "publicKeyPem" in document:
        return first_id(document.get("owner")) or first_id(document.get("controller"))
    return fetched.id


def _check_lists(fetched: Fetched, owner: str, uri: str) -> None:
    """The owner shows the key as its own, and it is one that proves something."""
    if fetched.id != owner:
        raise Untrusted(f"{uri} names {owner}, who turns out to be {fetched.id}")
    for shown in many(fetched.document.get("publicKey")) + many(fetched.document.get("assertionMethod")):
        if isinstance(shown, dict) and id_of(shown) == uri:
            _check_key(shown, owner, uri)
            return
    raise Untrusted(f"{owner} does not list {uri}")


def _check_key(shown: dict[str, Any], owner: str, uri: str) -> None:
    claimed = first_id(shown.get("owner")) or first_id(shown.get("controller"))
    if claimed != owner:
        raise Untrusted(f"{uri} is shown by {owner} as the key of {claimed}")
    pem, multikey = shown.get("publicKeyPem"), shown.get("publicKeyMultibase")
    if isinstance(pem, str):
        rsa_key(pem)
    elif isinstance(multikey, str):
        ed25519_pem(multikey)
    else:
        raise BadKey(f"{uri} has neither PEM nor Multikey")


def _for_good(trouble: RemoteTrouble) -> RemoteTrouble:
    """A key that is answered with 404 proves nothing, today or later (A041); 500 is another matter (A037)."""
    status = trouble.status if isinstance(trouble, Unreachable) else None
    if status is not None and 400 <= status < 500 and status not in _TRY_LATER:
        return Malformed(str(trouble))
    return trouble
