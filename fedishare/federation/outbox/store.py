"""The rows of the outbox: what was said, and who must still be told."""

from collections.abc import Mapping, Sequence
from typing import Any

from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.db.queries import load
from fedishare.foundation.values.clock import Instant

sql = load(__file__)


async def keep_activity(
    tx: Tx, *, id: int, uri: str, actor_id: int, type: str, object_uri: str, circle_id: int, json: str, now: Instant
) -> None:
    await tx.run(
        sql.keep_activity,
        id=id,
        uri=uri,
        actor_id=actor_id,
        type=type,
        object_uri=object_uri,
        circle_id=circle_id,
        json=json,
        now=now,
    )


async def inboxes_of_followers(read: Read, *, collection: str) -> list[str]:
    return [row[0] for row in await read.all(tuple, sql.inboxes_of_followers, collection=collection)]


async def gone_inboxes(read: Read) -> set[str]:
    return {row[0] for row in await read.all(tuple, sql.gone_inboxes)}


async def keep_deliveries(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    await tx.run_many(sql.keep_delivery, rows)
