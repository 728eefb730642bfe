"""Clients that send a byte now and then, or never read: they are told, or left, in time."""

import asyncio
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx

from tests.attacks.http.wire import Door
from tests.attacks.lines import attack
from tests.figures import Figure

MANY = 500
ONE_A_WHILE = b"P"
HEAD = b"OST /inbox HTTP/1.1\r\n"


async def drip(door: Door, ends: list[float]) -> None:
    """A head that grows by a byte each ten seconds. Notes when the connection was ended."""
    reader, writer = await asyncio.open_connection(*door.address)
    begin = time.monotonic()
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
    figure("until the last of 500 slow heads was ended", max(ends), "s", at_most=10)
    figure("p95 of readers beside them", 1000 * p95, "ms", at_most=500)


JSON_POST = (
    b"POST /inbox HTTP/1.1\r\nHost: fedi.test\r\n"
    b"Content-Type: application/activity+json\r\nContent-Length: 1000\r\n\r\n"
)
FORM = (
    b"POST /sign-in HTTP/1.1\r\nHost: fedi.test\r\nSec-Fetch-Site: same-origin\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n"
)
# Refused by its head; who goes on sending all the same is not waited for.
UNWANTED = b"POST /sign-in HTTP/1.1\r\nHost: evil.test\r\nContent-Length: 1000\r\n\r\n"
# Blank lines are allowed between requests: they keep nothing open that never began.
NOTHING = b"\r\n"
DRIPS = {"inbox": JSON_POST, "form": FORM, "unwanted": UNWANTED, "nothing": NOTHING}


@attack("A265")
def test_slow_bodies_are_told_so_and_closed(door: Door, figure: Figure) -> None:
    with ThreadPoolExecutor() as slow:
        begun = {name: slow.submit(dripped, door, data) for name, data in DRIPS.items()}
    told = {name: future.result() for name, future in begun.items()}

    assert {name: said[:13] for name, (said, _taken) in told.items()} == {
        "inbox": b"HTTP/1.1 408 ",
        "form": b"HTTP/1.1 408 ",
        "unwanted": b"HTTP/1.1 421 ",
        "nothing": b"",
    }
    figure("a slow body at the inbox", told["inbox"][1], "s", at_most=15)
    figure("a slow form", told["form"][1], "s", at_most=15)
    figure("the rest of a body that nobody wants", told["unwanted"][1], "s", at_most=5)
    figure("nothing but blank lines", told["nothing"][1], "s", at_most=10)


def dripped(door: Door, data: bytes) -> tuple[bytes, float]:
    """What came back, and after how many seconds the connection was ended."""
    begin = time.monotonic()
    with door.connect() as line:
        line.sendall(data)
        said = dripping(line, b"\r\n" if data == NOTHING else b" ", seconds=16)
    return said, time.monotonic() - begin


def dripping(line: socket.socket, drop: bytes, *, seconds: float) -> bytes:
    """A drop each two seconds until the other side closes; all that it said."""
    said, until = b"", time.monotonic() + seconds
    line.settimeout(2)
    while time.monotonic() < until:
        with suppress(ConnectionError):
            line.sendall(drop)
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
