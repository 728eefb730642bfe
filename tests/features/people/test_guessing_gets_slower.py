"""Wrong passwords: the same answer for all, and longer and longer waits (SECURITY 6.6, 6.8)."""

import asyncio
from itertools import pairwise
from time import process_time

from fedishare.features.people import passwords
from fedishare.features.people.model import Failures, wait_until
from fedishare.foundation.config.settings import Settings
from fedishare.foundation.values.clock import HOUR, MINUTE, Instant
from fedishare.foundation.values.errors import Busy
from tests.front_door import PASSWORD, FrontDoor


async def guess(site: FrontDoor, login: str, times: int, address: str = "192.0.2.7") -> list[int]:
    reader = site.reader(address=address)
    return [(await reader.signs_in(login, "pas la bonne")).status_code for _each in range(times)]


async def test_after_five_wrong_passwords_even_the_right_one_waits(site: FrontDoor) -> None:
    answers = await guess(site, "amel", 6)

    assert answers == [422] * 5 + [429]
    assert (await site.reader().signs_in("amel", PASSWORD)).status_code == 429


async def test_without_limits_nobody_waits(site: FrontDoor) -> None:
    free = FrontDoor(site.db, site.clock, site.keys, settings=Settings(limits=False))

    answers = await guess(free, "amel", 7)

    assert answers == [422] * 7
    assert (await free.reader().signs_in("amel", PASSWORD)).status_code == 303


async def test_the_wait_grows_and_never_lasts_longer_than_a_quarter_of_an_hour() -> None:
    last = Instant(1_000_000)

    waits = [wait_until(Failures(count=count, last_at=last)) - last for count in range(5, 40)]

    assert waits[0] > 0
    assert all(later >= sooner for sooner, later in pairwise(waits))
    assert waits[-1] == 15 * MINUTE


async def test_after_the_wait_the_right_password_opens_and_all_is_forgotten(site: FrontDoor) -> None:
    await guess(site, "amel", 5)

    site.clock.advance(MINUTE)
    opened = await site.reader().signs_in("amel", PASSWORD)
    afterwards = await guess(site, "amel", 1)

    assert opened.status_code == 303
    assert afterwards == [422]


async def test_failures_are_forgotten_after_an_hour(site: FrontDoor) -> None:
    await guess(site, "amel", 5)

    site.clock.advance(HOUR + MINUTE)

    assert (await guess(site, "amel", 5)) == [422] * 5


async def test_an_account_that_is_not_there_gets_the_same_answers(site: FrontDoor) -> None:
    there, nobody = await guess(site, "amel", 6, "192.0.2.1"), await guess(site, "zoe", 6, "192.0.2.2")

    one = await site.reader().signs_in("marius", "pas la bonne")
    other = await site.reader().signs_in("nadia", "pas la bonne")

    assert there == nobody
    assert one.status_code == other.status_code
    assert one.text.count("ne vont pas ensemble") == other.text.count("ne vont pas ensemble") > 0


async def test_nobody_takes_as_much_computing_as_somebody() -> None:
    kept = await passwords.hashed(PASSWORD)

    begin = process_time()
    await passwords.matches("x", kept)
    middle = process_time()
    await passwords.matches("x", None)
    end = process_time()

    assert end - middle > (middle - begin) / 4
    assert kept.split("$")[:4] == passwords.NOBODY.split("$")[:4]


async def test_one_address_cannot_try_many_accounts(site: FrontDoor) -> None:
    for number in range(25):
        await guess(site, f"account{number}", 1, "198.51.100.9")

    assert (await guess(site, "another", 1, "198.51.100.9")) == [429]
    assert (await guess(site, "another", 1, "198.51.100.10")) == [422]


async def test_an_ipv6_neighbourhood_counts_as_one(site: FrontDoor) -> None:
    for number in range(25):
        await guess(site, f"account{number}", 1, f"2001:db8:1:2::{number + 1:x}")

    assert (await guess(site, "another", 1, "2001:db8:1:2::ffff")) == [429]
    assert (await guess(site, "another", 1, "2001:db8:1:3::1")) == [422]


async def test_a_crowd_of_passwords_is_told_to_come_back() -> None:
    crowd = passwords.AT_ONCE + passwords.LONGEST_LINE + 3

    answers = await asyncio.gather(*(passwords.hashed(PASSWORD) for _each in range(crowd)), return_exceptions=True)

    assert sum(isinstance(answer, Busy) for answer in answers) == 3
    assert (await passwords.hashed(PASSWORD)).startswith("$argon2id$")


async def test_the_hash_is_the_one_that_owasp_asks_for_and_salted_each_time() -> None:
    first, second = await passwords.hashed(PASSWORD), await passwords.hashed(PASSWORD)

    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second
    assert await passwords.matches(PASSWORD, first)
    assert not await passwords.matches(PASSWORD + " ", first)
