"""Fifty servers on the loopback that hear what is said here; forty of them are bad in every way of R4, while they are.

All are good at first, so that they can follow; `turn_bad` and `turn_good` change the forty at once. Two of them speak
TLS with a certificate that runs out when they turn bad. Those whose answer counts as one (200, 202) keep what came.
"""

import asyncio
import json
import socket
import ssl
import struct
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import trustme

from tests.torture.neighbours import Door, Neighbours

REDIRECTED = ("301", "307", "308")
KEEPS_IN_BAD_TIMES = ("401 then 202", "200 without body", "200 without end")
BAD_DATE = "Mon, 32 Foo 2026 25:61:61 GMT"
_ANSWERS = {
    "500": b"500 Oops\r\nContent-Length: 2\r\n\r\n{}",
    "502": b"502 Bad\r\nContent-Type: text/html\r\nContent-Length: 60000\r\n\r\n" + b"<html>" * 10_000,
    "410": b"410 Gone\r\nContent-Length: 0\r\n\r\n",
    "200 without body": b"200 OK\r\nContent-Length: 0\r\n\r\n",
} | {
    f"429 {wait}": f"429 Slow\r\nRetry-After: {wait}\r\nContent-Length: 0\r\n\r\n".encode()
    for wait in ("1", "3600", "99999999999", "-5", BAD_DATE)
}
MODES = (
    *("full", "silent", "reset", "half closed", "slow drip", "expired", "401 then 202", "200 without end"),
    *REDIRECTED,
    *_ANSWERS,
)
_PIECE = b"10000\r\n" + b" " * 65_536 + b"\r\n"


class FlakyPeers(Neighbours):
    """A context manager. The first `bad` of them are two of each mode, the others are always good."""

    def __init__(self, folder: Path, *, good: int, bad: int, network: str) -> None:
        super().__init__(good + bad, network=network)
        self.mode = {address: MODES[n % len(MODES)] for n, address in enumerate(self.addresses[:bad])}
        self.good = self.addresses[bad:]
        self.at: dict[tuple[str, str], float] = {}
        """When (address, id of an activity) first arrived."""
        self.held: dict[str, list[tuple[float, float]]] = defaultdict(list)
        """By mode, from when until when our server stayed in an exchange with a bad one."""
        self.met: set[str] = set()
        """The bad ones that something was posted to while they were bad."""
        self.ca_file = folder / "ca.pem"
        self._authority = trustme.CA()
        self._authority.cert_pem.write_to_path(self.ca_file)
        self._is_bad = False
        self._full: list[socket.socket] = []
        self._open: dict[str, asyncio.Server] = {}
        self._connected: dict[str, set[asyncio.StreamWriter]] = defaultdict(set)
        self._refused: set[tuple[str, str]] = set()

    def having(self, *modes: str) -> list[str]:
        return [address for address, mode in self.mode.items() if mode in modes]

    def base(self, address: str) -> str:
        scheme = "https" if self.mode.get(address) == "expired" else "http"
        return f"{scheme}://{address}:{self.port}"

    def turn_bad(self) -> None:
        self.soon(self._turn(bad=True)).result(30)

    def turn_good(self) -> None:
        self.soon(self._turn(bad=False)).result(30)

    def speak(self, door: Door, actor: str, addresses: Sequence[str]) -> None:
        """Each follows once more; returns when that is taken."""
        told = [{"id": self._new_id(address), "type": "Follow", "object": actor} for address in addresses]
        for one in [self.soon(self._tell(a, made, [door])) for a, made in zip(addresses, told, strict=True)]:
            one.result(60)

    async def _turn(self, *, bad: bool) -> None:
        self._is_bad = bad
        for stuffed in self._full:
            stuffed.close()
        self._full = []
        # A connection that was good stays good: a bad one begins with a new one.
        for writer in [writer for address in self.mode for writer in self._connected[address] if bad]:
            writer.transport.abort()
        for address in self.having("full", "expired"):
            self._open[address].close()
            if bad and self.mode[address] == "full":
                self._full += _full(address, self.port)
            else:
                await self._open_at(address)

    async def _listen(self) -> None:
        for address in self.addresses:
            await self._open_at(address)

    async def _open_at(self, address: str) -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._connected[address].add(writer)
            try:
                await self._serve(address, reader, writer)
            finally:
                self._connected[address].discard(writer)

        tls = self._tls(address) if self.mode.get(address) == "expired" else None
        self._open[address] = await asyncio.start_server(serve, address, self.port, ssl=tls)
        self._listening.append(self._open[address])

    def _tls(self, address: str) -> ssl.SSLContext:
        end = datetime(2020, 1, 1, tzinfo=UTC) if self._is_bad else None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        begin = datetime(2019, 1, 1, tzinfo=UTC)
        self._authority.issue_cert(address, not_before=begin, not_after=end).configure_cert(context)
        if self._is_bad:
            context.sni_callback = lambda *_: self.met.add(address)
        return context

    def _received(self, address: str, body: bytes) -> tuple[int, bytes]:
        self.at.setdefault((address, json.loads(body)["id"]), time.monotonic())
        return super()._received(address, body)

    async def _serve(self, address: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not (self._is_bad and address in self.mode):
            await super()._serve(address, reader, writer)
            return
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            body = await reader.readexactly(int(head.partition("content-length:")[2].split()[0]))
            begun = time.monotonic()
            self.met.add(address)
            try:
                await self._misbehave(address, body, reader, writer)
            finally:
                self.held[self.mode[address]].append((begun, time.monotonic()))
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # they hung up, or the test is over
        finally:
            writer.close()

    async def _misbehave(
        self, address: str, body: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Returns when this exchange is over: for those that hold it, when our server lets go."""
        mode = self.mode[address]
        if mode == "reset":
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()
        elif mode == "silent":
            await reader.read()
        elif mode == "half closed":
            writer.write_eof()
            await reader.read()
        elif mode == "slow drip":
            await _drip(writer)
        elif mode == "200 without end":
            self._received(address, body)
            await _endless(writer)
        else:
            writer.write(b"HTTP/1.1 " + self._said(address, mode, body))
            await writer.drain()

    def _said(self, address: str, mode: str, body: bytes) -> bytes:
        if mode in REDIRECTED:
            return f"{mode} Moved\r\nLocation: {self.base(address)}/elsewhere\r\nContent-Length: 0\r\n\r\n".encode()
        if mode == "401 then 202":
            told = (address, json.loads(body)["id"])
            if told not in self._refused:
                self._refused.add(told)
                return b"401 Who\r\nContent-Length: 0\r\n\r\n"
            self._received(address, body)
            return b"202 Yes\r\nContent-Length: 0\r\n\r\n"
        if mode == "200 without body":
            self._received(address, body)
        return _ANSWERS[mode]


async def _drip(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 202 Accepted\r\n")
    while True:
        await asyncio.sleep(0.3)
        writer.write(b"X")
        await writer.drain()


async def _endless(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(_PIECE)
        await writer.drain()


def _full(address: str, port: int) -> list[socket.socket]:
    """A listener that accepts nobody, and those that fill its queue: the next one's SYN is not answered."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    listener.listen(0)
    waiting = [socket.socket() for _ in range(4)]
    for one in waiting:
        one.setblocking(False)
        one.connect_ex((address, port))
    return [listener, *waiting]
