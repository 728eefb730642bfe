"""The HTTP front: uvicorn's protocol with an end to its patience, and one reading of each message.

Source: SECURITY 6.3 and 6.8, RFC 9112 (6.3, 7.1, 9.3 to 9.6); attacks A262 to A267. uvicorn waits for ever for the rest
of a head or a body, and for a reader who does not read; here whoever owes something is asked each half second
(`check`), so that a request that comes whole pays for no timer. What a head may look like: `heads.py`.
"""

import asyncio
import http
from enum import Enum, auto

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from fedishare.foundation.web.heads import (
    LARGEST_HEAD,
    LONGEST_TARGET,
    MOST_HEADERS,
    TOO_LONG,
    TOO_MUCH,
    TOO_SLOW,
    UNKNOWN_METHOD,
    UNREADABLE,
    Refused,
    check_head,
)
from fedishare.foundation.web.joining import Joining

ROUND_S = 0.5
HEAD_S = 8.0
"""With a round and the slow moments of a busy machine, gone within ten seconds; the body likewise within fifteen."""
BODY_S = 13.0
SLOWEST = 16_384
"""Bytes a second that a body must come with to be waited for longer: a phone's large form, and no drip."""
IDLE_S = 75
"""Longer than proxies keep an idle connection, so that it is they who close it and no request meets a closed door."""
UNREAD_S = 30.0
LEAST_READ = 1_000
"""Bytes a second of an answer, over that time."""
LINGER_S = 2.0
"""How long a client may go on sending after the last word, so that it can read that word (RFC 9112 9.6)."""
MOST_UNHEARD = 2_000_000
PATIENT_S = 1.0
MOST_WAITING = 16
MOST_CHUNK_WORDS = 8
"""Bytes around each byte of a chunked body: somebody may send one by one, nobody needs to tell tales in between."""


class Stage(Enum):
    """What a connection waits for. In all but the last three the client owes something."""

    NEW = auto()
    IDLE = auto()
    HEAD = auto()
    BODY = auto()
    ANSWER = auto()  # ours
    DEAF = auto()  # ours, and it is the last one: what comes in is not read
    OVER = auto()  # all is said


NEW, IDLE, HEAD, BODY, ANSWER, DEAF, OVER = Stage
"""Named once: to look a member up costs more than all else that is done with it."""


