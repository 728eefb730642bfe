"""An answer fed to a connection piece by piece, without a socket."""

import asyncio
from contextlib import suppress

from fedishare.foundation.net.connection import Connection, Reply
from fedishare.foundation.values.errors import RemoteTrouble

CAP = 1_000


class Wire(asyncio.Transport):
    """A wire to nobody, for one connection: what it says is fed in by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = b""
        self.aborted = False

    def write(self, data: bytes) -> None:
        self.sent += data

    def abort(self) -> None:
        self.aborted = True

    def is_closing(self) -> bool:
        return self.aborted


async def exchange(pieces, *, cap=CAP, method="GET", cut=False, ends=None) -> tuple[Reply, bool]:
    """What comes of these bytes, and whether the connection may serve again. `ends` closes it: None or an error."""
    wire, connection = Wire(), Connection()
    connection.connection_made(wire)
    waiting = asyncio.ensure_future(connection.exchange(b"request", cap=cap, head_only=method == "HEAD", cut=cut))
    await asyncio.sleep(0)
    for piece in pieces:
        if not waiting.done():
            connection.data_received(piece)
    if ends is not False:
        connection.connection_lost(ends)
        with suppress(RemoteTrouble):
            await waiting
        return await waiting, False
    await asyncio.sleep(0)
    if not waiting.done():
        waiting.cancel()
        with suppress(asyncio.CancelledError):
            await waiting
        raise TimeoutError
    return waiting.result(), connection.usable


async def read(*pieces: bytes, **how) -> Reply:
    return (await exchange(pieces, ends=how.pop("ends", False), **how))[0]


def chunked(*chunks: bytes, extension: bytes = b"", trailer: bytes = b"") -> bytes:
    said = b"".join(b"%x%s\r\n%s\r\n" % (len(chunk), extension, chunk) for chunk in chunks)
    return said + b"0\r\n" + trailer + b"\r\n"


GOOD = {
    "a length": b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody",
    "no body": b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n",
    "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"bo", b"dy"),
    "chunks in capitals": b"HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n" + chunked(b"body"),
    "chunks with extensions": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    + chunked(b"b", extension=b";a=b"),
    "chunks with trailers": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    + chunked(b"b", trailer=b"X: y\r\n"),
    "until the end": b"HTTP/1.1 200 OK\r\n\r\nbody",
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\n\r\nbody",
    "HTTP/1.0 with a length": b"HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nbody",
    "no reason": b"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n",
    "204": b"HTTP/1.1 204 No Content\r\n\r\n",
    "304": b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n",
    "304 with a length": b"HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n",
    "after 100": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody",
    "after 103": b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody",
    "many headers": b"HTTP/1.1 200 OK\r\nA: b\r\na: c\r\nEmpty:\r\nSpaces:   d  \r\nContent-Length: 0\r\n\r\n",
    "an upgrade on offer": b"HTTP/1.1 200 OK\r\nUpgrade: h2\r\nConnection: Upgrade\r\nContent-Length: 1\r\n\r\nx",
    "latin-1": "HTTP/1.1 200 OK\r\nX: é\r\nContent-Length: 0\r\n\r\n".encode("latin-1"),
}
