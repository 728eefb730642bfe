"""The one-time link of the first run: whoever holds it sets the site up, from a browser, without a terminal.

Source: HOUSE "Accounts before their own issue": 256 bits, 24 hours, over at its first use, printed again at each start.
"""

from fedishare.features.people import store
from fedishare.features.people.model import FIRST_RUN_LIVES, AlreadySetUp, LinkIsOver, Person
from fedishare.features.people.operations import NewAssociation, NewPerson, init
from fedishare.federation.signatures.keys import ActorKeys
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.values.clock import Instant, later
from fedishare.foundation.values.here import Here
from fedishare.foundation.values.secrets import Secret


async def is_set_up(read: Read) -> bool:
    return bool(await store.setting(read, "base_url"))


async def renew_first_run(tx: Tx, token_hash: bytes, now: Instant) -> None:
    """A new one-time link; the one before is over. Asked at each start until the site is set up."""
    await store.drop_first_runs(tx)
    await store.insert_first_run(tx, token_hash, now)


async def check_first_run(read: Read, token_hash: bytes, now: Instant) -> None:
    """Raises LinkIsOver, AlreadySetUp."""
    if await is_set_up(read):
        raise AlreadySetUp
    if not await store.is_current_first_run(read, token_hash, later(now, -FIRST_RUN_LIVES)):
        raise LinkIsOver


async def init_by_link(
    tx: Tx,
    *,
    link_hash: bytes,
    session_hash: bytes,
    association: NewAssociation,
    admin: NewPerson,
    keys: tuple[ActorKeys, ActorKeys, ActorKeys],
    secret: Secret,
    here: Here,
    now: Instant,
) -> Person:
    """`init`, by who holds the link, who is signed in at once. Raises as `init`, and LinkIsOver."""
    await check_first_run(tx, link_hash, now)
    person = await init(tx, association=association, admin=admin, keys=keys, secret=secret, here=here, now=now)
    await store.insert_session(tx, session_hash, person.id, now)
    return person
