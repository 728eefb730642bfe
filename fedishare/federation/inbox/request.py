"""The request at the inbox's door, read from ASGI itself: cheap checks first, then the body under a cap and a deadline.

Source: INTEROP B.5 (1 and 2), SECURITY 6.8; attacks A013, A049, A265. No Request object is made: it would cost more
than the rest of the door. Who signed is not asked here.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

from msgspec import Struct

from fedishare.federation.signatures.incoming import Request
from fedishare.federation.vocabulary import limits

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

BODY_DEADLINE_S = 10
_JSON = frozenset({b"application/activity+json", b"application/ld+json", b"application/json"})


class Turned(Exception):
    """The request goes no further, with this answer. Answers of 2xx mean: nothing needs to be done."""

    def __init__(
        self,
        status: int,
        why: str = "",
        *,
        retry_after_s: int | None = None,
        headers: Sequence[tuple[bytes, bytes]] = (),
    ) -> None:
        super().__init__(why)
        self.status = status
        self.why = why
        self.retry_after_s = retry_after_s
        self.headers = headers


class Knock(Struct, frozen=True, kw_only=True):
    """A POST to an inbox, with its body as it came. `target` is the raw path and query of the request line."""

    target: bytes
    headers: Headers
    body: bytes

    def request(self, base_url: str) -> Request:
        """What its signature is over."""
        return Request(method="POST", target=self.target, headers=self.headers, body=self.body, base_url=base_url)


async def read_knock(scope: Scope, receive: Receive, *, host: str) -> Knock:
    """Raises Turned for what is not JSON meant for `host`, or is too much, or comes too slowly."""
    headers: Headers = scope["headers"]
    if scope["method"] != "POST":
        raise Turned(405, "An inbox takes POST alone.")
    _check(headers, host)
    try:
        async with asyncio.timeout(BODY_DEADLINE_S):
            body = await _body(receive)
    except TimeoutError:
        raise Turned(408, "The body came too slowly.") from None
    query: bytes = scope["query_string"]
    path: bytes = scope["raw_path"]
    return Knock(target=path + b"?" + query if query else path, headers=headers, body=body)


def _check(headers: Headers, host: str) -> None:
    hosts, kind, length = [], b"", b"0"
    for name, value in headers:
        if name == b"host":
            hosts.append(value)
        elif name == b"content-type":
            kind = value
        elif name == b"content-length":
            length = value
        elif name == b"content-encoding" and value.strip().lower() not in (b"", b"identity"):
            raise Turned(415, "A compressed body is not read.")
    # A request signed for another server must not be replayed here, and its signature is not worth checking.
    if len(hosts) != 1 or _without_default_port(hosts[0].decode("latin-1").lower()) != _without_default_port(host):
        raise Turned(401, "This request was made for another host.")
    if kind.partition(b";")[0].strip().lower() not in _JSON:
        raise Turned(415, "Send application/activity+json.")
    if not (length.isascii() and length.isdigit()) or int(length[:12]) > limits.BODY:
        raise Turned(413, f"At most {limits.BODY} bytes.")


def _without_default_port(host: str) -> str:
    return host.removesuffix(":443").removesuffix(":80")


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Turned(400, "The connection ended within the body.")
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > limits.BODY:
            raise Turned(413, f"At most {limits.BODY} bytes.")
        parts.append(part)
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)
