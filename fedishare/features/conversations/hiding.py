"""What the blocked have written is out of everybody's sight for as long as they are blocked.

Source: WIRE.md "Instances" ("in the visibility predicate"), HOUSE.md "Visibility is circles". Nothing is deleted: each
object, with its post, belongs to the circle of nobody until it goes back to its own, so that no query has to know.
Proposals do the same in their turn.
"""

from fedishare.federation.policy.circles import NOBODY
from fedishare.federation.policy.ruling import Blocked, Unblocked
from fedishare.foundation.db.access import Tx
from fedishare.foundation.db.queries import load
from fedishare.foundation.values.here import Here

sql = load(__file__, "hiding.sql")


async def hide(tx: Tx, fact: Blocked, here: Here) -> None:
    """Their notices go for good: whoever was told once need not be told again."""
    for actor_id in fact.actor_ids:
        await tx.run(sql.remember_circles, owner_id=actor_id, nobody=NOBODY)
        await tx.run(sql.hide_objects, owner_id=actor_id, nobody=NOBODY)
        await tx.run(sql.forget_notices, actor_id=actor_id)
        await _posts_as_objects(tx, actor_id)


async def show_again(tx: Tx, fact: Unblocked, here: Here) -> None:
    for actor_id in fact.actor_ids:
        await tx.run(sql.show_objects, owner_id=actor_id)
        await tx.run(sql.forget_circles, owner_id=actor_id)
        await _posts_as_objects(tx, actor_id)


async def _posts_as_objects(tx: Tx, author_id: int) -> None:
    await tx.run(sql.posts_as_objects, author_id=author_id)
