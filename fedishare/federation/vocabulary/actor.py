"""The document of somebody who can act, read from any server.

Everything it points at lies on its own server, or is left out: an inbox elsewhere would make us knock at a third door
(A131), a key elsewhere would lend us somebody else's name (A006). What our own actors look like: `actors/documents`.
"""

import re
from typing import Any

from msgspec import Struct

from fedishare.federation.vocabulary import limits, reading
from fedishare.federation.vocabulary.origins import host, same_origin
from fedishare.federation.vocabulary.public_keys import ed25519_pem, rsa_pem
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.errors import Malformed

KINDS = frozenset({"Person", "Organization", "Group", "Service", "Application"})
FEP_0837 = "https://w3id.org/fep/0837"

_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?")


class KeyDocument(Struct, frozen=True, kw_only=True):
    """A public key that an actor shows as its own; `kind` is `rsa` or `ed25519`."""

    uri: str
    kind: str
    public_pem: str


class ActorDocument(Struct, frozen=True, kw_only=True):
    """`summary` is HTML as sent. `domain` is the host of the id, until WebFinger has proved another one.

    `webfinger` is the handle that the actor claims (FEP-2c59), unproved.
    """

    uri: str
    kind: str
    name: str
    domain: str
    display_name: str
    summary: str
    page_url: str
    inbox: str
    shared_inbox: str | None
    outbox: str | None
    followers: str | None
    following: str | None
    featured: str | None
    proposals: str | None
    approves_followers: bool
    discoverable: bool
    indexable: bool
    speaks_fedishare: bool
    webfinger: str
    also_known_as: tuple[str, ...]
    moved_to: str | None
    published: Instant | None
    fetched_at: Instant
    keys: tuple[KeyDocument, ...]


def read_actor(document: dict[str, Any], now: Instant) -> ActorDocument:
    """Raises Malformed for what is no actor, has no name that fits a handle, or no inbox on its own server."""
    uri = reading.url(reading.id_of(document))
    if uri is None or reading.kind(document) not in KINDS:
        raise Malformed("not an actor")
    name = reading.text(document.get("preferredUsername"), cap=limits.HANDLE)
    if not _NAME.fullmatch(name):
        raise Malformed("an actor has a name that fits a handle")
    inbox = _on_server(uri, reading.id_of(document.get("inbox")))
    if inbox is None:
        raise Malformed("an actor has an inbox on its own server")
    return ActorDocument(
        uri=uri,
        kind=reading.kind(document),
        name=name,
        domain=host(uri),
        display_name=reading.label(document.get("name")),
        summary=reading.text(document.get("summary"), cap=limits.SUMMARY),
        page_url=_on_server(uri, reading.link(document.get("url"))) or uri,
        inbox=inbox,
        shared_inbox=_shared_inbox(document, uri),
        outbox=_collection(document, uri, "outbox"),
        followers=_collection(document, uri, "followers"),
        following=_collection(document, uri, "following"),
        featured=_collection(document, uri, "featured"),
        proposals=_on_server(uri, reading.id_of(reading.full_term(document, "proposals"))),
        approves_followers=reading.flag(document.get("manuallyApprovesFollowers")),
        discoverable=reading.flag(document.get("discoverable")),
        indexable=reading.flag(document.get("indexable")),
        speaks_fedishare=FEP_0837 in capabilities(document),
        webfinger=reading.label(document.get("webfinger"), cap=limits.HANDLE),
        also_known_as=reading.ids(document.get("alsoKnownAs"), cap=limits.ALIASES),
        moved_to=reading.url(reading.first_id(document.get("movedTo"))),
        published=reading.moment(document.get("published")),
        fetched_at=now,
        keys=read_keys(document, uri),
    )


def read_keys(document: dict[str, Any], owner: str) -> tuple[KeyDocument, ...]:
    """The usable keys in a document that belong to `owner`: of its server, and named as its own.

    Works on stubs that have nothing but a key (GoToSocial's `/main-key`). Keys that cannot be read are left out.
    """
    found = [_rsa_key(item, owner) for item in reading.many(document.get("publicKey"))[: limits.KEYS]]
    found += [_ed25519_key(item, owner) for item in reading.many(document.get("assertionMethod"))[: limits.KEYS]]
    return tuple({key.uri: key for key in reversed(found) if key is not None}.values())[::-1]


def capabilities(document: dict[str, Any]) -> frozenset[str]:
    """What the software behind an actor says it implements (FEP-844e); its ids are names, not addresses."""
    generator = document.get("generator")
    named = generator.get("implements") if isinstance(generator, dict) else None
    hrefs = (item.get("href") if isinstance(item, dict) else item for item in reading.many(named))
    return frozenset([one for one in hrefs if isinstance(one, str)][: limits.CAPABILITIES])


def _rsa_key(item: object, owner: str) -> KeyDocument | None:
    if not isinstance(item, dict) or not isinstance(item.get("publicKeyPem"), str):
        return None
    uri = _own_key_id(item, owner, reading.first_id(item.get("owner")) or reading.first_id(item.get("controller")))
    if uri is None:
        return None
    try:
        return KeyDocument(uri=uri, kind="rsa", public_pem=rsa_pem(item["publicKeyPem"]))
    except Malformed:
        return None


def _ed25519_key(item: object, owner: str) -> KeyDocument | None:
    if not isinstance(item, dict) or not isinstance(item.get("publicKeyMultibase"), str):
        return None
    uri = _own_key_id(item, owner, reading.first_id(item.get("controller")))
    if uri is None:
        return None
    try:
        return KeyDocument(uri=uri, kind="ed25519", public_pem=ed25519_pem(item["publicKeyMultibase"]))
    except Malformed:
        return None


def _own_key_id(item: dict[str, Any], owner: str, claimed: str | None) -> str | None:
    uri = _on_server(owner, reading.id_of(item))
    return uri if claimed == owner else None


def _shared_inbox(document: dict[str, Any], uri: str) -> str | None:
    endpoints = document.get("endpoints")
    given = endpoints.get("sharedInbox") if isinstance(endpoints, dict) else document.get("sharedInbox")
    return _on_server(uri, reading.id_of(given))


def _collection(document: dict[str, Any], uri: str, name: str) -> str | None:
    return _on_server(uri, reading.id_of(document.get(name)))


def _on_server(uri: str, found: str | None) -> str | None:
    return found if found is not None and same_origin(uri, found) else None
