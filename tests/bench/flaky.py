"""A bad neighbour: an HTTP server that misbehaves on purpose, in the way that the first part of the path names.

    GET /trickle/users/7      a byte now and then
    GET /honest/trickle/u7    an actor like any other, whose inbox is /trickle/inbox

Nothing is random, so that a run can say which fault met what. `Flaky` runs inside of another program (`hostile.py`) or
alone. `drawn` counts what was asked for, by fault.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import functools
import gzip
import json
import os
import socket
import struct
import zlib
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import keys
import measured
import programs
from cryptography.hazmat.primitives.asymmetric import rsa

MOST_BYTES = 200_000_000
PIECE = b" " * 65_536
JSON_HEAD = b"Content-Type: application/activity+json\r\n"


@dataclass(frozen=True)
class Asked:
    """One request: who was asked (`http://127.0.7.1:80`), for what, and what is left of the path after the fault."""

    origin: str
    method: str
    rest: str


Fault = Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]


def answer(head: bytes, body: bytes = b"", length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (head.rstrip(), size, body)


def good(body: bytes, extra: bytes = b"", length: int | None = None) -> bytes:
    return answer(b"200 OK\r\n" + JSON_HEAD + extra, body, length)


def person(asked: Asked, fault: str, key: rsa.RSAPrivateKey) -> bytes:
    """An actor like any other, as far as one can see."""
    me = f"{asked.origin}/honest/{fault}/{asked.rest.partition('/')[2]}"
    document = {
        "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
        "id": me,
        "type": "Person",
        "preferredUsername": asked.rest.rpartition("/")[2],
        "inbox": f"{asked.origin}/{fault}/inbox",
        "publicKey": {"id": f"{me}#main-key", "owner": me, "publicKeyPem": keys.public_pem(key)},
    }
    return json.dumps(document).encode()


# ---------------------------------------------------------------- the faults


async def silent(asked: Asked, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(3_600)


async def trickle(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Slower than anybody should wait."""
    for byte in good(b" " * 100_000):
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.2)


