"""Somebody elsewhere is blocked here: what waits to be told them is forgotten, without waiting for its turn.

What a worker has in its hands already is stopped by `delivery.py`. Source: WIRE.md "Instances".
"""

from fedishare.federation.outbox import listing
from fedishare.federation.policy import domains
from fedishare.federation.policy.domains import Verdict
from fedishare.federation.policy.ruling import Blocked
from fedishare.foundation.db.access import Tx
from fedishare.foundation.db.queries import load
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.here import Here

sql = load(__file__, "refusing.sql")


async def drop_letters(tx: Tx, fact: Blocked, here: Here) -> None:
    """To servers that are blocked as a whole, and to the own inboxes of actors who are."""
    await drop_unwelcome(tx, here=here, now=fact.now)
    await tx.run_many(sql.drop_own, [{"actor_id": actor_id, "now": fact.now} for actor_id in fact.actor_ids])


async def drop_unwelcome(tx: Tx, *, here: Here, now: Instant) -> None:
    """To servers that are not spoken with; the mode may have changed while nothing ran."""
    waiting = [row[0] for row in await tx.all(tuple, sql.waiting_hosts)]
    for name, verdict in (await domains.verdicts(tx, waiting, here=here)).items():
        if verdict is Verdict.BLOCK:
            await listing.drop(tx, now=now, host=name)
