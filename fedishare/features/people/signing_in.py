"""At the door: who knocks, and how guessing gets slower (SECURITY 6.8).

The password itself is compared outside, in a thread (`passwords.py`); what happens then is here.
"""

from fedishare.features.people import store
from fedishare.features.people.model import (
    ADDRESS_WINDOW,
    MOST_FROM_ONE_ADDRESS,
    REMEMBERED,
    Person,
    WaitBeforeNextTry,
    address_key,
    login_key,
    wait_until,
)
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.values.clock import MINUTE, Instant, later
from fedishare.foundation.values.here import Here


async def knock(read: Read, login: str, address: str, now: Instant) -> Person | None:
    """Whose account it would be. Raises WaitBeforeNextTry while this account or this address has to wait."""
    account = await store.failures_of(read, login_key(login), later(now, -REMEMBERED))
    crowd = await store.failures_of(read, address_key(address), later(now, -ADDRESS_WINDOW))
    until = wait_until(account)
    if crowd.count >= MOST_FROM_ONE_ADDRESS and crowd.last_at is not None:
        until = max(until, later(crowd.last_at, ADDRESS_WINDOW))
    if until > now:
        raise WaitBeforeNextTry(login, minutes=-(-(until - now) // MINUTE))
    return await store.person_of_login(read, login)


async def remember_failure(tx: Tx, login: str, address: str, here: Here, now: Instant) -> None:
    """A wrong password counts for the account, there or not, and for the address."""
    await store.forget_old_failures(tx, later(now, -REMEMBERED))
    await store.insert_failure(tx, here.ids.new(now), login_key(login), now)
    if address:
        await store.insert_failure(tx, here.ids.new(now), address_key(address), now)
