"""Signed GETs of ActivityPub documents, and whether the answer may be believed.

Sources: SECURITY 0.1, 0.7; INTEROP A.6, B.1, B.8.5; attacks A114 to A122, A146, A149, A150. A document counts when it
is served by the origin of its own id, as ActivityPub, and says nothing in the name of another origin.
"""

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from fedishare.federation.actors import store
from fedishare.federation.actors.model import Actor
from fedishare.federation.fetching.asking import Asking
from fedishare.federation.fetching.memory import Troubles
from fedishare.federation.fetching.schemes import Scheme, Schemes, sign
from fedishare.federation.signatures.keys import PrivateKey, SealedKey, opened
from fedishare.federation.vocabulary.actor import KINDS
from fedishare.federation.vocabulary.origins import canonical, host, same_origin, without_fragment
from fedishare.federation.vocabulary.parsing import parse
from fedishare.federation.vocabulary.reading import id_of, ids, kind
from fedishare.foundation.db.access import Read
from fedishare.foundation.db.database import Database
from fedishare.foundation.net.client import Answer
from fedishare.foundation.values.clock import Clock
from fedishare.foundation.values.errors import N_, Malformed, RemotelyGone, Unreachable, Untrusted
from fedishare.foundation.values.here import Here
from fedishare.foundation.values.secrets import Secret

ACCEPT = 'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
REFUSED_S = 60.0
_PROFILE = re.compile(r';\s*profile\s*=\s*"([^"]*)"', re.IGNORECASE)
_AS = "https://www.w3.org/ns/activitystreams"
_RETRY_AFTER_MOST = 86_400.0


class Fetched(Struct, frozen=True, kw_only=True):
    """A document and where it came from in the end; whether the two belong together is not yet known."""

    url: str
    document: dict[str, Any]

    @property
    def id(self) -> str | None:
        return id_of(self.document)

    @property
    def at_its_own_id(self) -> bool:
        return self.id == without_fragment(self.url)


class Documents:
    """Asks in the name of the instance, or of a local actor."""

    def __init__(self, *, net: Asking, db: Database, here: Here, clock: Clock, secret: Secret) -> None:
        self._net = net
        self._db = db
        self._here = here
        self._clock = clock
        self._secret = secret
        self._schemes = Schemes(db, clock)
        self._refused = Troubles(clock, size=4_096)

    async def own(self, uri: str, *, as_actor: Actor | None = None) -> Fetched:
        """A document that its own origin serves as its own; an alias leads to the id that it declares, once.

        Raises Untrusted when the id is another origin's, RemotelyGone, Unreachable, Malformed.
        """
        fetched = await self.fetch(uri, as_actor=as_actor)
        if not fetched.at_its_own_id:
            declared = fetched.id
            if declared is None or not same_origin(declared, fetched.url):
                raise Untrusted(f"{fetched.url} is not where {declared} lives")
            fetched = await self.fetch(declared, as_actor=as_actor)
            if not fetched.at_its_own_id:
                raise Untrusted(f"{fetched.url} says that it is {fetched.id}")
        _check_speaks_for_itself(fetched)
        return fetched

    async def fetch(self, uri: str, *, as_actor: Actor | None = None) -> Fetched:
        """A document as it is served, whatever it says it is. What is none is not asked for again at once (A121)."""
        url = self._remote(uri)
        self._refused.check(url)
        try:
            return _read(await self._answer(url, as_actor))
        except (Untrusted, Malformed) as trouble:
            self._refused.put(url, trouble, seconds=REFUSED_S)
            raise

    def _remote(self, uri: str) -> str:
        """Where to ask. Raises Untrusted for what is no URL, is ours, or when nothing may go out."""
        if not self._here.open:
            raise Untrusted(N_("this instance does not speak with others"))
        try:
            url = without_fragment(canonical(uri))
        except ValueError as error:
            raise Untrusted(f"{uri[:100]!r}: {error}") from None
        if self._here.owns(url):
            raise Untrusted(f"{url} is ours: it is not fetched")
        return url

    async def _answer(self, url: str, as_actor: Actor | None) -> Answer:
        key = opened(await self._db.read(_key, as_actor), self._secret)

        async def ask(scheme: Scheme) -> Answer:
            answer = await self._get(url, scheme, key)
            if answer.status == 401 and scheme == "cavage" and "?" in url:
                # Misskey and Akkoma check a signature of the path alone (INTEROP B.1.7).
                return await self._get(url, scheme, key, with_query=False)
            return answer

        return await self._schemes.knock(host(url), ask)

    async def _get(self, url: str, scheme: Scheme, key: PrivateKey, *, with_query: bool = True) -> Answer:
        def signed(hop: str) -> Mapping[str, str]:
            asked = hop if with_query else hop.partition("?")[0]
            return sign(scheme, "GET", asked, body=None, key=key, now=self._clock.now())

        return await self._net.get(url, headers={"Accept": ACCEPT}, sign=signed)


async def _key(read: Read, actor: Actor | None) -> SealedKey:
    return await store.private_key(read, (actor or await store.instance_actor(read)).id)


def _read(answer: Answer) -> Fetched:
    check_status(answer)
    if not is_activity(answer.headers.get("content-type", "")):
        raise Untrusted(N_("%(url)s is not served as ActivityPub"), url=answer.url)
    return Fetched(url=canonical(answer.url), document=parse(answer.body))


def check_status(answer: Answer) -> None:
    """Only 200 is a document (A150). Raises RemotelyGone for 410, Unreachable with the status for anything else."""
    if answer.status == 410:
        raise RemotelyGone(f"{answer.url} is gone")
    if answer.status != 200:
        waiting = answer.headers.get("retry-after", "")
        raise Unreachable(
            N_("%(url)s answers %(number)s"),
            url=answer.url,
            number=answer.status,
            status=answer.status,
            retry_after_s=min(float(waiting), _RETRY_AFTER_MOST) if waiting.isascii() and waiting.isdigit() else None,
        )


def is_activity(content_type: str) -> bool:
    """Either of the two types; an upload served as plain JSON must never pass for a document (A114, A115)."""
    media = content_type.partition(";")[0].strip().lower()
    if media == "application/activity+json":
        return True
    profile = _PROFILE.search(content_type)
    return media == "application/ld+json" and profile is not None and _AS in profile[1].split()


def _check_speaks_for_itself(fetched: Fetched) -> None:
    """Whoever it names as its author or actor lives where it lives (FEP-fe34, A146). Of an actor it names stewards."""
    if kind(fetched.document) in KINDS:
        return
    for name in ("attributedTo", "actor"):
        for owner in ids(fetched.document.get(name)):
            if not same_origin(owner, fetched.url):
                raise Untrusted(f"{fetched.url} speaks in the name of {owner}")
