"""The rows of the outbox: what was said, who must still be told, and how the servers that are told behave."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from fedishare.federation.outbox.breaker import Breaker
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.db.queries import load
from fedishare.foundation.db.recalling import Recalling
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.ids import first_id_at

sql = load(__file__)


class Due(Struct, frozen=True, kw_only=True):
    """A delivery that a worker has taken: `attempts` counts this time already, `strikes` how often it has broken us."""

    id: int
    activity_id: int
    host: str
    inbox: str
    topic: str
    attempts: int
    strikes: int
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
    failed_days: int
    failed_at: Instant | None
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


async def followers_of(read: Read, followed_id: int) -> list[str]:
    """Who follows somebody here from elsewhere, by their ids."""
    return [row[0] for row in await read.all(tuple, sql.followers_of, followed_id=followed_id)]


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


async def foresee_gone(tx: Recalling, inboxes: Iterable[str]) -> None:
    """`inbox_gone` asks the database for none of them again."""
    asked = sorted(inboxes)
    gone = {row[0] for row in await tx.all(tuple, sql.inboxes_gone, inboxes=msgspec.json.encode(asked).decode())}
    answers = (({"inbox": inbox}, 1 if inbox in gone else None) for inbox in asked)
    tx.learn("value", None, sql.inbox_gone, answers)


async def keep_deliveries(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Somebody must be told: each row has `id`, `activity_id`, `host`, `inbox`, `topic`, `now`."""
    await tx.run_many(sql.keep_delivery, rows)
    first = {row["host"]: row["id"] for row in reversed(rows)}
    await tx.run_many(sql.call_host, [{"id": number, "host": host} for host, number in first.items()])


async def said(read: Read, activity_ids: Sequence[int]) -> list[Said]:
    found = [await read.one(Said, sql.said, id=number) for number in activity_ids]
    return [one for one in found if one is not None]


async def delivered(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    await tx.run_many(sql.delivered, rows)


async def deliver_later(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Each row has `id`, `due_at`, `status`, `outcome`, `strikes`."""
    await tx.run_many(sql.deliver_later, rows)
    await tx.run_many(sql.follow_later, [{"id": row["id"], "due_at": row["due_at"]} for row in rows])


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
        failed_days=breaker.failed_days,
        failed_at=breaker.failed_at,
    )


async def due_now(tx: Tx, *, host: str, now: Instant) -> None:
    await tx.run(sql.due_now, host=host, now=now)
    await tx.run(sql.turn_now, host=host, now=now)


async def forget_hosts(tx: Tx, *, before: Instant, kept: int) -> None:
    await tx.run(sql.forget_hosts, before=before)
    await tx.run(sql.forget_more_hosts, kept=kept)


async def forget_old(tx: Tx, *, state: str, before: Instant, size: int) -> int:
    return await tx.run(sql.forget_old, state=state, before=first_id_at(before), size=size)
