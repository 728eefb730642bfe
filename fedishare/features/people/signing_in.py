"""At the door: who knocks, and how guessing gets slower (SECURITY 6.8).

The password itself is compared outside, in a thread (`passwords.py`); what happens then is here.
"""

from msgspec import Struct

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


class Try(Struct, frozen=True, kw_only=True):
    """Whose account it would be. `marks` count as wrong passwords until the right one is given (`take_back`)."""

    person: Person | None
    marks: tuple[int, ...] = ()


async def knock(tx: Tx, login: str, crowd: str, here: Here, now: Instant) -> Try:
    """Counts as wrong before anybody looks: of a hundred that come at once, each would pass while none has failed yet.

    `crowd` is '' when nobody can tell who asks. Raises WaitBeforeNextTry while this account or this crowd has to wait.
    """
    await store.one_try_at_a_time(tx)
    await _check_patience(tx, login, crowd, now)
    await store.forget_old_failures(tx, later(now, -REMEMBERED))
    counted = [login_key(login), *([address_key(crowd)] if crowd else [])]
    marks = tuple(here.ids.new(now) for _ in counted)
    for mark, whom in zip(marks, counted, strict=True):
        await store.insert_failure(tx, mark, whom, now)
    return Try(person=await store.person_of_login(tx, login), marks=marks)


async def take_back(tx: Tx, tried: Try) -> None:
    """It was no wrong password: the right one, or none that anybody looked at."""
    for mark in tried.marks:
        await store.forget_failure(tx, mark)


async def _check_patience(read: Read, login: str, crowd_name: str, now: Instant) -> None:
    account = await store.failures_of(read, login_key(login), later(now, -REMEMBERED))
    crowd = await store.failures_of(read, address_key(crowd_name), later(now, -ADDRESS_WINDOW))
    until = wait_until(account)
    if crowd.count >= MOST_FROM_ONE_ADDRESS and crowd.last_at is not None:
        until = max(until, later(crowd.last_at, ADDRESS_WINDOW))
    if until > now:
        raise WaitBeforeNextTry(login, minutes=-(-(until - now) // MINUTE))
