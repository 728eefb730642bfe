"""The rows of `actor` and `key`: who can act, here and elsewhere, and what they sign with."""

from collections.abc import Iterable
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from fedishare.federation.actors.model import Actor
from fedishare.federation.signatures.keys import SealedKey
from fedishare.federation.vocabulary.actor import ActorDocument, KeyDocument
from fedishare.federation.vocabulary.origins import host
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.db.queries import load
from fedishare.foundation.db.recalling import Recalling
from fedishare.foundation.text.sanitise import sanitise
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.errors import N_, Misconfigured, Untrusted
from fedishare.foundation.values.here import Here

sql = load(__file__)

NOBODY_SIGNED_IN = 0
"""The reader whom only public things are shown to (actor 0 of `policy/circles`)."""


KEYS = "keys"
"""Whom `Tx.wake` calls when somebody here has new keys."""
REPLACED_KEYS = "replaced-keys"
"""Whom it calls when a key of somebody elsewhere proves nothing any more."""


class StoredKey(Struct, frozen=True, kw_only=True):
    """A public key and whose it is; `kind` is `rsa` or `ed25519`."""

    uri: str
    actor_id: int
    kind: str
    public_pem: str
    fetched_at: Instant


class OwnKey(Struct, frozen=True, kw_only=True):
    """A key of somebody here, as a list shows it; `retired_at` when it was replaced."""

    uri: str
    kind: str
    name: str
    created_at: Instant
    retired_at: Instant | None


async def by_uri(read: Read, uri: str) -> Actor | None:
    """Also one that was deleted: `deleted_at` tells."""
    return await read.one(Actor, sql.by_uri, uri=uri)


async def by_id(read: Read, actor_id: int) -> Actor | None:
    return await read.one(Actor, sql.by_id, id=actor_id)


async def by_ids(read: Read, actor_ids: Iterable[int]) -> dict[int, Actor]:
    """Those that exist, by their numbers."""
    wanted = sorted(set(actor_ids))
    found = await read.all(Actor, sql.by_ids, ids=msgspec.json.encode(wanted).decode()) if wanted else []
    return {actor.id: actor for actor in found}


async def foresee(tx: Recalling, uris: Iterable[str]) -> list[Actor]:
    """Those of these ids who are known; `by_uri` and `by_id` ask the database for none of them again."""
    wanted = list(dict.fromkeys(uris))
    found = await tx.all(Actor, sql.by_uris, uris=msgspec.json.encode(wanted).decode()) if wanted else []
    known = {actor.uri: actor for actor in found}
    tx.learn("one", Actor, sql.by_uri, (({"uri": uri}, known.get(uri)) for uri in wanted))
    tx.learn("one", Actor, sql.by_id, (({"id": actor.id}, actor) for actor in found))
    return found


async def local_by_name(read: Read, name: str) -> Actor | None:
    """Also one that was deleted: `deleted_at` tells."""
    return await read.one(Actor, sql.local_by_name, name=name)


async def by_handle(read: Read, name: str, domain: str) -> Actor | None:
    """Somebody alive and known here; names are compared without regard to case."""
    return await read.one(Actor, sql.by_handle, name=name.lower(), domain=domain.lower())


async def association(read: Read) -> Actor:
    """Whose instance this is. Raises Misconfigured before `init`."""
    found = await read.one(Actor, sql.association)
    if found is None:
        raise Misconfigured(N_("This instance belongs to nobody yet. Run: fedishare init"))
    return found


async def instance_actor(read: Read) -> Actor:
    """The actor that fetches for everybody. Raises Misconfigured before `init`."""
    found = await read.one(Actor, sql.local_of_kind, kind="Application")
    if found is None:
        raise Misconfigured(N_("This instance has no actor of its own yet. Run: fedishare init"))
    return found


async def insert_local(tx: Tx, actor: Actor) -> None:
    """Raises UniqueBroken("actor_local_name") when the name was ever taken."""
    values = msgspec.structs.asdict(actor)
    del values["deleted_at"]
    await tx.run(sql.insert_local, **values)


async def save_remote(tx: Tx, document: ActorDocument, *, here: Here, now: Instant) -> Actor:
    """Keep somebody as their own server shows them: new, changed, or back after a Delete.

    The caller vouches that `document` comes from there. A document without keys leaves the known ones alone; one with
    keys retires the others. Raises Untrusted for an id of ours.
    """
    _check_elsewhere(document.uri, here)
    await tx.run(
        sql.save_remote,
        **msgspec.structs.asdict(_row(document, here, now)),
        keeps_handle=document.domain == host(document.uri),
    )
    saved = await by_uri(tx, document.uri)
    if saved is None:
        raise LookupError(document.uri)
    await _save_keys(tx, saved.id, document.keys, here=here, now=now)
    return saved


def _check_elsewhere(uri: str, here: Here) -> None:
    """Another port of our own host is nobody else's server (A143), unless this is a trial on one machine."""
    ours = urlsplit(here.base_url).hostname
    if here.owns(uri) or (here.secure and urlsplit(uri).hostname == ours):
        raise Untrusted(f"{uri} is one of ours and cannot come from elsewhere")


