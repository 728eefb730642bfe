"""What a peer answers to a letter: when to come back, five gigabytes, the way to somebody else."""

import asyncio

import pytest

from fedishare.foundation.values.clock import DAY, HOUR, MINUTE, SECOND
from tests.attacks.lines import attack
from tests.attacks.world import World
from tests.figures import Figure
from tests.foundation.net.elsewhere import Asked, Say, serving
from tests.remote import Reply, until

DELIVERY = "select state, attempts, status, due_at from delivery order by id desc limit 1"


@pytest.fixture
async def followed(world: World) -> World:
    """Carol follows alice, who then publishes something that has not been told yet."""
    await world.takes(world.carol, world.carol.activity("Follow", world.alice.uri))
    await world.publishes("Bonjour")
    return world


@attack("A280")
@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("99999999999", (DAY, DAY)),
        ("-5", (12 * SECOND, 18 * SECOND)),
        ("Wed, 99 Foo", (12 * SECOND, 18 * SECOND)),
        ("0", (MINUTE, MINUTE)),
        ("1e9", (12 * SECOND, 18 * SECOND)),
        ("٣٦٠٠", (12 * SECOND, 18 * SECOND)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", (DAY, DAY)),
        ("Thu, 01 Jan 1970 00:00:00 GMT", (MINUTE, MINUTE)),
        ("3600", (HOUR, HOUR)),
    ],
)
async def test_when_to_come_back_is_bounded(followed: World, said: str, wait: tuple[int, int]) -> None:
    """What cannot be read leaves the schedule as it is: 15 seconds, give or take a fifth."""
    headers = {"retry-after": said.encode().decode("latin-1")}
    followed.carol.server.inbox_reply = lambda asked: Reply(429, headers=headers)

    await followed.work()

    ((state, attempts, status, due_at),) = await followed.ask(DELIVERY)
    assert (state, attempts, status) == ("waiting", 1, 429)
    assert wait[0] <= due_at - followed.clock.now() <= wait[1]


@attack("A281")
@pytest.mark.parametrize("head", ["Content-Length: 5000000000", "Transfer-Encoding: chunked", "Connection: close"])
async def test_five_gigabytes_of_thanks_are_not_read(followed: World, head: str, figure: Figure) -> None:
    sent = 0

    async def thank(asked: Asked, say: Say) -> None:
        nonlocal sent
        await say(f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n".encode())
        while True:
            part = b"x" * 65_536
            await say(b"10000\r\n" + part + b"\r\n" if "chunked" in head else part)
            sent += len(part)

    async with serving(thank) as server:
        followed.network.ports["good.test"] = server.port
        await followed.instance.net.close()  # the connection that was kept leads to the server of before
        await followed.work()
        await until(lambda: server.open == 0, seconds=5)

    assert [row[:3] for row in await followed.ask(DELIVERY)] == [("done", 1, 200)]
    figure("poured before we hung up", sent / 1_000_000, "MB", at_most=16)


@attack("A281")
async def test_of_what_is_said_to_a_letter_four_kilobytes_are_waited_for(followed: World) -> None:
    """Five thousand bytes of many, and then silence: who read on would hear no end of it, and send the letter again."""

    async def thank(asked: Asked, say: Say) -> None:
        await say(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 5_000)
        await asyncio.Event().wait()

    async with serving(thank) as server:
        followed.network.ports["good.test"] = server.port
        await followed.instance.net.close()  # the connection that was kept leads to the server of before
        await followed.work()

    assert [row[:3] for row in await followed.ask(DELIVERY)] == [("done", 1, 200)]


@attack("A281")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_letter_is_not_sent_on(followed: World, status: int) -> None:
    victim = followed.network.server("victim.test")
    headers = {"location": "https://victim.test/inbox"}
    followed.carol.server.inbox_reply = lambda asked: Reply(status, headers=headers)

    await followed.work()

    assert [row[:3] for row in await followed.ask(DELIVERY)] == [("dead", 1, status)]
    assert victim.asked == []
    assert "victim.test" not in followed.looked_up
