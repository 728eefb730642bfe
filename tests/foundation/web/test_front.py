"""One connection after the other at the front, with short deadlines. A real server process: `tests/attacks/http`."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import uvicorn

from fedishare.foundation.web import front
from fedishare.foundation.web.front import Front, look_round

App = Callable[[Any, Any, Any], Awaitable[None]]
GET = b"GET / HTTP/1.1\r\nHost: fedi.test\r\n\r\n"
MANY = 6_000_000
MOST = 5


class Town:
    """A server in this process, and what it has been asked."""

    def __init__(self, app: App) -> None:
        config = uvicorn.Config(
            app, http=Front, ws="none", lifespan="off", log_config=None, proxy_headers=False, limit_concurrency=MOST
        )
        config.load()
        self.server = uvicorn.Server(config)
        self.port = 0

    @property
    def connections(self) -> int:
        return len(self.server.server_state.connections)

    async def connect(self, **more: Any) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port, **more)


@asynccontextmanager
async def town(app: App) -> AsyncIterator[Town]:
    made = Town(app)
    loop = asyncio.get_running_loop()
    state = made.server.server_state

    def protocol() -> Front:
        return Front(config=made.server.config, server_state=state, app_state={}, _loop=loop)

    listening = await loop.create_server(protocol, "127.0.0.1", 0)
    made.port = listening.sockets[0].getsockname()[1]

    async def rounds() -> None:
        while True:
            await asyncio.sleep(0.05)
            look_round(state, loop.time())

    turning = asyncio.create_task(rounds())
    try:
        yield made
    finally:
        turning.cancel()
        listening.close()
        for connection in list(state.connections):
            connection.transport.abort()  # type: ignore[union-attr]  # every one of them is open


async def echo_size(scope: Any, receive: Any, send: Any) -> None:
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size += len(message["body"])
        more = message["more_body"]
    await answer(send, b"%d" % size)


async def answer(send: Any, body: bytes) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


async def send_much(scope: Any, receive: Any, send: Any) -> None:
    await answer(send, b"x" * MANY)


async def gone(made: Town, *, seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while made.connections:  # noqa: ASYNC110 - the connection tells nobody of its end
            await asyncio.sleep(0.02)


async def test_who_never_reads_the_answer_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "UNREAD_S", 0.5)
    async with town(send_much) as made:
        _reader, writer = await made.connect(limit=1)
        writer.write(GET)
        await asyncio.sleep(0.3)
        assert made.connections == 1

        await gone(made, seconds=5)
        writer.close()


async def test_who_reads_slowly_gets_it_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "UNREAD_S", 0.5)
    async with town(send_much) as made:
        reader, writer = await made.connect(limit=2**16)
        writer.write(GET)
        got = len(await reader.readuntil(b"\r\n\r\n")) * 0
        for _ in range(15):
            await asyncio.sleep(0.1)
            got += len(await reader.read(MANY // 20))
        got += len(await reader.readexactly(MANY - got))
        writer.close()

    assert got == MANY


async def test_a_slow_form_that_comes_steadily_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "BODY_S", 0.2)
    monkeypatch.setattr(front, "SLOWEST", 500)
    async with town(echo_size) as made:
        reader, writer = await made.connect()
        writer.write(b"POST / HTTP/1.1\r\nHost: fedi.test\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(10):
            writer.write(b"x" * 100)
            await asyncio.sleep(0.08)
        said = await reader.readuntil(b"1000")
        writer.close()

    assert said.startswith(b"HTTP/1.1 200 ")


async def test_a_drip_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "BODY_S", 0.2)
    monkeypatch.setattr(front, "SLOWEST", 500)
    async with town(echo_size) as made:
        reader, writer = await made.connect()
        writer.write(b"POST / HTTP/1.1\r\nHost: fedi.test\r\nContent-Length: 1000\r\n\r\nx")
        async with asyncio.timeout(5):
            said = await reader.read()
        writer.close()

    assert said.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in said


async def test_what_a_chunk_says_about_itself_has_a_bound() -> None:
    async with town(echo_size) as made:
        reader, writer = await made.connect()
        writer.write(b"POST / HTTP/1.1\r\nHost: fedi.test\r\nTransfer-Encoding: chunked\r\n\r\n")
        with suppress(ConnectionError):
            for _ in range(40):
                writer.write(b"1;" + b"e" * 2_000 + b"\r\nx\r\n")
                await writer.drain()
                await asyncio.sleep(0.005)
        async with asyncio.timeout(5):
            said = await reader.read()
        writer.close()

    assert said.startswith(b"HTTP/1.1 431 ")


async def test_a_body_byte_by_byte_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    async with town(echo_size) as made:
        reader, writer = await made.connect()
        writer.write(b"POST / HTTP/1.1\r\nHost: fedi.test\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(20):
            writer.write(b"1\r\nx\r\n" * 500)
            await asyncio.sleep(0.002)
        writer.write(b"0\r\n\r\n")
        said = await reader.readuntil(b"10000")
        writer.close()

    assert said.startswith(b"HTTP/1.1 200 ")


async def test_when_all_places_are_taken_who_waited_longest_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "PATIENT_S", 0.1)
    async with town(echo_size) as made:
        waiting = []
        for _ in range(MOST - 1):
            waiting.append(await made.connect())
            await asyncio.sleep(0.03)
        await asyncio.sleep(0.15)

        reader, writer = await made.connect()
        writer.write(GET)
        said = await reader.readuntil(b"\r\n\r\n")

        assert said.startswith(b"HTTP/1.1 200 ")
        with suppress(ConnectionError):
            assert await waiting[0][0].read() == b"", "the first to come"
        assert made.connections == MOST - 1
        waiting[-1][1].write(GET)
        assert (await waiting[-1][0].readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 "), "the last still stands"


async def test_when_all_are_being_answered_the_newcomer_goes() -> None:
    over = asyncio.Event()

    async def busy(scope: Any, receive: Any, send: Any) -> None:
        await over.wait()
        await answer(send, b"done")

    async with town(busy) as made:
        served = [await made.connect() for _ in range(MOST - 1)]
        for _reader, writer in served:
            writer.write(GET)
        await asyncio.sleep(0.1)

        reader, _writer = await made.connect()
        with suppress(ConnectionError):
            assert await reader.read() == b""

        over.set()
        for reader, _writer in served:
            assert (await reader.readuntil(b"done")).startswith(b"HTTP/1.1 200 ")


async def test_a_long_queue_of_requests_on_one_connection_is_not_begun() -> None:
    asked = []

    async def counting(scope: Any, receive: Any, send: Any) -> None:
        asked.append(scope["path"])
        await asyncio.sleep(0.05)
        await answer(send, b"done")

    async with town(counting) as made:
        reader, writer = await made.connect()
        writer.write(GET * 200)
        with suppress(ConnectionError):
            await reader.read()
        writer.close()

    assert len(asked) <= 1
