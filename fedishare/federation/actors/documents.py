"""What our own actors look like to other servers (INTEROP A.4), strict where any receiver is.

One `publicKey` object with an SPKI key (Misskey breaks on a list, Lemmy on PKCS#1), everything on one host, and never
without the key: Mastodon drops all followers of an actor that comes without. Reading others: `vocabulary/actor`.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from fedishare.federation.actors import store, urls
from fedishare.federation.actors.model import Actor
from fedishare.federation.actors.store import StoredKey
from fedishare.federation.vocabulary.actor import FEP_0837
from fedishare.federation.vocabulary.collections import tombstone
from fedishare.federation.vocabulary.context import with_context
from fedishare.federation.vocabulary.public_keys import multikey
from fedishare.foundation.db.access import Read
from fedishare.foundation.values.clock import rfc3339
from fedishare.foundation.values.here import Here

RFC_9421 = "https://datatracker.ietf.org/doc/html/rfc9421"
IMPLEMENTS = [
    {"type": "Link", "href": FEP_0837, "name": "FEP-0837: Federated Marketplace"},
    {"type": "Link", "href": RFC_9421, "name": "RFC-9421: HTTP Message Signatures"},
    {
        "type": "Link",
        "href": f"{RFC_9421}#name-eddsa-using-curve-edwards25",
        "name": "RFC-9421 signatures using the Ed25519 algorithm",
    },
]
"""Each from the day it works here (FEP-844e)."""

_KEPT = 1_024
_encoded: dict[Actor, bytes] = {}
"""Bytes by the whole row, so that whatever changes makes another entry."""


async def document_bytes(read: Read, actor: Actor, here: Here) -> bytes:
    """The document of a local actor as it is served."""
    known = _encoded.get(actor)
    if known is None:
        keys = await store.keys_of(read, actor.id)
        if len(_encoded) >= _KEPT:
            _encoded.clear()
        known = _encoded[actor] = msgspec.json.encode(with_context(document(actor, keys, here)))
    return known


def document(actor: Actor, keys: Sequence[StoredKey], here: Here) -> dict[str, Any]:
    """A local actor without `@context`, as it also stands inside an Update."""
    return {
        "id": actor.uri,
        "type": actor.kind,
        "preferredUsername": actor.name,
        "name": actor.display_name or actor.name,
        "summary": actor.summary or None,
        "url": actor.page_url,
        "inbox": actor.inbox,
        **_collections(actor),
        "endpoints": {"sharedInbox": actor.shared_inbox},
        "publicKey": next(_rsa_key(key, actor) for key in keys if key.kind == "rsa"),
        "assertionMethod": [_multikey(key, actor) for key in keys if key.kind == "ed25519"],
        "manuallyApprovesFollowers": actor.approves_followers,
        "discoverable": actor.discoverable,
        "indexable": actor.indexable,
        "published": rfc3339(actor.created_at),
        "updated": rfc3339(actor.fetched_at),
        "webfinger": actor.handle,
        "generator": {"type": "Application", "id": urls.instance_uri(here), "implements": IMPLEMENTS},
        "tag": [],
        "attachment": [],
    }


async def stub_bytes(read: Read, actor: Actor) -> bytes:
    """What somebody who did not sign needs to check a signature, and nothing else (INTEROP A.5)."""
    keys = await store.keys_of(read, actor.id)
    shown = {
        "id": actor.uri,
        "type": actor.kind,
        "preferredUsername": actor.name,
        "inbox": actor.inbox,
        "outbox": actor.outbox,
        "publicKey": next(_rsa_key(key, actor) for key in keys if key.kind == "rsa"),
    }
    return msgspec.json.encode(with_context(shown))


def gone(actor: Actor) -> dict[str, Any]:
    """What is left of an actor: nothing that says who it was."""
    deleted = rfc3339(actor.deleted_at) if actor.deleted_at is not None else ""
    return tombstone(actor.uri, former_type=actor.kind, deleted=deleted)


def _collections(actor: Actor) -> dict[str, str]:
    found = {
        "outbox": actor.outbox,
        "followers": actor.followers,
        "following": actor.following,
        "featured": actor.featured,
        "proposals": actor.proposals,
    }
    return {name: uri for name, uri in found.items() if uri is not None}


def _rsa_key(key: StoredKey, actor: Actor) -> dict[str, str]:
    return {"id": key.uri, "owner": actor.uri, "publicKeyPem": key.public_pem}


def _multikey(key: StoredKey, actor: Actor) -> dict[str, str]:
    return {
        "id": key.uri,
        "type": "Multikey",
        "controller": actor.uri,
        "publicKeyMultibase": multikey(key.public_pem),
    }
