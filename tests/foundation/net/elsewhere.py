"""Servers elsewhere, on real sockets of this machine: they answer what a test tells them to, byte by byte."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from ssl import SSLContext
from typing import NamedTuple

from fedishare.foundation.net.addresses import Address
from fedishare.foundation.net.connection import Connection
from fedishare.foundation.net.dialling import Connector
from fedishare.foundation.net.urls import Location

PUBLIC = "93.184.215.14"


class Asked(NamedTuple):
    """A request as it arrived. Header names are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    raw: bytes
    body: bytes


Say = Callable[[bytes], Awaitable[None]]
Act = Callable[[Asked, Say], Awaitable[bool | None]]
"""Answers a request; what is returned tells whether the connection goes on (unless it is False)."""


class Server:
    """`requests` are those that came, over `connections`."""

    def __init__(self, act: Act) -> None:
        self._act = act
        self.requests: list[Asked] = []
        self.connections = 0
        self.open = 0
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1

        async def say(data: bytes) -> None:
            writer.write(data)
            await writer.drain()

        try:
            while True:
                asked = await _read(reader)
                self.requests.append(asked)
                if await self._act(asked, say) is False:
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.open -= 1
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Asked:
    raw = await reader.readuntil(b"\r\n\r\n")
    first, *lines = raw.decode("latin-1").split("\r\n")[:-2]
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    method, target, _ = first.split(" ")
    return Asked(method, target, headers, raw, body)


@asynccontextmanager
async def serving(act: Act, *, tls: SSLContext | None = None, host: str = "127.0.0.1") -> AsyncIterator[Server]:
    """A server until the end of the block; whoever still talks to it is cut off."""
    server = Server(act)
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(server.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    listening = await asyncio.start_server(accept, host, 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def answering(*answers: bytes, goes_on: bool = True) -> Act:
    """These bytes to every request, one piece after the other."""

    async def act(asked: Asked, say: Say) -> bool:
        for piece in answers:
            await say(piece)
            await asyncio.sleep(0)
        return goes_on

    return act


def answer(status: int = 200, body: bytes = b"", *lines: str) -> bytes:
    """A plain answer with its length."""
    head = "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status} X", *lines, f"Content-Length: {len(body)}"))
    return head.encode("latin-1") + b"\r\n" + body


def leading_to(server: Server) -> tuple[Connector, list[tuple[Location, Address]]]:
    """A connector that brings every call to `server`, without TLS, and the list of what was dialled."""
    dialled: list[tuple[Location, Address]] = []

    async def connect(location: Location, address: Address) -> Connection:
        dialled.append((location, address))
        _, connection = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", server.port)
        return connection

    return connect, dialled


async def public(host: str) -> list[str]:
    """A resolver in whose world every host has one ordinary address."""
    return [PUBLIC]
