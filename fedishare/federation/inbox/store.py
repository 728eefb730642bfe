"""The rows of the inbox: what came in, who is at it, what became of it."""

from collections.abc import Iterable, Sequence
from hashlib import sha256

import msgspec
from msgspec import Struct

from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.db.queries import load
from fedishare.foundation.db.recalling import Recalling
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.ids import first_id_at

sql = load(__file__)

_MARK = 16
_SAID_AGAIN = frozenset({"Follow", "Undo"})
"""Some servers give each Follow of a pair the same id and body: the time of its signature tells a new one from a
replay, and retries of these change nothing since one row holds the state of a pair (INTEROP D.13, attack A022)."""


class Arrived(Struct, frozen=True, kw_only=True):
    """An activity whose signature held. `uri` is empty when it has no id, `origin` is the signer's."""

    id: int
    uri: str
    type: str
    actor_uri: str
    signer_uri: str
    origin: str
    body: bytes
    digest: str
    signed_at: Instant
    received_at: Instant


class Leased(Arrived, frozen=True, kw_only=True):
    """One that a worker has taken: `attempts` counts this time already, `outcome` is the trouble of the last."""

    attempts: int
    outcome: str


class Said(Struct, frozen=True, kw_only=True):
    """What makes an activity count once."""

    origin: str
    uri: str
    type: str
    digest: str


class _Taken(Struct, frozen=True, kw_only=True):
    """What stays of one that is done with."""

    id: int
    uri: str
    type: str
    actor_uri: str
    attempts: int
    received_at: Instant


class Listed(Struct, frozen=True, kw_only=True):
    """A line of `fedishare inbox list`."""

    id: int
    uri: str
    type: str
    actor_uri: str
    state: str
    attempts: int
    outcome: str
    received_at: Instant


async def keep_all(tx: Tx, arrived: Sequence[Arrived]) -> None:
    await tx.run_many(sql.keep, [msgspec.structs.asdict(one) for one in arrived])
    tx.wake("inbox")


async def anything_waiting(read: Read, *, now: Instant) -> bool:
    return await read.value(sql.waiting_now, now=now) is not None


async def lease_fresh(tx: Tx, *, now: Instant, until: Instant, size: int) -> list[Leased]:
    """Oldest first. Attempts are raised by this transaction, before anything is tried."""
    await _be_alone(tx)
    return _in_order(await tx.all(Leased, sql.lease_fresh, now=now, until=until, size=size))


async def lease_again(tx: Tx, *, now: Instant, until: Instant) -> list[Leased]:
    await _be_alone(tx)
    return await tx.all(Leased, sql.lease_again, now=now, until=until)


async def free_leases(tx: Tx) -> int:
    return await tx.run(sql.free_leases)


def said_in(row: Leased) -> Said:
    digest = f"{row.digest} {row.signed_at}" if row.type in _SAID_AGAIN else row.digest
    return Said(origin=row.origin, uri=row.uri, type=row.type, digest=digest)


async def count_once(tx: Tx, said: Said, *, now: Instant) -> bool:
    """Whether this is the first time."""
    values = {"said": _said(said.origin, said.uri), "type": said.type, "digest": _mark(said.digest)}
    if await tx.value(sql.counted, **values) is not None:
        return False
    await tx.keep(sql.count_once, now=now, **values)
    return True


async def foresee(tx: Recalling, said: Iterable[Said]) -> None:
    """`count_once` asks for none of these again."""
    asked = [(_said(one.origin, one.uri), one.type, _mark(one.digest)) for one in said]
    marks, starts = b"".join(one[0] for one in asked), [1 + _MARK * at for at in range(len(asked))]
    found = set(await tx.all(tuple, sql.counted_among, marks=marks, starts=msgspec.json.encode(starts).decode()))
    answers = ((dict(zip(("said", "type", "digest"), one, strict=True)), 1 if one in found else None) for one in asked)
    tx.learn("value", None, sql.counted, answers)


async def said_under(read: Read, *, origin: str, uri: str) -> set[str]:
    """As which types an activity's id has had its effect, in the last month."""
    return {row[0] for row in await read.all(tuple, sql.said_under, said=_said(origin, uri))}


async def settle(tx: Tx, results: Sequence[tuple[int, str, str]]) -> None:
    """`results` are (id, state, outcome). Of those that wait no longer nothing is changed."""
    became = {number: {"state": state, "outcome": outcome} for number, state, outcome in results}
    taken = await tx.all(_Taken, sql.take_out, ids=msgspec.json.encode(list(became)).decode())
    await tx.run_many(
        sql.write_down, [{**msgspec.structs.asdict(one), **became[one.id], "nothing": b""} for one in taken]
    )


async def put_aside(tx: Tx, results: Sequence[tuple[int, str, str]]) -> None:
    """`results` are (id, state, outcome)."""
    await tx.run_many(
        sql.put_aside, [{"id": one, "state": state, "outcome": outcome} for one, state, outcome in results]
    )


async def try_again(tx: Tx, number: int, *, due_at: Instant, outcome: str) -> None:
    await tx.run(sql.try_again, id=number, due_at=due_at, outcome=outcome)


async def give_back(tx: Tx, numbers: Sequence[int], *, until: Instant) -> None:
    """`until` is that of their lease."""
    await tx.run_many(sql.give_back, [{"id": number, "until": until} for number in numbers])


async def put_off(tx: Tx, numbers: Sequence[int], *, due_at: Instant) -> None:
    await tx.run_many(sql.put_off, [{"id": number, "due_at": due_at} for number in numbers])


async def object_known(read: Read, uri: str) -> bool:
    return await read.value(sql.object_known, uri=uri) is not None


async def object_hidden(read: Read, uri: str) -> bool:
    return await read.value(sql.object_hidden, uri=uri) is not None


async def listing(read: Read, *, state: str | None, size: int, before: int = 2**63 - 1) -> list[Listed]:
    return await read.all(Listed, sql.listing.filtered(state=state), state=state, before=before, size=size)


async def waiting_count(read: Read) -> int:
    return int(await read.value(sql.waiting_count))


async def dead_count(read: Read) -> int:
    return int(await read.value(sql.dead_count))


async def retry_dead(tx: Tx, *, now: Instant) -> int:
    """Those that were given up are tried again; how many."""
    tx.wake("inbox")
    return await tx.run(sql.retry_dead, now=now)


async def forget_old(tx: Tx, *, state: str, before: Instant, size: int) -> int:
    return await tx.run(sql.forget_old, state=state, before=first_id_at(before), size=size)


async def forget_counted(tx: Tx, *, before: Instant) -> int:
    return await tx.run(sql.forget_counted, before=before)


def _said(origin: str, uri: str) -> bytes:
    """What an origin said under an id: an origin has no spaces, so that no two pairs read the same."""
    return _mark(f"{origin} {uri}")


def _mark(text: str) -> bytes:
    """128 bits of it: who wants two activities of others to count as one has to find a second preimage."""
    return sha256(text.encode()).digest()[:_MARK]


async def _be_alone(tx: Tx) -> None:
    await tx.value(sql.one_at_a_time)


def _in_order(rows: list[Leased]) -> list[Leased]:
    return sorted(rows, key=lambda row: row.id)
