"""Answers without end: too large, packed, too slow, or one page after the other."""

import asyncio
import gzip
import itertools
import json
import time
import zlib
from functools import lru_cache
from pathlib import Path

import pytest

from fedishare.foundation.net import limits
from fedishare.foundation.values.errors import Malformed, Unreachable, Untrusted
from tests.attacks.lines import attack
from tests.attacks.world import DEADLINE_S, World
from tests.figures import Figure
from tests.foundation.net.elsewhere import Asked, Say, answer, serving
from tests.remote import ACTIVITY, Reply, until

HEAD = f"HTTP/1.1 200 OK\r\nContent-Type: {ACTIVITY}\r\n"
ENDLESS = "endless.test"
URL = f"https://{ENDLESS}/users/x"
MEGABYTE = 1_000_000
GROWTH = 8 * MEGABYTE


@attack("A132")
@pytest.mark.parametrize("head", ["Content-Length: 5000000000", "Transfer-Encoding: chunked", "Connection: close"])
async def test_an_answer_without_end_is_left(world: World, head: str, figure: Figure) -> None:
    sent = 0

    async def pour(asked: Asked, say: Say) -> None:
        nonlocal sent
        await say(f"{HEAD}{head}\r\n\r\n".encode())
        while True:
            part = b"x" * 65_536
            await say(b"10000\r\n" + part + b"\r\n" if "chunked" in head else part)
            sent += len(part)

    async with serving(pour) as server:
        world.network.ports[ENDLESS] = server.port
        async with world.unchanged():
            with pytest.raises(Malformed):
                await world.instance.fetcher.actor(URL)
        await until(lambda: server.open == 0, seconds=5)

    # What was on its way when we hung up lies in the buffers of two sockets.
    figure("poured before we hung up", sent / MEGABYTE, "MB", at_most=16)


@attack("A132")
@pytest.mark.parametrize("chunked", [True, False])
async def test_nothing_beyond_a_megabyte_is_read(world: World, chunked: bool) -> None:
    """The same document with blanks before it: of a megabyte it is read, of a byte more than 1 MiB it is not."""
    document = json.dumps(world.carol.document).encode()

    async def say_it(asked: Asked, say: Say) -> None:
        body = document.rjust(MEGABYTE if asked.target == "/fits" else 1_048_577)
        length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body)}"
        await say(f"{HEAD}{length}\r\n\r\n".encode())
        await say(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if chunked else body)

    async with serving(say_it) as server:
        world.network.ports[ENDLESS] = server.port
        get = world.instance.net.get
        assert (await get(f"https://{ENDLESS}/fits")).body.strip() == document
        with pytest.raises(Malformed):
            await get(f"https://{ENDLESS}/more")
        await until(lambda: server.open == 0, seconds=5)


@attack("A133")
@pytest.mark.parametrize("packing", ["gzip", "deflate", "gzip, gzip", "br", "zstd", "identity, gzip"])
async def test_a_packed_bomb_does_not_go_off(world: World, packing: str, figure: Figure) -> None:
    headers = {"content-type": ACTIVITY, "content-encoding": packing}
    world.mallory.server.serve("/bomb", Reply(200, bomb(packing), headers))

    async with world.unchanged():
        before = most_memory()
        with pytest.raises(Malformed):
            await world.instance.fetcher.document("https://evil.test/bomb")
        figure(f"{packing}: memory", (most_memory(anew=False) - before) / MEGABYTE, "MB", at_most=GROWTH / MEGABYTE)

    (asked,) = world.mallory.server.asked
    assert asked.headers["accept-encoding"] == "gzip, deflate"


@lru_cache
def bomb(packing: str) -> bytes:
    """398 kB that would be 400 MB; for what we never unpack, the same bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS if packing == "deflate" else zlib.MAX_WBITS | 16)
    packed = b"".join([*(packer.compress(bytes(MEGABYTE)) for _ in range(400)), packer.flush()])
    return gzip.compress(packed) if packing == "gzip, gzip" else packed


def most_memory(*, anew: bool = True) -> int:
    """Bytes that this process held at most, `anew` from here on (proc(5), clear_refs)."""
    if anew:
        Path("/proc/self/clear_refs").write_text("5")
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024


@attack("A134")
@pytest.mark.parametrize("head", ["", HEAD, f"{HEAD}Content-Length: 100\r\n\r\n"])
async def test_a_drip_is_given_up_in_time(world: World, head: str) -> None:
    async def drip(asked: Asked, say: Say) -> None:
        await say(head.encode())
        while True:
            await say(b"x")
            await asyncio.sleep(DEADLINE_S / 20)

    async with serving(drip) as server:
        world.network.ports[ENDLESS] = server.port
        begun = time.monotonic()
        async with world.unchanged():
            with pytest.raises((Unreachable, Malformed)):
                await world.instance.fetcher.actor(URL)
        assert time.monotonic() - begun < 10 * DEADLINE_S
        await until(lambda: server.open == 0, seconds=5)


@attack("A135")
async def test_a_server_that_never_answers_gets_few_of_our_connections(world: World) -> None:
    async def silence(asked: Asked, say: Say) -> None:
        await asyncio.Event().wait()

    async with serving(silence) as server:
        world.network.ports[ENDLESS] = server.port
        begun = time.monotonic()
        asking = [world.instance.fetcher.document(f"{URL}{number}") for number in range(50)]
        async with world.unchanged():
            answers = asyncio.gather(*asking, return_exceptions=True)
            await asyncio.sleep(DEADLINE_S / 2)
            assert server.open == server.connections == limits.PER_HOST
            assert {type(one) for one in await answers} == {Unreachable}
        assert time.monotonic() - begun < 10 * DEADLINE_S


@attack("A136")
@pytest.mark.parametrize("name", ["featured", "outbox", "followers", "replies"])
@pytest.mark.parametrize(("each", "items", "most"), [(100, 200, 2), (1, 10, 10), (0, 0, 10), (30_000, 200, 1)])
async def test_a_list_without_end_is_left(world: World, name: str, each: int, items: int, most: int) -> None:
    numbers = itertools.count()

    async def page(asked: Asked, say: Say) -> None:
        shown = [f"https://{ENDLESS}/{next(numbers)}" for _ in range(each)]
        following = {"next": f"https://{ENDLESS}/{name}?page={next(numbers)}"}
        body = {"id": f"https://{ENDLESS}{asked.target}", "type": "OrderedCollectionPage", "orderedItems": shown}
        await say(answer(200, json.dumps({**body, **following}).encode(), f"Content-Type: {ACTIVITY}"))

    async with serving(page) as server:
        world.network.ports[ENDLESS] = server.port
        async with world.unchanged():
            found = [item async for item in world.instance.fetcher.collection(f"https://{ENDLESS}/{name}")]

    assert (len(found), len(server.requests)) == (items, most)


@attack("A137")
@pytest.mark.parametrize("link", ["first", "next"])
async def test_a_page_elsewhere_is_not_fetched(world: World, link: str) -> None:
    world.network.server("victim.test")
    server = world.mallory.server
    server.serve("/outbox", {"id": server.url("/outbox"), "type": "OrderedCollection", link: "https://victim.test/p1"})

    async with world.unchanged():
        with pytest.raises(Untrusted):
            _ = [item async for item in world.instance.fetcher.collection("https://evil.test/outbox")]

    assert world.outbound == ["GET https://evil.test/outbox"]
    assert world.looked_up == ["evil.test"]
