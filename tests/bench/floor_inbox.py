"""Floor for the inbox: verify a draft-cavage signature, append one row durably, answer 202. Nothing else.

SIGTERM ends it and prints one JSON line. `--list` prints the ids of all stored activities and exits.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import signal
import sqlite3
import ssl
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import http1
import measured
import programs
import signing
from cryptography.hazmat.primitives.asymmetric import rsa
from group_commit import GroupCommit, open_for_writing

SCHEMA = """
CREATE TABLE IF NOT EXISTS inbox (
  id INTEGER PRIMARY KEY, received REAL NOT NULL, key_id BLOB NOT NULL, body BLOB NOT NULL{digest})
"""


class Inbox:
    """The job itself, independent of the HTTP server in front of it."""

    def __init__(self, path: Path, *, unique: bool, linger: float, tls: ssl.SSLContext | None, unsafe: bool) -> None:
        self.keys: dict[bytes, rsa.RSAPublicKey] = {}
        self.fetching: dict[bytes, asyncio.Task[rsa.RSAPublicKey]] = {}
        self.tls, self.unique, self.unsafe = tls, unique, unsafe
        self.answer_after = 0.0  # seconds between commit and answer: more kills fall in between
        self.accepted = self.refused = 0
        db = open_for_writing(path)
        db.execute(SCHEMA.format(digest=", digest BLOB NOT NULL UNIQUE" if unique else ""))
        db.close()
        statement = "INSERT INTO inbox (received, key_id, body) VALUES (?, ?, ?)"
        if unique:
            statement = "INSERT OR IGNORE INTO inbox (received, key_id, body, digest) VALUES (?, ?, ?, ?)"
        self.writer = GroupCommit(path, statement, linger=linger)

    async def accept(self, request: http1.Request) -> int:
        """The status to answer, once the row is on disk."""
        try:
            try:
                key_id = signing.verify_post(request, self.keys)
            except signing.UnknownKey as unknown:
                await self._learn(unknown.args[0])
                key_id = signing.verify_post(request, self.keys)
        except (signing.Refused, signing.UnknownKey, OSError):
            self.refused += 1
            return 401
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.store(key_id, request.body, partial(wake, stored))
        if not self.unsafe:
            await stored
            await asyncio.sleep(self.answer_after)
        return 202

    def store(self, key_id: bytes, body: bytes, done: Callable[[], None]) -> None:
        row: tuple[object, ...] = (time.time(), key_id, body)
        if self.unique:
            row += (hashlib.sha256(body).digest(),)
        self.accepted += 1
        self.writer.append(row, done)

    async def _learn(self, key_id: bytes) -> None:
        """Fetch a key once, however many requests wait for it."""
        task = self.fetching.get(key_id)
        if task is None:
            task = self.fetching[key_id] = asyncio.create_task(signing.fetch_key(key_id, self.tls))
            task.add_done_callback(lambda _: self.fetching.pop(key_id, None))
        self.keys[key_id] = await task


class RawConnection(http1.HttpServer):
    """Hot path without a task per request: known key, callback from the writer."""

    def __init__(self, inbox: Inbox) -> None:
        super().__init__(self.receive)
        self.inbox = inbox

    def receive(self, request: http1.Request) -> http1.Reply:
        if request.method != b"POST":
            return http1.response(200, b"ready")
        if self.inbox.unsafe or self.inbox.answer_after:
            return self._slow(request)
        try:
            key_id = signing.verify_post(request, self.inbox.keys)
        except signing.UnknownKey:
            return self._slow(request)
        except signing.Refused:
            self.inbox.refused += 1
            return http1.response(401)
        self.inbox.store(key_id, request.body, lambda: self.write(ACCEPTED))
        return None

    async def _slow(self, request: http1.Request) -> bytes:
        return http1.response(await self.inbox.accept(request))


ACCEPTED = http1.response(202)


def wake(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)


def asgi(inbox: Inbox) -> Callable[..., Awaitable[None]]:
    """The same job behind uvicorn."""

    async def app(scope: dict[str, Any], receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        if scope["type"] != "http":
            return
        status = 200
        if scope["method"] == "POST":
            body = b""
            more = True
            while more:
                message = await receive()
                body += message.get("body", b"")
                more = message.get("more_body", False)
            request = http1.Request(b"POST", scope["raw_path"], dict(scope["headers"]), body)
            status = await inbox.accept(request)
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body"})

    return app


async def serve(options: argparse.Namespace) -> None:
    tls = ssl.create_default_context(cafile=options.ca) if options.ca else None
    inbox = Inbox(
        options.database, unique=options.unique, linger=options.linger / 1000, tls=tls, unsafe=options.unsafe_ack
    )
    inbox.answer_after = options.answer_after / 1000
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    begin = time.perf_counter()
    if options.server == "raw":
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, ended.set)
        server = await loop.create_server(lambda: RawConnection(inbox), options.host, options.port)
        await ended.wait()
        server.close()
    else:
        import uvicorn

        config = uvicorn.Config(
            asgi(inbox), host=options.host, port=options.port, log_level="warning", access_log=False, lifespan="off"
        )
        await programs.serve_asgi(config)
    inbox.writer.close()
    wall = time.perf_counter() - begin
    cpu, peak = measured.own_usage()
    measured.emit(
        job="inbox",
        server=options.server,
        figure=inbox.accepted / cpu,
        unit="accepted per core-second, start and warm-up included",
        accepted=inbox.accepted,
        refused=inbox.refused,
        commits=inbox.writer.commits,
        rows_per_commit=inbox.writer.rows / max(1, inbox.writer.commits),
        cpu_s=cpu,
        wall_s=wall,
        max_rss_mb=peak,
    )


def list_ids(path: Path) -> None:
    with sqlite3.connect(path) as db:
        for (body,) in db.execute("SELECT body FROM inbox ORDER BY id"):
            print(json.loads(body)["id"])


def main() -> None:
    arguments = programs.parser(__doc__)
    arguments.add_argument("--database", type=Path, required=True, help="SQLite file")
    arguments.add_argument("--host", default="127.0.0.1", help="address to listen on")
    arguments.add_argument("--port", type=int, default=18000, help="port to listen on")
    arguments.add_argument("--server", choices=("raw", "uvicorn"), default="raw", help="what parses HTTP")
    arguments.add_argument("--uvloop", action="store_true", help="use uvloop (raw and uvicorn alike)")
    arguments.add_argument("--linger", type=float, default=2.0, help="ms the writer waits for company")
    arguments.add_argument("--unique", action="store_true", help="store one body once (unique SHA-256)")
    arguments.add_argument("--unsafe-ack", action="store_true", help="answer before the commit: must fail kill_loop")
    arguments.add_argument("--answer-after", type=float, default=0.0, help="ms between commit and answer")
    arguments.add_argument("--ca", help="CA file for https actors")
    arguments.add_argument("--list", action="store_true", help="print all stored activity ids and exit")
    options = arguments.parse_args()
    if options.list:
        list_ids(options.database)
    elif options.uvloop:
        import uvloop

        uvloop.run(serve(options))
    else:
        asyncio.run(serve(options))


if __name__ == "__main__":
    main()
