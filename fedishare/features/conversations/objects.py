"""Every object by its id, ours and theirs, alive or deleted: an id is taken for ever, and a late Create harmless.

Source: INTEROP B.8. Knows whose an object is and who may see it; what it means is known by the rooms that keep it.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from fedishare.features.conversations.model import StoredObject
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.db.queries import load
from fedishare.foundation.db.recalling import Recalling
from fedishare.foundation.values.clock import Instant

sql = load(__file__, "objects.sql")


async def object_by_uri(read: Read, uri: str) -> StoredObject | None:
    return await read.one(StoredObject, sql.object_by_uri, uri=uri)


async def foresee(tx: Recalling, uris: Sequence[str]) -> list[StoredObject]:
    """Those of these ids that are kept; neither `object_by_uri` nor `was_deleted` asks for one of them again."""
    asked = msgspec.json.encode(uris).decode()
    found = await tx.all(StoredObject, sql.objects_by_uris, uris=asked)
    deleted: dict[str, str] = dict(await tx.all(tuple, sql.tombstone_owners, uris=asked))
    known = {one.uri: one for one in found}
    tx.learn("one", StoredObject, sql.object_by_uri, (({"uri": uri}, known.get(uri)) for uri in uris))
    tx.learn("value", None, sql.tombstone_owner, (({"uri": uri}, deleted.get(uri)) for uri in uris))
    return found


async def object_by_id(read: Read, object_id: int) -> StoredObject | None:
    return await read.one(StoredObject, sql.object_by_id, id=object_id)


async def object_seen(read: Read, object_id: int, *, viewer: int) -> StoredObject | None:
    """None when there is none, or it is not for this reader: the same answer, so that nothing is told."""
    return await read.one(StoredObject, sql.object_seen, id=object_id, viewer=viewer)


async def keep_object(
    tx: Tx,
    *,
    object_id: int,
    uri: str,
    kind: str,
    owner_id: int,
    circle_id: int,
    document: dict[str, Any],
    published_at: Instant,
    updated_at: Instant,
) -> None:
    """Nothing happens when the id is taken already."""
    await tx.keep(
        sql.keep_object,
        id=object_id,
        uri=uri,
        kind=kind,
        owner_id=owner_id,
        circle_id=circle_id,
        json=msgspec.json.encode(document).decode(),
        published_at=published_at,
        updated_at=updated_at,
    )


async def change_object(tx: Tx, object_id: int, document: dict[str, Any], *, updated_at: Instant) -> bool:
    """False when what is kept is as new, or deleted."""
    json = msgspec.json.encode(document).decode()
    return await tx.run(sql.change_object, id=object_id, json=json, updated_at=updated_at) == 1


async def narrow_object(tx: Tx, object_id: int, *, circle_id: int) -> None:
    await tx.run(sql.narrow_object, id=object_id, circle_id=circle_id)


async def delete_object(tx: Tx, object_id: int, *, now: Instant) -> None:
    await tx.run(sql.delete_object, id=object_id, now=now)


async def delete_objects_of(tx: Tx, owner_id: int, *, now: Instant) -> None:
    await tx.run(sql.delete_objects_of, owner_id=owner_id, now=now)


async def keep_tombstone(tx: Tx, uri: str, *, owner_uri: str, now: Instant) -> None:
    await tx.run(sql.keep_tombstone, uri=uri, owner_uri=owner_uri, now=now)


async def was_deleted(read: Read, uri: str, *, owner_uri: str) -> bool:
    """Whether its owner said so before it came: another's Delete means nothing (INTEROP B.8.8)."""
    owner: str | None = await read.value(sql.tombstone_owner, uri=uri)
    return owner == owner_uri


def tombstone(uri: str) -> dict[str, Any]:
    """What stands at the address of something deleted, with 410."""
    return {"id": uri, "type": "Tombstone"}
