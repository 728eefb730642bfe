"""From `name@domain` to an actor's id, and from an actor's id to the domain of its handle.

Sources: RFC 7033, INTEROP A.1 (split domains), FEP-2c59; attacks A148, A152 to A156. No host-meta: it is XML, and a
domain that needs it can redirect instead.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from fedishare.federation.fetching.asking import Asking
from fedishare.federation.fetching.documents import check_status, is_activity
from fedishare.federation.vocabulary import limits
from fedishare.federation.vocabulary.actor import ActorDocument
from fedishare.federation.vocabulary.origins import host
from fedishare.federation.vocabulary.parsing import parse
from fedishare.federation.vocabulary.reading import many, url
from fedishare.foundation.values.errors import N_, Malformed, RemoteTrouble, Unreachable, Untrusted
from fedishare.foundation.values.here import Here

ACCEPT = "application/jrd+json, application/json"
SIZE = 64_000
LINKS = 50
_HANDLE = re.compile(r"(?:acct:)?@?([^@:/\s]{1,200})@([^@/\s]{1,253})", re.IGNORECASE)


class Handle(Struct, frozen=True, kw_only=True):
    """`domain` is in small letters and ASCII; it may have a port where a test network does."""

    name: str
    domain: str

    def __str__(self) -> str:
        return f"{self.name}@{self.domain}"


class Finger(Struct, frozen=True, kw_only=True):
    """What a domain says: who it is to be called, and where the actor is."""

    subject: Handle
    actor_uri: str


def read_handle(text: str) -> Handle:
    """`@name@domain`, with or without the first at-sign or `acct:`. Raises Malformed."""
    match = _HANDLE.fullmatch(text.strip())
    if match is None or len(text) > limits.HANDLE:
        raise Malformed(f"{text[:80]!r} is not of the form name@domain")
    try:
        domain = match[2].encode("idna").decode("ascii").lower()
        if host(f"https://{domain}/") != domain:
            raise ValueError(domain)
    except ValueError:
        raise Malformed(f"{match[2]!r} is not a domain") from None
    return Handle(name=match[1], domain=domain)


class WebFinger:
    """Asks domains about names."""

    def __init__(self, *, net: Asking, here: Here) -> None:
        self._net = net
        self._here = here

    async def find(self, handle: Handle) -> Finger:
        """Whom the handle means: its domain may name another one as its own, once.

        Raises Untrusted when the two disagree, RemotelyGone, Unreachable, Malformed.
        """
        finger = await self._ask(handle)
        if finger.subject.domain == handle.domain:
            return finger
        second = await self._ask(finger.subject)
        if second != finger:
            raise Untrusted(f"{handle} leads to {finger.subject}, whose domain says otherwise")
        return second

    async def domain_of(self, document: ActorDocument) -> str:
        """The domain of an actor's handle: another one than that of its id only when both say so (A152)."""
        home = host(document.uri)
        claimed = document.webfinger or f"{document.name}@{home}"
        try:
            finger = await self.find(read_handle(claimed))
        except RemoteTrouble:
            return home
        subject = finger.subject
        if finger.actor_uri != document.uri or subject.name.lower() != document.name.lower():
            return home
        return subject.domain

    async def _ask(self, handle: Handle) -> Finger:
        if handle.domain in {self._here.handle_domain, self._here.host}:
            raise Untrusted(f"{handle} would be one of ours")
        if not self._here.secure:
            # Two instances on one machine speak http with each other; the transport refuses it for everybody else.
            with suppress(Unreachable, Untrusted):
                return await self._at(f"http://{handle.domain}", handle)
        return await self._at(f"https://{handle.domain}", handle)

    async def _at(self, origin: str, handle: Handle) -> Finger:
        resource = quote(f"acct:{handle}", safe="")
        answer = await self._net.get(
            f"{origin}/.well-known/webfinger?resource={resource}", headers={"Accept": ACCEPT}, cap=SIZE
        )
        check_status(answer)
        return _read(parse(answer.body, cap=SIZE))


def _read(document: Mapping[str, Any]) -> Finger:
    subject, links = document.get("subject"), many(document.get("links"))
    if not isinstance(subject, str) or not subject.lower().startswith("acct:"):
        raise Malformed(N_("no account in the answer of WebFinger"))
    for link in links[:LINKS]:
        if isinstance(link, dict) and link.get("rel") == "self" and is_activity(str(link.get("type"))):
            actor_uri = url(link.get("href"))
            if actor_uri is not None:
                return Finger(subject=read_handle(subject), actor_uri=actor_uri)
    raise Malformed(N_("no actor in the answer of WebFinger"))
