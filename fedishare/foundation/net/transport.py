"""The one way out: every request to another server goes through here, whatever made it (SECURITY 0.8).

Below httpx, so that what speaks httpx is guarded too; `Net` (client.py) calls `exchange` directly where each
microsecond counts. Guards addresses, ports, names and sizes. Redirects and the deadline over the whole are `Net`'s.
"""

import re
from collections.abc import Callable, Iterable

import httpx

from fedishare.foundation.net.connection import Reply
from fedishare.foundation.net.decoding import decoded
from fedishare.foundation.net.dialling import Connector, dial
from fedishare.foundation.net.limits import DOCUMENT_BYTES
from fedishare.foundation.net.pool import Pool
from fedishare.foundation.net.resolving import Guard
from fedishare.foundation.net.urls import Location, read_url

_NAME = re.compile(r"[A-Za-z0-9-]+")
_VALUE = re.compile(r"[\x20-\x7e]*")
_GIVEN_HERE = frozenset({"host", "content-length", "connection", "transfer-encoding"})
_ABOUT_THE_WIRE = frozenset({b"content-encoding", b"content-length", b"transfer-encoding", b"connection"})


class GuardedTransport(httpx.AsyncBaseTransport):
    """Sends over connections that the guard has allowed."""

    def __init__(self, guard: Guard, connector: Connector) -> None:
        self._pool = Pool(lambda location: dial(location, guard, connector))

    async def exchange(
        self,
        method: str,
        location: Location,
        headers: Callable[[], Iterable[tuple[str, str]]],
        body: bytes | None,
        *,
        cap: int,
        cut: bool = False,
    ) -> Reply:
        """One request, one answer, its body still packed. `headers` are asked for when a connection stands.

        `cap` bounds the body on the wire: see `Connection.exchange`.
        Raises Untrusted, Unreachable, Malformed; ValueError for a header that would not stay one line.
        """

        def written() -> bytes:
            return _written(method, location, headers(), body)

        return await self._pool.exchange(location, written, cap=cap, head_only=method == "HEAD", cut=cut)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """What httpx calls. The extension `cap` bounds the body, both packed and unpacked."""
        cap: int = request.extensions.get("cap", DOCUMENT_BYTES)
        headers = [(name.decode("ascii"), value.decode("latin-1")) for name, value in request.headers.raw]
        body = await request.aread()
        reply = await self.exchange(request.method, read_url(str(request.url)), lambda: headers, body or None, cap=cap)
        plain = decoded(reply.body, reply.header(b"content-encoding"), cap=cap) if reply.body else b""
        kept = [pair for pair in reply.headers if pair[0] not in _ABOUT_THE_WIRE]
        return httpx.Response(reply.status, headers=kept, stream=httpx.ByteStream(plain), request=request)

    async def aclose(self) -> None:
        self._pool.close()


def _written(method: str, location: Location, headers: Iterable[tuple[str, str]], body: bytes | None) -> bytes:
    """The whole request. Where it goes and how long it is are said here, never by the caller's headers."""
    lines = [f"{method} {location.target} HTTP/1.1", f"Host: {location.authority}"]
    for name, value in headers:
        if name.lower() in _GIVEN_HERE:
            continue
        if not (_NAME.fullmatch(name) and _VALUE.fullmatch(value)):
            raise ValueError(f"header {name!r} cannot be sent")
        lines.append(f"{name}: {value}")
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("ascii") + (body or b"")