class Front(HttpToolsProtocol):
    """One connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(Joining(transport, self.loop))
        self._stage = NEW
        self._since: float | None = self.loop.time()
        self._came = self._body_came = 0
        self._unread_since: float | None = None
        self._unread = 0
        if self.limit_concurrency is not None and len(self.connections) >= self.limit_concurrency:
            self._make_room()

    def data_received(self, data: bytes) -> None:
        if self._stage is OVER or self._stage is DEAF:
            self._came += len(data)
            if self._came > MOST_UNHEARD:
                self.transport.abort()
            return
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._finish()
        except httptools.HttpParserInvalidMethodError:
            self._refuse(Refused(*UNKNOWN_METHOD))
        except httptools.HttpParserError as error:
            self._refuse(error.__context__ if isinstance(error.__context__, Refused) else Refused(*UNREADABLE))
        else:
            if self._stage is HEAD or self._stage is BODY:
                self._weigh(len(data))

    def on_message_begin(self) -> None:
        if len(self.pipeline) >= MOST_WAITING:
            raise Refused(*UNREADABLE)
        super().on_message_begin()
        self._stage, self._since = HEAD, None

    def on_url(self, url: bytes) -> None:
        self.url += url
        if len(self.url) > LONGEST_TARGET:
            raise Refused(*TOO_LONG)

    def on_headers_complete(self) -> None:
        check_head(self.parser.get_method(), self.url, self.parser.get_http_version(), self.headers)
        super().on_headers_complete()
        # What comes behind a chunked body is no part of the head any more: nobody may add a Host or a Signature there.
        self.headers = []
        self._stage, self._since, self._body_came = BODY, None, 0

    def on_body(self, body: bytes) -> None:
        self._body_came += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._stage = ANSWER
        if self.cycle.response_complete:
            self._rest()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.cycle.response_complete and self._stage in (ANSWER, BODY):
            self._rest()

    def resume_writing(self) -> None:
        self._unread_since = None
        super().resume_writing()

    def check(self, now: float) -> None:
        """Whether the client still has time. `now` is the loop's."""
        self._check_unread(now)
        if self.transport.is_closing() or self._since is None:
            return
        waited = now - self._since
        if self._stage is HEAD and waited > HEAD_S:
            self._refuse(Refused(*TOO_SLOW))
        elif self._stage is BODY:
            self._check_body(waited)
        elif (self._stage is NEW and waited > HEAD_S) or (self._stage is IDLE and waited > IDLE_S):
            self.transport.close()
        elif self._stage is OVER and waited > LINGER_S:
            self.transport.abort()

    def waits_since(self) -> float | None:
        """Since when the client owes something; None while it is our turn."""
        owes = self._stage in (NEW, IDLE, HEAD, BODY)
        return self._since if owes and not self.transport.is_closing() else None

    def _check_unread(self, now: float) -> None:
        """What we have said: read a little at least, or the connection is of no use to anybody."""
        unread = self.transport.get_write_buffer_size()
        if not unread:
            self._unread_since = None
        elif self._unread_since is None:
            self._unread_since, self._unread = now, unread
        elif now - self._unread_since > UNREAD_S:
            if self._unread - unread < LEAST_READ * UNREAD_S:
                self.transport.abort()
            self._unread_since, self._unread = now, unread

    def _check_body(self, waited: float) -> None:
        if self.cycle.response_complete:
            if waited > LINGER_S:
                self.transport.close()
        elif waited > BODY_S and self._body_came < SLOWEST * waited and not self.flow.read_paused:
            self._refuse(Refused(*TOO_SLOW))

    def _weigh(self, size: int) -> None:
        """A message that is not whole yet: since when, and how much has come of what is neither target nor body."""
        if self._since is None:
            self._since, self._came = self.loop.time(), 0
            return
        self._came += size
        spare = self._came - MOST_CHUNK_WORDS * self._body_came if self._stage is BODY else self._came
        if spare > LARGEST_HEAD + LONGEST_TARGET or len(self.headers) > MOST_HEADERS:
            self._refuse(Refused(*TOO_MUCH))

    def _rest(self) -> None:
        """Answered: the next request may come, or the rest of a body that nobody wanted."""
        if self._stage is ANSWER:
            self._stage = IDLE
        self._since = self.loop.time()

    def _refuse(self, refused: Refused) -> None:
        """The last word on this connection, unless earlier requests are still to be answered: then theirs is."""
        its_own = self._stage is BODY
        if self.cycle is None or self.cycle.response_complete:
            if its_own:
                self.transport.close()
            else:
                self._say(refused)
        elif self.pipeline or (its_own and self.cycle.response_started):
            self.transport.abort()
        elif its_own:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            self._say(refused)
        else:
            self._finish()

    def _finish(self) -> None:
        """The answer under way is the last; once it is given, uvicorn closes."""
        self._stage, self._came = DEAF, 0
        self.cycle.keep_alive = False
        if self.cycle.response_complete:
            self.transport.close()

    def _say(self, refused: Refused) -> None:
        words = refused.why.encode()
        head = [
            b"HTTP/1.1 %d %s" % (refused.status, http.HTTPStatus(refused.status).phrase.encode()),
            *(name + b": " + value for name, value in self.server_state.default_headers),
            b"content-type: text/plain; charset=utf-8",
            b"x-content-type-options: nosniff",
            b"cache-control: no-store",
            b"connection: close",
            b"content-length: %d" % len(words),
        ]
        self.transport.write(b"\r\n".join(head) + b"\r\n\r\n" + words)
        self.transport.write_eof()
        self._stage, self._since, self._came = OVER, self.loop.time(), 0

    def _make_room(self) -> None:
        """Whoever has kept us waiting longest goes; when nobody has, the newcomer."""
        waiting = [
            (since, each) for each in self.connections if isinstance(each, Front) and (since := each.waits_since())
        ]
        since, longest = min(waiting, key=lambda pair: pair[0])
        gone = longest if self.loop.time() - since > PATIENT_S else self
        self.connections.discard(gone)
        gone.transport.abort()


def look_round(state: ServerState, now: float) -> None:
    """To be called each `ROUND_S` seconds."""
    for connection in list(state.connections):
        if isinstance(connection, Front):
            connection.check(now)
