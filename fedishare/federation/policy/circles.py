"""Who may see what. Each thing belongs to one circle; whoever is in it sees the thing, anyone where actor 0 is in it.

This room owns the two tables and fills them; the predicate itself stands in each query that reads for somebody:
`exists (select 1 from circle_member m where m.circle_id = t.circle_id and m.actor_id in (0, :viewer))`.
"""

from collections.abc import Iterable

from fedishare.federation.actors.model import Actor
from fedishare.federation.vocabulary.origins import same_origin
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.db.queries import load
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.here import Here

sql = load(__file__)

PUBLIC = 1
MEMBERS = 2
PARTNERS = 3
NOBODY = 4
"""Has no members: for what is said to one address and never shown again, such as a Follow."""
ANYONE = 0
"""The actor id that stands for everybody, and for the reader who has not signed in."""


async def followers_of(tx: Tx, actor_id: int, here: Here, now: Instant) -> int:
    """The circle of those who follow somebody, made when it is first asked for; the one followed is in it."""
    found = await _of(tx, actor_id)
    if not found:
        await _new(tx, here.ids.new(now), "followers", owner_id=actor_id)
        # Another worker may do so at the same moment: the index keeps one of the two, and both use that.
        found = await _of(tx, actor_id)
        await join(tx, found[0], actor_id)
    return found[0]


async def direct(tx: Tx, actor_ids: Iterable[int], here: Here, now: Instant) -> int:
    """A new circle of exactly these: whoever is to see a direct message, its author among them."""
    made = here.ids.new(now)
    await _new(tx, made, "direct", owner_id=None)
    for actor_id in set(actor_ids) - {ANYONE}:
        await join(tx, made, actor_id)
    return made


async def _of(read: Read, owner_id: int) -> list[int]:
    """One at most."""
    return [row[0] for row in await read.all(tuple, sql.circle_of, owner_id=owner_id)]


async def _new(tx: Tx, circle_id: int, kind: str, *, owner_id: int | None) -> None:
    await tx.keep(sql.new_circle, id=circle_id, kind=kind, owner_id=owner_id)


async def join(tx: Tx, circle_id: int, actor_id: int) -> None:
    """Nothing happens when somebody is in it already."""
    await tx.keep(sql.join, circle_id=circle_id, actor_id=actor_id)


async def leave(tx: Tx, circle_id: int, actor_id: int) -> None:
    """Nothing happens when somebody is not in it."""
    await tx.run(sql.leave, circle_id=circle_id, actor_id=actor_id)


async def leave_all(tx: Tx, actor_id: int) -> None:
    """For somebody who is gone for good."""
    await tx.run(sql.leave_all, actor_id=actor_id)


async def elsewhere(read: Read, circle_id: int) -> list[str]:
    """The ids of those in it who live on other servers."""
    return [row[0] for row in await read.all(tuple, sql.elsewhere, circle_id=circle_id)]


async def was_shown(read: Read, circle_id: int, actor: Actor) -> bool:
    """Whether `actor` may have read it, here or at home: what partners are told, their members see over there."""
    if circle_id == PARTNERS and not actor.local:
        return any(same_origin(uri, actor.uri) for uri in await elsewhere(read, circle_id))
    return await sees(read, circle_id, actor.id)


async def sees(read: Read, circle_id: int, viewer: int) -> bool:
    """Whether `viewer` (an actor id, or 0) may see what belongs to the circle. Everybody is in the public one."""
    if circle_id == PUBLIC:
        return True
    return await read.value(sql.is_member, circle_id=circle_id, actor_id=viewer) is not None
