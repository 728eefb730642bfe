"""What was answered to nobody in particular, and holds as long as nothing was written: 304, or the same bytes again.

A page of the list costs some hundred times what it costs to see that the database has not changed since. The version of
the database (`Database.version`) is part of the tag, so every commit, of any process, ends all that is kept here: there
is nothing to invalidate, and nothing that a second process must be told. Time is part of it too, by the minute, because
pages say "today" and listings end.

Sources: RFC 9110 8.8.3 and 13.1.2 (ETag, If-None-Match); RFC 9111 4 (what may be kept).
"""

import hashlib
from collections import OrderedDict
from typing import Any

from msgspec import Struct
from starlette.types import Message, Scope, Send

from fedishare.foundation.values.chance import new_reference
from fedishare.foundation.values.clock import MINUTE, Instant

MOST_BYTES = 8_000_000
MOST_SAID = 4_000
LARGEST = 128_000
_KINDS = (b"text/html", b"application/activity+json", b"application/atom+xml")
_ABOUT = frozenset({b"host", b"accept", b"accept-language"})
_SOMEBODY = frozenset({b"cookie", b"authorization", b"signature", b"signature-input", b"range"})
"""With one of these a request is somebody's, or for a part: it is answered as if nothing were kept."""
_OF_CACHING = frozenset({b"cache-control", b"vary"})
ELSEWHERE = ("/static/", "/health/")

Headers = list[tuple[bytes, bytes]]
Answer = tuple[int, Headers, bytes]
Key = tuple[Any, ...]


class Asked(Struct, frozen=True):
    """A request of nobody in particular: all that its answer may depend on, the tag of that answer as of now, and
    whether whoever asks has it."""

    key: Key
    tag: bytes
    has_it: bool


class Kept:
    """Answers of one process, the least asked for forgotten first. What is said of caching is remembered for longer:
    it is small, and all that a 304 needs."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Key, tuple[bytes, Headers, bytes]] = OrderedDict()
        self._bytes = 0
        self._said: OrderedDict[Key, Headers] = OrderedDict()
        # Tags of another run, or another release, are never ours: versions begin anew with a process.
        self._run = new_reference()

    def asked(self, key: Key, given: bytes, *, version: str, now: Instant) -> Asked:
        """`given` is the If-None-Match of the request, b"" for none."""
        text = repr((self._run, version, now // MINUTE, key)).encode()
        tag = b'W/"%s"' % hashlib.blake2b(text, digest_size=12).hexdigest().encode()
        return Asked(key, tag, given != b"" and tag in given)

    def found(self, asked: Asked) -> Answer | None:
        """The answer that still holds: 304 for who has it, the same bytes again for who has not; None to make it."""
        if asked.has_it and (said := self._said.get(asked.key)):
            return 304, [*said, (b"etag", asked.tag)], b""
        kept = self._answers.get(asked.key)
        if kept is None or kept[0] != asked.tag:
            return None
        self._answers.move_to_end(asked.key)
        return 200, kept[1], kept[2]

    def keep(self, asked: Asked, headers: Headers, body: bytes) -> None:
        former = self._answers.pop(asked.key, None)
        self._bytes += len(body) - (len(former[2]) if former else 0)
        self._answers[asked.key] = (asked.tag, headers, body)
        self._said[asked.key] = [header for header in headers if header[0] in _OF_CACHING]
        while self._bytes > MOST_BYTES:
            _, (_, _, forgotten) = self._answers.popitem(last=False)
            self._bytes -= len(forgotten)
        if len(self._said) > MOST_SAID:
            self._said.popitem(last=False)


def of_nobody(scope: Scope) -> tuple[Key, bytes] | None:
    """What the answer may depend on, and the If-None-Match; None when the request is somebody's, or changes things."""
    if scope["method"] not in ("GET", "HEAD") or scope["path"].startswith(ELSEWHERE):
        return None
    about, given = [], b""
    for name, value in scope["headers"]:
        if name in _ABOUT:
            about.append((name, value))
        elif name in _SOMEBODY:
            return None
        elif name == b"if-none-match":
            given = value
    return (scope["path"], scope["query_string"], tuple(about)), given


def keeping(send: Send, kept: Kept, asked: Asked) -> Send:
    """`send`, which tags the answer and keeps it when it is one that may be kept."""
    start: Message = {}
    tagged = False

    async def kept_too(message: Message) -> None:
        nonlocal start, tagged
        if message["type"] == "http.response.start":
            start = message
            tagged = message["status"] == 200 and _may_be_kept(message["headers"])
            if tagged:
                message["headers"] = [*message["headers"], (b"etag", asked.tag)]
        elif tagged and not message.get("more_body", False):
            tagged = False
            body: bytes = message.get("body", b"")
            if _whole(start["headers"], body):
                kept.keep(asked, start["headers"], body)
        await send(message)

    return kept_too


async def send_found(send: Send, answer: Answer) -> None:
    status, headers, body = answer
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _may_be_kept(headers: Headers) -> bool:
    """Of a kind that is a function of the database alone, and not made for one reader."""
    kind = b""
    for name, value in headers:
        if name in (b"set-cookie", b"etag") or (name == b"cache-control" and b"no-store" in value):
            return False
        if name == b"content-type":
            kind = value
    return kind.startswith(_KINDS)


def _whole(headers: Headers, body: bytes) -> bool:
    """Whether this one message was all of it."""
    length = next((value for name, value in headers if name == b"content-length"), b"")
    return length == b"%d" % len(body) and len(body) <= LARGEST
