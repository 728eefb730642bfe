"""The rows of the outbox: what was said, who must still be told, and how the servers that are told behave."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from fedishare.federation.outbox.breaker import Breaker
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.db.queries import load
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.ids import first_id_at

sql = load(__file__)


class DueHost(Struct, frozen=True, kw_only=True):
    """A server that something is due for; `failures` when it did not answer the last times."""

    host: str
    failures: int


class Due(Struct, frozen=True, kw_only=True):
    """A delivery that a worker has taken: `attempts` counts this time already."""

    id: int
    activity_id: int
    host: str
    inbox: str
    topic: str
    attempts: int
    created_at: Instant


class Said(Struct, frozen=True, kw_only=True):
    """What goes over the wire, and whose key signs it: the newest, unless `key_uri` names another."""

    id: int
    actor_id: int
    type: str
    json: str
    created_at: Instant
    key_uri: str | None


class Health(Struct, frozen=True, kw_only=True):
    """A server's breaker, and when it last took or said something."""

    failures: int
    open_until: Instant
    failing_since: Instant | None
    last_success_at: Instant | None
    last_heard_at: Instant | None


async def keep_activity(
    tx: Tx,
    *,
    number: int,
    uri: str,
    actor_id: int,
    kind: str,
    object_uri: str,
    circle_id: int,
    json: str,
    key_uri: str | None,
    now: Instant,
) -> None:
    await tx.run(
        sql.keep_activity,
        id=number,
        uri=uri,
        actor_id=actor_id,
        type=kind,
        object_uri=object_uri,
        circle_id=circle_id,
        json=json,
        key_uri=key_uri,
        now=now,
    )


async def inboxes_of_followers(read: Read, *, collection: str) -> list[str]:
    return [row[0] for row in await read.all(tuple, sql.inboxes_of_followers, collection=collection)]


async def followers_at(read: Read, followed_id: int, *, origin: str) -> list[str]:
    """Who follows somebody here from one server, by their ids, first come first."""
    prefix = f"{origin}/"
    rows = await read.all(tuple, sql.followers_at, followed_id=followed_id, prefix=prefix, length=len(prefix))
    return [row[0] for row in rows]


async def block_between(read: Read, *, one: int, other: int) -> bool:
    """Whether one of two actors has blocked the other."""
    return await read.value(sql.block_between, one=one, other=other) is not None


async def inbox_gone(read: Read, *, inbox: str) -> bool:
    return await read.value(sql.inbox_gone, inbox=inbox) is not None


async def keep_deliveries(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    await tx.run_many(sql.keep_delivery, rows)


async def due_hosts(read: Read, *, now: Instant, size: int) -> list[DueHost]:
    return await read.all(DueHost, sql.due_hosts, now=now, size=size)


async def lease(tx: Tx, *, now: Instant, until: Instant, hosts: int, each: int) -> dict[str, list[Due]]:
    """Oldest first, by host; one alone of a host that failed the last time. Attempts are raised by this transaction."""
    await tx.value(sql.one_at_a_time)
    leased: dict[str, list[Due]] = {}
    for due in await due_hosts(tx, now=now, size=hosts):
        size = 1 if due.failures else each
        rows = await tx.all(Due, sql.lease_host, host=due.host, now=now, until=until, size=size)
        if rows:
            leased[due.host] = sorted(rows, key=lambda row: row.id)
    return leased


async def free_leases(tx: Tx) -> int:
    return await tx.run(sql.free_leases)


async def give_back(tx: Tx, numbers: Sequence[int]) -> None:
    await tx.run_many(sql.give_back, [{"id": number} for number in numbers])


async def said(read: Read, activity_ids: Sequence[int]) -> list[Said]:
    found = [await read.one(Said, sql.said, id=number) for number in activity_ids]
    return [one for one in found if one is not None]


async def delivered(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    await tx.run_many(sql.delivered, rows)


async def deliver_later(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    await tx.run_many(sql.deliver_later, rows)


async def give_up(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    await tx.run_many(sql.give_up, rows)


async def inbox_is_gone(tx: Tx, *, inbox: str, host: str, now: Instant) -> None:
    await tx.run(sql.keep_gone_inbox, inbox=inbox, host=host, now=now)
    await tx.run(sql.give_up_inbox, inbox=inbox)


async def forget_gone_inbox(tx: Tx, *, inbox: str, shared_inbox: str | None) -> None:
    await tx.run(sql.forget_gone_inbox, inbox=inbox, shared_inbox=shared_inbox or inbox)


async def host_health(read: Read, *, host: str) -> Health | None:
    return await read.one(Health, sql.host_health, host=host)


async def host_heard(tx: Tx, *, host: str, now: Instant) -> None:
    await tx.run(sql.host_heard, host=host, now=now)


async def host_software(read: Read, *, host: str) -> str:
    """'' while nothing is known."""
    return str(await read.value(sql.host_software, host=host) or "")


async def host_runs(tx: Tx, *, host: str, software: str) -> None:
    await tx.run(sql.host_runs, host=host, software=software)


async def host_answered(tx: Tx, *, host: str, now: Instant) -> None:
    await tx.run(sql.host_answered, host=host, now=now)


async def host_failing(tx: Tx, *, host: str, breaker: Breaker) -> None:
    await tx.run(
        sql.host_failing,
        host=host,
        failures=breaker.failures,
        open_until=breaker.open_until,
        failing_since=breaker.failing_since,
    )


async def due_now(tx: Tx, *, host: str, now: Instant) -> int:
    return await tx.run(sql.due_now, host=host, now=now)


async def forget_hosts(tx: Tx, *, before: Instant, kept: int) -> None:
    await tx.run(sql.forget_hosts, before=before)
    await tx.run(sql.forget_more_hosts, kept=kept)


async def forget_old(tx: Tx, *, state: str, before: Instant, size: int) -> int:
    return await tx.run(sql.forget_old, state=state, before=first_id_at(before), size=size)
