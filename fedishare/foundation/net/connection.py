"""One connection to another server: a request goes out, an answer comes back, and perhaps another one.

HTTP/1.1 alone, parsed by httptools. Everything that arrives is counted: bytes of the head, bytes of the body, bytes
of framing around it. What does not fit ends the connection. Whether the connection may serve again is decided strictly:
a server that says more than one answer, or whose answer's end is unclear, is not asked a second time on it.
Time is the caller's: each exchange runs under a deadline set above (`transport`).
"""

import asyncio
from collections.abc import Sequence
from typing import cast

import httptools
from msgspec import Struct

from fedishare.foundation.net import limits
from fedishare.foundation.values.errors import Malformed, RemoteTrouble, Unreachable

HeaderPairs = Sequence[tuple[bytes, bytes]]
_NO_BODY = frozenset({204, 304})


class Reply(Struct, frozen=True, kw_only=True):
    """An answer as it came: header names in lower case, the body still packed."""

    status: int
    headers: HeaderPairs
    body: bytes

    def header(self, name: bytes) -> str:
        """All values of one header, joined by commas; empty when there is none."""
        return b", ".join([value for given, value in self.headers if given == name]).decode("latin-1")


class ClosedEarly(Unreachable):
    """The connection ended before the first byte of an answer: on a kept one, the request was most likely not read."""


class Connection(asyncio.Protocol):
    """A kept connection is `idle` between exchanges; `usable` says whether another may begin."""

    def __init__(self) -> None:
        self._wire: asyncio.Transport | None = None
        self._exchange: Exchange | None = None
        self.idle_since = 0.0

    @property
    def usable(self) -> bool:
        return self._wire is not None and not self._wire.is_closing()

    async def exchange(self, request: bytes, *, cap: int, head_only: bool = False, cut: bool = False) -> Reply:
        """Send a whole request and wait for the whole answer; one at a time. A body beyond `cap` is refused, or `cut`.

        Raises ClosedEarly, Unreachable, Malformed; the connection is then closed, as when the caller gives up waiting.
        """
        wire = self._wire
        if wire is None or wire.is_closing():
            raise ClosedEarly("the connection was closed")
        self._exchange = exchange = Exchange(cap, head_only=head_only, cut=cut)
        kept = False
        try:
            wire.write(request)
            reply = await exchange.reply
            kept = exchange.keeps_open
        finally:
            self._exchange = None
            if not kept:
                wire.abort()
        return reply

    def close(self) -> None:
        if self._wire is not None:
            self._wire.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._wire = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        # Nobody asked: an answer in advance could be taken for that of the next request.
        if self._exchange is None or self._exchange.reply.done():
            self.close()
        else:
            self._exchange.feed(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._wire = None
        if self._exchange is not None:
            self._exchange.ended(exc)


class Exchange:
    """Reads one answer. `reply` is its future; after it, `keeps_open` says whether the connection is clean.

    With `cut`, who sends too much has answered all the same: what is beyond the cap is not read, nor is what follows.
    """

    def __init__(self, cap: int, *, head_only: bool, cut: bool) -> None:
        self.reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self.keeps_open = False
        self._parser = httptools.HttpResponseParser(self)
        self._cap = cap
        self._head_only = head_only
        self._cut = cut
        self._headers: list[tuple[bytes, bytes]] = []
        self._chunks: list[bytes] = []
        self._received = 0
        self._head_bytes = 0
        self._body_bytes = 0
        self._head_complete = False
        self._until_closed = False

    def feed(self, data: bytes) -> None:
        """Take what arrived; trouble goes to whoever waits for the reply."""
        self._received += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            cause = error.__context__
            self._fail(cause if isinstance(cause, RemoteTrouble) else Malformed(f"not an HTTP answer: {error}"))
            return
        # A head that does not end, or chunks that are all framing and no body.
        allowed = limits.HEAD_BYTES + (self._cap * limits.FRAMING if self._head_complete else 0)
        if self._received > allowed and not self.reply.done():
            self._overflow(Malformed(f"an answer of more than {allowed} bytes"))

    def ended(self, exc: Exception | None) -> None:
        """The connection is gone: the end of an answer that has no other end, or trouble."""
        if self.reply.done():
            return
        if self._until_closed and exc is None:
            self._complete()
        elif not self._received:
            self._fail(ClosedEarly(f"closed without an answer{f': {exc}' if exc else ''}"))
        else:
            self._fail(Unreachable(f"closed in the middle of an answer{f': {exc}' if exc else ''}"))

    def _fail(self, error: RemoteTrouble) -> None:
        self.keeps_open = False
        if not self.reply.done():
            self.reply.set_exception(error)

    def _overflow(self, error: Malformed) -> None:
        if self._cut and self._head_complete:
            self._complete()
        else:
            self._fail(error)

    def _complete(self) -> None:
        status, body = self._parser.get_status_code(), b"".join(self._chunks)
        self.reply.set_result(Reply(status=status, headers=self._headers, body=body))

    # What httptools calls, in this order. What is raised here comes out of `feed_data` as the context of its own error.

    def on_message_begin(self) -> None:
        if self.reply.done():
            self.keeps_open = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._head_complete:
            return  # a trailer: nothing that we need comes so late
        self._head_bytes += len(name) + len(value)
        if len(self._headers) >= limits.HEADERS or self._head_bytes > limits.HEAD_BYTES:
            raise Malformed("an answer with too many headers")
        self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        if self.reply.done():
            return
        status = self._parser.get_status_code()
        lengths = [int(value) for name, value in self._headers if name == b"content-length"]
        codings = [value.strip().lower() for name, value in self._headers if name == b"transfer-encoding"]
        if status < 200:
            if status == 101 or lengths or codings:
                raise Malformed(f"an answer {status} that makes no sense")
            return
        self._head_complete = True
        if codings not in ([], [b"chunked"]):
            raise Malformed("a transfer encoding that nobody asked for")
        if self._head_only or (status in _NO_BODY and (any(lengths) or codings)):
            self._complete()  # the body that it tells of does not come, and the parser would wait for it
        elif any(length > self._cap for length in lengths) and not self._cut:
            raise Malformed(f"an answer of {lengths[0]} bytes")
        else:
            self._until_closed = not lengths and not codings and status not in _NO_BODY

    def on_body(self, body: bytes) -> None:
        if self.reply.done():
            return
        self._chunks.append(body[: self._cap - self._body_bytes])
        self._body_bytes += len(body)
        if self._body_bytes > self._cap:
            self._overflow(Malformed(f"an answer of more than {self._cap} bytes"))

    def on_message_complete(self) -> None:
        if not self._head_complete:
            self._headers = []  # 100, 103: the answer itself is still to come
        elif not self.reply.done():
            self.keeps_open = self._parser.should_keep_alive()
            self._complete()
