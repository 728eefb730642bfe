"""What we know of the servers we write to: whether they answer, and when they last spoke to us."""

from collections.abc import Iterable, Sequence

from fedishare.federation.actors.model import Actor
from fedishare.federation.outbox import store
from fedishare.federation.outbox.breaker import FAILURES, Breaker, after_failure
from fedishare.federation.outbox.schedule import RETRY_AFTER, Tried
from fedishare.federation.vocabulary.origins import host
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.db.recalling import Recalling
from fedishare.foundation.values.clock import MINUTE, SECOND, Instant

_HEARD_AGAIN = 10 * MINUTE


async def heard_from(tx: Tx, origin: str, *, now: Instant) -> None:
    """It has just spoken, and signed: whatever waits for it is tried now (WIRE "Inbox and outbox")."""
    name = host(origin)
    known = await store.host_health(tx, host=name)
    if known is not None and not known.failures and now - (known.last_heard_at or 0) < _HEARD_AGAIN:
        return
    await store.host_heard(tx, host=name, now=now)
    if known is not None and known.failures:
        await _revive(tx, name, now=now)


async def inbox_is_back(tx: Tx, actor: Actor) -> None:
    """Whoever speaks has an inbox again, even where it once said 410."""
    inboxes = (actor.inbox, actor.shared_inbox)
    if any([await store.inbox_gone(tx, inbox=inbox) for inbox in inboxes if inbox]):
        await store.forget_gone_inbox(tx, inbox=actor.inbox, shared_inbox=actor.shared_inbox)


async def foresee(tx: Recalling, speakers: Iterable[Actor]) -> None:
    """`inbox_is_back` asks for none of theirs again."""
    await store.foresee_gone(tx, {inbox for actor in speakers for inbox in (actor.inbox, actor.shared_inbox) if inbox})


async def software_of(read: Read, name: str) -> str:
    """What a server said that it is; '' while it has said nothing."""
    return await store.host_software(read, host=name)


async def runs(tx: Tx, name: str, software: str) -> None:
    """What a server says that it is."""
    await store.host_runs(tx, host=name, software=software)


async def learn(tx: Tx, name: str, attempts: Sequence[Tried]) -> None:
    """What some attempts, in the order in which they ended, tell about the server that they were made at."""
    known = await store.host_health(tx, host=name)
    before = known.failures if known is not None else 0
    breaker = _breaker(known)
    for one in attempts:
        breaker = _after(breaker, one)
    now = attempts[-1].at
    if breaker.failures:
        await store.host_failing(tx, host=name, breaker=breaker)
    elif before or known is None or now - (known.last_success_at or 0) >= _HEARD_AGAIN:
        await store.host_answered(tx, host=name, now=now)
    # Whoever takes some and fails others is not back: the others keep their times.
    if before >= FAILURES and not breaker.failures:
        await _revive(tx, name, now=now)


def _breaker(known: store.Health | None) -> Breaker:
    if known is None or not known.failures:
        return Breaker()
    return Breaker(
        failures=known.failures,
        open_until=known.open_until,
        failing_since=known.failing_since,
        failed_days=known.failed_days,
        failed_at=known.failed_at,
    )


def _after(breaker: Breaker, tried: Tried) -> Breaker:
    if not tried.host_failed:
        return Breaker()
    asked = 0
    if tried.retry_after_s is not None:
        asked = max(tried.retry_after_s, RETRY_AFTER[0]) * SECOND
    return after_failure(breaker, tried.at, connected=tried.status is not None, asked_to_wait=asked)


async def _revive(tx: Tx, name: str, *, now: Instant) -> None:
    await store.due_now(tx, host=name, now=now)
    tx.wake("deliveries")
