"""The least HTTP/1.1 that carries a yardstick: a server, a client and one GET, on httptools."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

import httptools

ACTIVITY_JSON = b"application/activity+json"
AGENT = "yardstick/1"  # some servers refuse requests without one


@dataclass(slots=True)
class Request:
    """One received request; header names are lower case."""

    method: bytes = b"GET"
    target: bytes = b"/"
    headers: dict[bytes, bytes] = field(default_factory=dict)
    body: bytes = b""


REASONS = {200: "OK", 202: "Accepted", 401: "Unauthorized", 404: "Not Found", 410: "Gone", 500: "Error"}
Reply = bytes | Awaitable[bytes] | None  # None: the handler writes the answer later itself
Handler = Callable[[Request], Reply]


def response(status: int, body: bytes = b"", content_type: bytes = ACTIVITY_JSON, extra: bytes = b"") -> bytes:
    """A complete response; `extra` holds further header lines, each with its CRLF."""
    return b"HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n%s\r\n%s" % (
        status,
        REASONS.get(status, "Status").encode(),
        content_type,
        len(body),
        extra,
        body,
    )


class HttpServer(asyncio.Protocol):
    """Keep-alive server connection; requests on one connection are answered one at a time (no pipelining)."""

    def __init__(self, handle: Handler) -> None:
        self.handle = handle
        self.transport: asyncio.Transport | None = None
        self.parser = httptools.HttpRequestParser(self)
        self.request = Request()
        self.chunks: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop has classes of its own

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None

    def data_received(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError:
            if self.transport:
                self.transport.close()

    def on_message_begin(self) -> None:
        self.request, self.chunks = Request(), []

    def on_url(self, url: bytes) -> None:
        self.request.target = url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.request.headers[name.lower()] = value

    def on_body(self, body: bytes) -> None:
        self.chunks.append(body)

    def on_message_complete(self) -> None:
        self.request.method = self.parser.get_method()
        self.request.body = self.chunks[0] if len(self.chunks) == 1 else b"".join(self.chunks)
        reply = self.handle(self.request)
        if isinstance(reply, bytes):
            self.write(reply)
        elif reply is not None:
            asyncio.ensure_future(reply).add_done_callback(self._answer)

    def _answer(self, done: asyncio.Future[bytes]) -> None:
        if done.cancelled() or done.exception():
            if self.transport:
                self.transport.abort()
        else:
            self.write(done.result())

    def write(self, reply: bytes) -> None:
        """Empty bytes mean: drop the connection."""
        if self.transport and not reply:
            self.transport.abort()
        elif self.transport:
            self.transport.write(reply)


class HttpClient(asyncio.Protocol):
    """One keep-alive client connection; `send` one request at a time."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.waiter: asyncio.Future[tuple[int, bytes]] | None = None
        self.parser = httptools.HttpResponseParser(self)
        self.chunks: list[bytes] = []
        self.headers: dict[bytes, bytes] = {}
        self.until_closed = False  # an answer without a length ends with the connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop has classes of its own

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        if self.until_closed and exc is None:
            self.on_message_complete()
        if self.waiter and not self.waiter.done():
            self.waiter.set_exception(ConnectionResetError("connection lost"))

    def data_received(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError as error:
            if self.waiter and not self.waiter.done():
                self.waiter.set_exception(ConnectionResetError(str(error)))
            self.close()

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        self.until_closed = not {b"content-length", b"transfer-encoding"} & self.headers.keys()

    def on_body(self, body: bytes) -> None:
        self.chunks.append(body)

    def on_message_complete(self) -> None:
        self.until_closed = False
        status, body = self.parser.get_status_code(), b"".join(self.chunks)
        if not self.parser.should_keep_alive():
            self.close()
        if self.waiter and not self.waiter.done():
            self.waiter.set_result((status, body))

    async def send(self, request: bytes) -> tuple[int, bytes]:
        """Write a request, wait for its answer; returns status and body."""
        if self.transport is None or self.transport.is_closing():
            raise ConnectionResetError("not connected")
        self.chunks, self.headers = [], {}
        self.waiter = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self.waiter

    @property
    def usable(self) -> bool:
        return self.transport is not None and not self.transport.is_closing()

    def close(self) -> None:
        if self.transport:
            self.transport.close()


def authority(url: str) -> tuple[str, int, bool]:
    """Host, port and whether TLS is used."""
    parts = urlsplit(url)
    tls = parts.scheme == "https"
    return parts.hostname or "127.0.0.1", parts.port or (443 if tls else 80), tls


async def connect(url: str, tls: ssl.SSLContext | None = None) -> HttpClient:
    host, port, secure = authority(url)
    context = (tls or ssl.create_default_context()) if secure else None
    _, client = await asyncio.get_running_loop().create_connection(HttpClient, host, port, ssl=context)
    return client


async def get(url: str, tls: ssl.SSLContext | None = None, accept: bytes = ACTIVITY_JSON) -> tuple[int, bytes]:
    """One GET on its own connection."""
    client = await connect(url, tls)
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        return await client.send(
            b"GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: %s\r\nAccept: %s\r\n\r\n"
            % (target.encode(), parts.netloc.encode(), AGENT.encode(), accept)
        )
    finally:
        client.close()


async def wait_until_ready(url: str, seconds: float = 30.0, tls: ssl.SSLContext | None = None) -> float:
    """Seconds until the URL answers anything at all; raises TimeoutError."""
    begin = time.perf_counter()
    while True:
        try:
            await asyncio.wait_for(get(url, tls), 5)
            return time.perf_counter() - begin
        except (OSError, TimeoutError):
            if time.perf_counter() - begin > seconds:
                raise TimeoutError(f"{url} did not answer within {seconds} s") from None
            await asyncio.sleep(0.01)
