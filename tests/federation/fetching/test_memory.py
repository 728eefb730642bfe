"""What is remembered for a while: bounded in number and time, and shared by those who ask at once."""

import asyncio
import gc
import weakref

import pytest

from fedishare.federation.fetching.memory import Memory, NewHosts, Shared, Troubles, registrable
from fedishare.foundation.values.clock import MINUTE, SECOND
from fedishare.foundation.values.errors import Malformed, Unreachable, Untrusted
from tests.clock import StoppedClock


def test_a_thing_is_remembered_until_its_time_is_over() -> None:
    clock = StoppedClock()
    memory: Memory[int] = Memory(clock, size=10)
    memory.put("a", 1, seconds=60)

    clock.advance(59 * SECOND)
    assert memory.get("a") == 1
    clock.advance(SECOND)
    assert memory.get("a") is None
    assert memory.get("b") is None


def test_the_oldest_goes_first() -> None:
    memory: Memory[int] = Memory(StoppedClock(), size=2)
    for name in ("a", "b", "a", "c"):
        memory.put(name, 1, seconds=60)

    assert [memory.get(name) for name in "abc"] == [1, None, 1]


async def test_what_is_under_way_is_done_once() -> None:
    shared: Shared[int] = Shared()
    done = []

    async def work() -> int:
        await asyncio.sleep(0)
        done.append(1)
        return len(done)

    assert await asyncio.gather(*(shared.once("x", work) for _ in range(5))) == [1] * 5
    assert await shared.once("x", work) == 2


async def test_trouble_is_shared_too() -> None:
    shared: Shared[int] = Shared()

    async def work() -> int:
        await asyncio.sleep(0)
        raise Untrusted("no")

    found = await asyncio.gather(*(shared.once("x", work) for _ in range(3)), return_exceptions=True)

    assert all(isinstance(trouble, Untrusted) for trouble in found)


async def test_those_who_wait_are_told_when_the_first_gives_up() -> None:
    shared: Shared[int] = Shared()

    async def work() -> int:
        await asyncio.sleep(60)
        return 1

    first = asyncio.ensure_future(shared.once("x", work))
    await asyncio.sleep(0)
    second = asyncio.ensure_future(shared.once("x", work))
    await asyncio.sleep(0)
    first.cancel()

    with pytest.raises(Unreachable, match="gave up"):
        await second
    assert first.cancelled()


async def test_one_who_waits_and_gives_up_disturbs_no_other() -> None:
    shared: Shared[int] = Shared()
    go = asyncio.Event()

    async def work() -> int:
        await go.wait()
        return 1

    first = asyncio.ensure_future(shared.once("x", work))
    await asyncio.sleep(0)
    second, third = (asyncio.ensure_future(shared.once("x", work)) for _ in range(2))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.sleep(0)
    go.set()

    assert (await first, await third) == (1, 1)
    assert second.cancelled()


def test_ten_new_hosts_of_one_domain_are_admitted() -> None:
    clock = StoppedClock()
    hosts = NewHosts(clock)

    admitted = [hosts.admit(f"h{number}.evil.example") for number in range(20)]

    assert admitted == [True] * 10 + [False] * 10
    assert hosts.admit("h3.evil.example")
    assert hosts.admit("good.example")
    clock.advance(5 * MINUTE)
    assert hosts.admit("h15.evil.example")


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("good.example", "good.example"),
        ("a.b.good.example", "good.example"),
        ("good.example:8443", "good.example"),
        ("localhost", "localhost"),
        ("remise.asso.fr", "remise.asso.fr"),
        ("www.remise.asso.fr", "remise.asso.fr"),
        ("asso.fr", "asso.fr"),
        ("a.co.uk", "a.co.uk"),
        ("co.good.example", "good.example"),
        ("127.0.0.1:8002", "127.0.0.1"),
        ("[::1]:8002", "[::1]:8002"),
    ],
)
def test_who_pays_for_a_name(host: str, domain: str) -> None:
    assert registrable(host) == domain


class Heavy:
    """Stands for an answer of a megabyte."""


def test_a_remembered_refusal_holds_on_to_nothing_but_its_words() -> None:
    troubles = Troubles(StoppedClock(), size=10)

    def read() -> weakref.ref[Heavy]:
        answer = Heavy()
        try:
            try:
                raise ValueError("not JSON")
            except ValueError:
                raise Malformed("it makes no sense") from None
        except Malformed as trouble:
            troubles.put("https://a.example/1", trouble, seconds=60)
        return weakref.ref(answer)

    answer = read()
    gc.collect()

    assert answer() is None
    for _ in range(2):
        with pytest.raises(Malformed, match="it makes no sense"):
            troubles.check("https://a.example/1")
    troubles.check("https://a.example/2")


def test_a_remembered_refusal_keeps_its_status() -> None:
    troubles = Troubles(StoppedClock(), size=10)

    troubles.put("https://a.example/1", Unreachable("it answers 500", status=500, retry_after_s=3), seconds=60)

    with pytest.raises(Unreachable) as raised:
        troubles.check("https://a.example/1")
    assert (raised.value.status, raised.value.retry_after_s) == (500, 3)
