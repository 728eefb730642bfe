"""An inbox without any care for whom it talks to, so that a test of patience can be seen to fail.

It asks for a key each time, one after the other, reads and unpacks whatever comes, keeps all of it, and never closes.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import zlib
from urllib.parse import urlsplit

import http1
import programs

DEADLINE_S = 0.5


class Careless:
    def __init__(self) -> None:
        self.one_at_a_time = asyncio.Lock()
        self.remembered: dict[str, bytearray] = {}
        self.forgotten: list[asyncio.StreamWriter] = []

    def handle(self, request: http1.Request) -> http1.Reply:
        if request.method != b"POST":
            return http1.response(200, b"<!doctype html><title>Welcome</title>", b"text/html")
        return self.take(request)

    async def take(self, request: http1.Request) -> bytes:
        key = re.search(rb'keyId="([^"#]+)', request.headers.get(b"signature", b""))
        if key:
            async with self.one_at_a_time:
                try:
                    await asyncio.wait_for(self.ask(key[1].decode()), DEADLINE_S)
                except (OSError, TimeoutError, ValueError, zlib.error):
                    return http1.response(401)
        return http1.response(202)

    async def ask(self, url: str) -> None:
        parts = urlsplit(url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        self.forgotten.append(writer)
        head = f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode())
        said = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", said)
        body = self.remembered[url] = bytearray()
        while piece := await reader.read(1_000_000):
            body += piece
            if length and len(body) >= int(length[1]):
                break
        if b"gzip" in said:
            self.remembered[url] = bytearray(zlib.decompress(body, wbits=31))


async def run(options: argparse.Namespace) -> None:
    careless = Careless()
    loop = asyncio.get_running_loop()
    await loop.create_server(lambda: http1.HttpServer(careless.handle), "127.0.0.1", options.port)
    await asyncio.sleep(options.seconds)


def main() -> None:
    arguments = programs.parser(__doc__)
    arguments.add_argument("--port", type=int, default=18072, help="port to listen on")
    arguments.add_argument("--seconds", type=float, default=300.0, help="end after this")
    asyncio.run(run(arguments.parse_args()))


if __name__ == "__main__":
    main()
