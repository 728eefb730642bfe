"""The rows of `partner`. Nothing is decided here."""

from msgspec import Struct

from fedishare.features.partners.model import LISTED, Listed, Partnership, State
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.db.queries import load

sql = load(__file__)


class Waiting(Struct, frozen=True, kw_only=True):
    """Requests that nobody has answered."""

    everywhere: int
    of_server: int


async def partnership(read: Read, actor_id: int) -> Partnership | None:
    return await read.one(Partnership, sql.partnership, actor_id=actor_id)


async def save(tx: Tx, partnership: Partnership) -> None:
    """Whatever stood between us before, this does now."""
    await tx.run(
        sql.save,
        actor_id=partnership.actor_id,
        state=partnership.state.value,
        by_us=partnership.by_us,
        offer_uri=partnership.offer_uri,
        signed_at=partnership.signed_at,
        changed_at=partnership.changed_at,
        created_at=partnership.created_at,
    )


async def in_state(read: Read, state: State, *, association_id: int, size: int = LISTED) -> list[Listed]:
    """The last change first."""
    return await read.all(Listed, sql.in_state, state=state.value, association_id=association_id, size=size)


async def count_waiting(read: Read, *, domain: str) -> Waiting:
    found = await read.one(Waiting, sql.count_waiting, domain=domain)
    return found or Waiting(everywhere=0, of_server=0)


async def partner_uris(read: Read) -> list[str]:
    return [row[0] for row in await read.all(tuple, sql.partner_uris)]


async def spoken_with_uris(read: Read) -> list[str]:
    """Partners, and those we have asked to be."""
    return [row[0] for row in await read.all(tuple, sql.spoken_with_uris)]
