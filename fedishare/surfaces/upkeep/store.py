"""What upkeep asks of the database: what was decided, what waits, when we were last heard."""

from msgspec import Struct

from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.db.queries import load
from fedishare.foundation.values.clock import Instant

sql = load(__file__)


class Decided(Struct, frozen=True, kw_only=True):
    """A row of `setting`."""

    name: str
    value: str


class Waiting(Struct, frozen=True, kw_only=True):
    """A queue: how many, and since when its oldest waits."""

    waiting: int
    oldest_at: Instant | None


class OwnKey(Struct, frozen=True, kw_only=True):
    """A key whose private half is ours."""

    uri: str
    actor_uri: str
    kind: str
    private_sealed: bytes | None


async def decided(read: Read) -> dict[str, str]:
    return {row.name: row.value for row in await read.all(Decided, sql.decided)}


async def highest_id(read: Read) -> int:
    found: int | None = await read.value(sql.highest_id)
    return found or 0


async def inbox_waiting(read: Read) -> Waiting:
    return await read.one(Waiting, sql.inbox_waiting) or Waiting(waiting=0, oldest_at=None)


async def deliveries_waiting(read: Read) -> Waiting:
    return await read.one(Waiting, sql.deliveries_waiting) or Waiting(waiting=0, oldest_at=None)


async def last_heard_at(read: Read) -> Instant | None:
    found: int | None = await read.value(sql.last_heard_at)
    return None if found is None else Instant(found)


async def keys_of_ours(read: Read, *, size: int) -> list[OwnKey]:
    return await read.all(OwnKey, sql.keys_of_ours, size=size)


async def note(tx: Tx, name: str) -> None:
    await tx.run(sql.note, name=name)


async def peers_that_answer(read: Read, *, size: int) -> list[str]:
    return [row[0] for row in await read.all(tuple, sql.peers_that_answer, size=size)]