async def _save_keys(tx: Tx, actor_id: int, keys: tuple[KeyDocument, ...], *, here: Here, now: Instant) -> None:
    if not keys:
        return
    before = {(key.uri, key.public_pem) for key in await keys_of(tx, actor_id)}
    for key in keys:
        await tx.run(
            sql.save_key,
            id=here.ids.new(now),
            uri=key.uri,
            actor_id=actor_id,
            kind=key.kind,
            public_pem=key.public_pem,
            now=now,
        )
    shown = msgspec.json.encode([key.uri for key in keys]).decode()
    await tx.run(sql.retire_other_keys, actor_id=actor_id, shown=shown, now=now)
    if before - {(key.uri, key.public_pem) for key in keys}:
        tx.wake(REPLACED_KEYS)


class _Row(Struct, frozen=True, kw_only=True):
    id: int
    uri: str
    local: bool
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
    created_at: Instant
    fetched_at: Instant


def _row(document: ActorDocument, here: Here, now: Instant) -> _Row:
    same = {name: getattr(document, name) for name in _Row.__struct_fields__ if hasattr(document, name)}
    own = {"id": here.ids.new(now), "local": False, "summary": sanitise(document.summary), "created_at": now}
    return _Row(**{**same, **own})


async def change_profile(
    tx: Tx,
    actor_id: int,
    *,
    display_name: str,
    summary: str,
    approves_followers: bool,
    discoverable: bool,
    indexable: bool,
    now: Instant,
) -> bool:
    """Whether there was somebody to change."""
    return bool(
        await tx.run(
            sql.change_profile,
            id=actor_id,
            display_name=display_name,
            summary=summary,
            approves_followers=approves_followers,
            discoverable=discoverable,
            indexable=indexable,
            now=now,
        )
    )


async def erase(tx: Tx, actor_id: int, *, now: Instant) -> bool:
    """Whether there was somebody to erase. Keys stay: the last Delete still has to be signed, and checked."""
    return bool(await tx.run(sql.erase, id=actor_id, now=now))


async def insert_local_key(
    tx: Tx, *, key_id: int, uri: str, actor_id: int, kind: str, public_pem: str, private_sealed: bytes, now: Instant
) -> None:
    await tx.run(
        sql.insert_local_key,
        id=key_id,
        uri=uri,
        actor_id=actor_id,
        kind=kind,
        public_pem=public_pem,
        private_sealed=private_sealed,
        now=now,
    )


async def key_of(read: Read, key_uri: str) -> StoredKey | None:
    """A key in use; retired ones are unknown."""
    return await read.one(StoredKey, sql.key_of, uri=key_uri)


async def keys_of(read: Read, actor_id: int) -> list[StoredKey]:
    return await read.all(StoredKey, sql.keys_of, actor_id=actor_id)


async def private_key(read: Read, actor_id: int) -> SealedKey:
    """What a local actor signs with. Raises LookupError for anybody else."""
    found = await read.one(SealedKey, sql.private_key, actor_id=actor_id)
    if found is None:
        raise LookupError(f"actor {actor_id} has no key to sign with")
    return found


async def private_key_called(read: Read, uri: str) -> SealedKey:
    """Also one that has been replaced. Raises LookupError for a key that is not ours."""
    found = await read.one(SealedKey, sql.private_key_called, uri=uri)
    if found is None:
        raise LookupError(f"{uri} is no key of somebody here")
    return found


async def proof_key(read: Read, actor_id: int) -> SealedKey:
    """What a local actor proves documents with. Raises LookupError for anybody else."""
    found = await read.one(SealedKey, sql.proof_key, actor_id=actor_id)
    if found is None:
        raise LookupError(f"actor {actor_id} has no key for proofs")
    return found


async def own_keys(read: Read) -> list[OwnKey]:
    return await read.all(OwnKey, sql.own_keys)


async def count_own_keys(read: Read, actor_id: int) -> int:
    """How many keys to sign with somebody here has ever had."""
    return int(await read.value(sql.count_own_keys, actor_id=actor_id))


async def retire_own_keys(tx: Tx, actor_id: int, *, now: Instant) -> None:
    """They sign nothing new from here on; whoever holds a key at hand hears of it."""
    await tx.run(sql.retire_own_keys, actor_id=actor_id, now=now)
    await tx.run(sql.mark_changed, id=actor_id, now=now)
    tx.wake(KEYS)


async def local_actors(read: Read) -> list[Actor]:
    """Who lives here, the instance itself included."""
    return await read.all(Actor, sql.local_actors)


async def count_people(read: Read) -> int:
    """Actors of this instance, without the instance's own."""
    return int(await read.value(sql.count_people))


async def count_posts(read: Read) -> int:
    """Public objects of this instance."""
    return int(await read.value(sql.count_posts, viewer=NOBODY_SIGNED_IN))
