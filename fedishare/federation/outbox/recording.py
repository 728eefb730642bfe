"""What came of a batch of attempts, in one transaction: done, later, or given up, and what it says of the hosts."""

from collections.abc import Sequence
from typing import Any

import structlog

from fedishare.federation.outbox import hosts, store
from fedishare.federation.outbox.schedule import Tried, next_attempt
from fedishare.foundation.db.access import Tx

log = structlog.get_logger()

_GONE = 410


async def record(tx: Tx, batch: Sequence[Tried]) -> None:
    """Each attempt of `batch`, in the order in which they ended."""
    done: list[dict[str, Any]] = []
    later: list[dict[str, Any]] = []
    given_up: list[dict[str, Any]] = []
    for tried in batch:
        if tried.arrived:
            done.append({"id": tried.delivery_id, "status": tried.status})
            continue
        row = {"id": tried.delivery_id, "status": tried.status, "outcome": tried.text}
        due_at = next_attempt(tried)
        if due_at is None:
            given_up.append(row)
        else:
            later.append({**row, "due_at": due_at})
        _tell(tried, due_at)
    await store.delivered(tx, done)
    await store.deliver_later(tx, later)
    await store.give_up(tx, given_up)
    for tried in batch:
        if tried.status == _GONE:
            await store.inbox_is_gone(tx, inbox=tried.inbox, host=tried.host, now=tried.at)
    # After the deliveries: a host that is back has all its queue due at once, those that failed just now included.
    await hosts.learn(tx, [tried for tried in batch if not tried.unwanted])


def _tell(tried: Tried, due_at: int | None) -> None:
    fields = {"host": tried.host, "status": tried.status, "attempt": tried.attempts, "why": tried.text[:200]}
    if due_at is None:
        log.warning("delivery_given_up", **fields)
    else:
        log.info("delivery_failed", **fields, next_in_s=(due_at - tried.at) // 1000)
