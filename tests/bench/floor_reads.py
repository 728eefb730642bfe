"""Floor for reads: a bare ASGI app that answers prepared documents, from memory or after one indexed query.

/page    20 KB of HTML from memory
/actor   3 KB of JSON from memory
/list    20 rows by index from SQLite, joined to 20 KB of HTML
/signed  the same, after the row of a session was read
SIGTERM ends it and prints one JSON line.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import http1
import measured
import programs
import uvicorn

HTML = b"text/html; charset=utf-8"
CARD = (
    '<article class="card"><h2><a href="/proposals/{id}">{title}</a></h2><p>{summary}</p>'
    '<p><a href="/towns/{town}">{town}</a> · {km} km</p></article>\n'
)
SUMMARY = "Prêt gratuit entre voisins, à venir chercher sur place, avec les accessoires et le manuel. " * 8
NEWEST = "SELECT id, title, summary, town, km FROM proposal WHERE id < 9000 ORDER BY id DESC LIMIT 20"
WHOSE = "SELECT person FROM session WHERE token = ?"
TOKEN = b"t" * 32
Headers = list[tuple[bytes, bytes]]


def make_database(path: Path, rows: int) -> None:
    """A table of proposals with one covering order, newest first; and a session."""
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE session (token BLOB PRIMARY KEY, person INTEGER) WITHOUT ROWID")
        db.execute("INSERT INTO session VALUES (?, 1)", (TOKEN,))
        db.execute("CREATE TABLE proposal (id INTEGER PRIMARY KEY, title TEXT, summary TEXT, town TEXT, km INTEGER)")
        made = ((n, f"Vélo cargo numéro {n}", SUMMARY, "Lille", n % 20) for n in range(rows))
        db.executemany("INSERT INTO proposal VALUES (?, ?, ?, ?, ?)", made)


def page(cards: str) -> bytes:
    head = '<!doctype html><html lang="fr"><head><title>Annonces</title></head><body><main>'
    return f"{head}{cards}</main></body></html>".encode()


def headers(body: bytes, content_type: bytes) -> Headers:
    return [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]


def asgi(database: Path) -> Callable[..., Awaitable[None]]:
    db = sqlite3.connect(f"file:{database}?mode=ro", uri=True, isolation_level=None)
    fixed = page("".join(CARD.format(id=n, title="Vélo", summary=SUMMARY, town="Lille", km=3) for n in range(20)))
    actor = json.dumps({"id": "https://share.example/users/asso", "type": "Organization", "summary": "x" * 2930})
    memory = {
        "/page": (headers(fixed, HTML), fixed),
        "/actor": (headers(actor.encode(), http1.ACTIVITY_JSON), actor.encode()),
    }

    def listing() -> bytes:
        rows = db.execute(NEWEST)
        return page("".join([CARD.format(id=i, title=t, summary=s, town=w, km=k) for i, t, s, w, k in rows]))

    async def app(scope: dict[str, Any], receive: object, send: Callable[..., Awaitable[None]]) -> None:
        path = scope["path"]
        if path in ("/list", "/signed"):
            if path == "/signed":
                db.execute(WHOSE, (TOKEN,)).fetchone()
            body = listing()
            found: tuple[Headers, bytes] = headers(body, HTML), body
        else:
            found = memory.get(path, ([(b"content-length", b"0")], b""))
        await send({"type": "http.response.start", "status": 200, "headers": found[0]})
        await send({"type": "http.response.body", "body": found[1]})

    return app


def main() -> None:
    arguments = programs.parser(__doc__)
    arguments.add_argument("--database", type=Path, required=True, help="SQLite file; made anew")
    arguments.add_argument("--rows", type=int, default=10000, help="rows in the table")
    arguments.add_argument("--host", default="127.0.0.1", help="address to listen on")
    arguments.add_argument("--port", type=int, default=18001, help="port to listen on")
    options: argparse.Namespace = arguments.parse_args()
    make_database(options.database, options.rows)
    begin = time.perf_counter()
    config = uvicorn.Config(
        asgi(options.database),
        host=options.host,
        port=options.port,
        http="httptools",
        loop="asyncio",
        log_level="warning",
        access_log=False,
        lifespan="off",
    )
    asyncio.run(programs.serve_asgi(config))
    cpu, peak = measured.own_usage()
    wall = time.perf_counter() - begin
    measured.emit(job="reads", figure=cpu, unit="cpu seconds", cpu_s=cpu, wall_s=wall, max_rss_mb=peak)


if __name__ == "__main__":
    main()
