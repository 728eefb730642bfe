"""HTTP by hand: bytes to a server's socket and all bytes that come back, as no honest client would send them."""

import re
import socket
import time
from contextlib import suppress

from msgspec import Struct

from tests.servers import Server

HOST = b"fedi.test"


class Reply(Struct, frozen=True, kw_only=True):
    """The first answer on a connection, and whatever came after it."""

    status: int
    headers: dict[str, str]
    body: bytes
    answers: int
    closed: bool
    seconds: float


class Door:
    """Where a server listens."""

    def __init__(self, server: Server) -> None:
        self.server = server
        name, _colon, port = server.listen.rpartition(":")
        self.address = (name, int(port))

    def connect(self) -> socket.socket:
        return socket.create_connection(self.address, timeout=20)

    def send(self, data: bytes, *, seconds: float = 3.0) -> Reply:
        """Send all of it, then listen until the end of the connection, at most for so long."""
        with self.connect() as line:
            # It may have heard enough before the end; what it said is still to be read.
            with suppress(BrokenPipeError, ConnectionResetError):
                line.sendall(data)
            return listen(line, seconds=seconds)

    def ask(self, method: str, path: str, *, headers: bytes = b"", host: bytes | None = HOST) -> Reply:
        """One request of the ordinary kind, which asks for the connection to be closed."""
        named = b"" if host is None else b"Host: %s\r\n" % host
        line = f"{method} {path} HTTP/1.1\r\n".encode("latin-1")
        return self.send(line + named + headers + b"Connection: close\r\n\r\n")


def listen(line: socket.socket, *, seconds: float) -> Reply:
    """What comes until the other side closes or the time is over."""
    begin = time.monotonic()
    came, closed = b"", False
    while (left := begin + seconds - time.monotonic()) > 0:
        line.settimeout(left)
        try:
            part = line.recv(65_536)
        except TimeoutError:
            break
        except ConnectionResetError:
            part = b""
        if not part:
            closed = True
            break
        came += part
    return read(came, closed=closed, seconds=time.monotonic() - begin)


def read(came: bytes, *, closed: bool, seconds: float) -> Reply:
    """Status 0 when nothing was said."""
    head, _blank, body = came.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines[1:])
    return Reply(
        status=int(lines[0].split(" ")[1]) if came else 0,
        headers={name.lower(): value.strip() for name, _colon, value in pairs},
        body=body,
        answers=len(re.findall(rb"HTTP/1\.1 \d\d\d ", came)),
        closed=closed,
        seconds=seconds,
    )
