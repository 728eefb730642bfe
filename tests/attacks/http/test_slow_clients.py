"""Clients that send a byte now and then, or never read: they are told, or left, in time."""

import asyncio
import socket
import time
from contextlib import suppress

import httpx

from tests.attacks.http.wire import Door, listen
from tests.attacks.lines import attack
from tests.figures import Figure

MANY = 500
ONE_A_WHILE = b"P"
HEAD = b"OST /inbox HTTP/1.1\r\n"


async def drip(door: Door, ends: list[float]) -> None:
    """A head that grows by a byte each ten seconds. Notes when the connection was ended."""
    begin = time.monotonic()
    reader, writer = await asyncio.open_connection(*door.address)
    for byte in (ONE_A_WHILE, *(HEAD[n : n + 1] for n in range(len(HEAD)))):
        with suppress(ConnectionError):
            writer.write(byte)
        try:
            async with asyncio.timeout(10):
                await reader.read()
            break
        except ConnectionError:
            break
        except TimeoutError:
            continue
    ends.append(time.monotonic() - begin)
    writer.close()


async def read_pages(door: Door, until: asyncio.Event) -> list[float]:
    taken = []
    base = f"http://{door.server.listen}"
    async with httpx.AsyncClient(base_url=base, headers={"Host": "fedi.test"}, trust_env=False, timeout=30) as reader:
        while not until.is_set():
            begin = time.monotonic()
            answer = await reader.get("/about")
            taken.append(time.monotonic() - begin)
            assert answer.status_code == 200
            await asyncio.sleep(0.05)
    return sorted(taken)


@attack("A264")
async def test_five_hundred_slow_heads_keep_nobody_waiting(door: Door, figure: Figure) -> None:
    ends: list[float] = []
    over = asyncio.Event()
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        reading = group.create_task(read_pages(door, over))
        async with asyncio.TaskGroup() as slow:
            for _ in range(MANY):
                slow.create_task(drip(door, ends))
        over.set()
    taken = reading.result()
    p95 = taken[len(taken) * 95 // 100]

    assert len(ends) == MANY
    # Ten seconds, and half a one for a busy machine.
    figure("until the last of 500 slow heads was ended", max(ends), "s", at_most=10.5)
    figure("p95 of readers beside them", 1000 * p95, "ms", at_most=500)


@attack("A265")
def test_a_slow_body_is_told_so_and_closed(door: Door) -> None:
    with door.connect() as line:
        begin = time.monotonic()
        line.sendall(
            b"POST /inbox HTTP/1.1\r\nHost: fedi.test\r\nContent-Type: application/activity+json\r\n"
            b"Content-Length: 1000\r\n\r\n"
        )
        said = dripping(line, seconds=16)
        taken = time.monotonic() - begin

    assert said.startswith(b"HTTP/1.1 408 ")
    assert taken < 15


@attack("A265")
def test_a_slow_form_is_told_so_and_closed(door: Door) -> None:
    with door.connect() as line:
        begin = time.monotonic()
        line.sendall(
            b"POST /sign-in HTTP/1.1\r\nHost: fedi.test\r\nSec-Fetch-Site: same-origin\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n"
        )
        said = dripping(line, seconds=16)
        taken = time.monotonic() - begin

    assert said.startswith(b"HTTP/1.1 408 ")
    assert taken < 15


@attack("A265")
def test_a_body_that_nobody_wants_is_not_waited_for(door: Door) -> None:
    """Refused by its head; who goes on sending all the same is left."""
    with door.connect() as line:
        begin = time.monotonic()
        line.sendall(b"POST /sign-in HTTP/1.1\r\nHost: evil.test\r\nContent-Length: 1000\r\n\r\n")
        said = dripping(line, seconds=10)
        taken = time.monotonic() - begin

    assert said.startswith(b"HTTP/1.1 421 ")
    assert taken < 5


@attack("A265")
def test_blank_lines_between_requests_keep_nothing_open_that_was_never_begun(door: Door) -> None:
    with door.connect() as line:
        line.sendall(b"\r\n")
        answer = listen(line, seconds=12)

    assert answer.closed
    assert answer.status == 0
    assert answer.seconds < 10.5


def dripping(line: socket.socket, *, seconds: float) -> bytes:
    """A byte each two seconds until the other side closes; all that it said."""
    said, until = b"", time.monotonic() + seconds
    line.settimeout(2)
    while time.monotonic() < until:
        with suppress(ConnectionError):
            line.sendall(b" ")
        try:
            part = line.recv(65_536)
        except TimeoutError:
            continue
        except ConnectionError:
            return said
        if not part:
            return said
        said += part
    raise AssertionError(f"still open after {seconds} s; it said {said[:100]!r}")