async def endless(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Chunks without an end."""
    writer.write(b"HTTP/1.1 200 OK\r\n" + JSON_HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    for _ in range(MOST_BYTES // len(PIECE)):
        writer.write(b"%x\r\n%s\r\n" % (len(PIECE), PIECE))
        await writer.drain()


async def huge(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Ten gigabytes announced, and some of them sent."""
    writer.write(good(b"", length=10_000_000_000))
    for _ in range(MOST_BYTES // len(PIECE)):
        writer.write(PIECE)
        await writer.drain()


async def endless_head(asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(1_000_000):
        writer.write(b"X-Filler-%d: %s\r\n" % (number, b"x" * 200))
        await writer.drain()


async def interim(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Always about to answer."""
    for _ in range(1_000_000):
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await writer.drain()


async def reset(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Half an answer, then a TCP reset."""
    writer.write(good(b"{" + b" " * 50_000, length=100_000))
    await asyncio.sleep(0.02)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def closed(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Not a word."""


def says(make: Callable[[Asked], bytes]) -> Fault:
    """A fault that is in the answer itself, which comes at once and whole."""

    async def fault(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(make(asked))
        await writer.drain()

    return fault


@functools.cache
def bomb() -> bytes:
    """200 MB of blanks in 200 KB."""
    packer = zlib.compressobj(wbits=31)
    packed = b"".join(packer.compress(b" " * 1_000_000) for _ in range(MOST_BYTES // 1_000_000))
    return good(packed + packer.flush(), b"Content-Encoding: gzip\r\n")


def somebody_else(asked: Asked) -> bytes:
    """An actor whose id is on another server."""
    return good(json.dumps({"id": "https://example.org/users/x", "type": "Person", "inbox": asked.origin}).encode())


def redirect(to: str) -> Fault:
    return says(lambda asked: answer(f"302 Found\r\nLocation: {to.format(origin=asked.origin)}\r\n".encode()))


PACKED = gzip.compress(os.urandom(3_000))
FAULTS: dict[str, Fault] = {
    # slow
    "silent": silent,
    "trickle": trickle,
    "interim": interim,
    # huge, endless
    "huge": huge,
    "endless": endless,
    "endless-head": endless_head,
    "deep": says(lambda asked: good(b'{"a":' * 50_000 + b"1" + b"}" * 50_000)),
    "digits": says(lambda asked: good(b'{"id":' + b"9" * 900_000 + b"}")),
    # redirecting
    "loop": redirect("{origin}/loop/again"),
    "inside": redirect("http://169.254.169.254/latest/meta-data/"),
    "file": redirect("file:///etc/passwd"),
    "to-silent": redirect("{origin}/silent/there"),
    # lying
    "somebody-else": says(somebody_else),
    "short": says(lambda asked: good(b"{}", length=5_000)),
    "two-lengths": says(lambda asked: good(b"{}", b"Content-Length: 900\r\n")),
    "html": says(lambda asked: answer(b"200 OK\r\nContent-Type: text/html", b"<!doctype html><title>Welcome</title>")),
    "not-json": says(lambda asked: good(b"\xff\xfe{" * 1_000)),
    # compressing
    "gzip-bomb": says(lambda asked: bomb()),
    "gzip-cut": says(lambda asked: good(PACKED[:1_500], b"Content-Encoding: gzip\r\n")),
    "gzip-twice": says(lambda asked: good(gzip.compress(PACKED), b"Content-Encoding: gzip, gzip\r\n")),
    # breaking off, refusing
    "reset": reset,
    "closed": closed,
    "503": says(lambda asked: answer(b"503 Service Unavailable\r\nRetry-After: 2")),
    "429": says(lambda asked: answer(b"429 Too Many Requests\r\nRetry-After: 99999999")),
}


class Flaky:
    """The faults on as many addresses as one likes. `key` is that of all its actors."""

    def __init__(self) -> None:
        self.key = keys.new_private_key()
        self.drawn: Counter[str] = Counter()
        self._servers: list[asyncio.Server] = []
        self._talks: set[asyncio.Task[None]] = set()

    async def listen(self, address: str, port: int) -> None:
        self._servers.append(await asyncio.start_server(self._talk, address, port, backlog=512))

    async def close(self) -> None:
        for server in self._servers:
            server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        # Called off at the end is an end like any other here: asyncio would print it.
        with contextlib.suppress(
            asyncio.CancelledError,
            OSError,
            asyncio.IncompleteReadError,
            asyncio.LimitOverrunError,
            TimeoutError,
            ValueError,
        ):
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)
            method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
            address, port = writer.get_extra_info("sockname")[:2]
            await self._misbehave(f"http://{address}:{port}", method, target, writer)
        self._talks.discard(task)
        writer.close()

    async def _misbehave(self, origin: str, method: str, target: str, writer: asyncio.StreamWriter) -> None:
        fault, _, rest = target.lstrip("/").partition("/")
        asked = Asked(origin, method, rest)
        self.drawn[fault] += 1
        if fault == "honest":
            writer.write(good(person(asked, rest.partition("/")[0], self.key)))
            await writer.drain()
        elif fault in FAULTS:
            await FAULTS[fault](asked, writer)
        else:
            writer.write(answer(b"404 Not Found"))


async def run(options: argparse.Namespace) -> None:
    flaky = Flaky()
    await flaky.listen(options.host, options.port)
    await asyncio.sleep(options.seconds)
    await flaky.close()
    cpu, peak = measured.own_usage()
    measured.emit(job="flaky", drawn=dict(flaky.drawn), cpu_s=cpu, max_rss_mb=peak)


def main() -> None:
    arguments = programs.parser(__doc__)
    arguments.add_argument("--host", default="127.0.0.1", help="address to listen on")
    arguments.add_argument("--port", type=int, default=18070, help="port to listen on")
    arguments.add_argument("--seconds", type=float, default=600.0, help="end after this")
    asyncio.run(run(arguments.parse_args()))


if __name__ == "__main__":
    main()
