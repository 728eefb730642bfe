"""What the blocked offer and need is out of everybody's sight for as long as they are blocked.

A proposal is seen by whoever sees its object, and `conversations/hiding.py` has moved that one already.
"""

from fedishare.federation.policy.ruling import Blocked, Unblocked
from fedishare.foundation.db.access import Tx
from fedishare.foundation.db.queries import load
from fedishare.foundation.values.here import Here

sql = load(__file__, "hiding.sql")


async def as_objects(tx: Tx, fact: Blocked | Unblocked, here: Here) -> None:
    """Both ways."""
    await tx.run_many(sql.proposals_as_objects, [{"owner_id": actor_id} for actor_id in fact.actor_ids])
