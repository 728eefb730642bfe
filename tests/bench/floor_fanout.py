"""Floor for delivery: sign one activity for each inbox and POST it over keep-alive connections. Nothing else."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import ssl
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import http1
import keys
import measured
import programs
import signing
from cryptography.hazmat.primitives.asymmetric import rsa
from origin import CONTEXT, Origins

Sign = Callable[[str, str], Awaitable[bytes]]


def activity(actor: str) -> bytes:
    """A Create of about 2 KiB."""
    url = f"{actor}/notes/{time.time_ns()}"
    public = "https://www.w3.org/ns/activitystreams#Public"
    note = {"id": url, "type": "Note", "attributedTo": actor, "to": [public], "cc": [f"{actor}/followers"]}
    note["content"] = "<p>" + "Prête : vélo cargo, deux enfants, casques fournis, à Lille-Fives. " * 22 + "</p>"
    made = {"@context": CONTEXT, "id": f"{url}/activity", "type": "Create", "actor": actor, "object": note}
    return json.dumps(made | {"to": [public], "cc": [f"{actor}/followers"]}, ensure_ascii=False).encode()


_worker_key: rsa.RSAPrivateKey | None = None


def _load_worker_key(pem: bytes) -> None:
    global _worker_key
    _worker_key = keys.load_private_key(pem)


def _sign_in_worker(key_id: str, host: str, path: str, body: bytes) -> bytes:
    assert _worker_key
    return signing.signed_post(_worker_key, key_id, host, path, body)


def signer(mode: str, key: rsa.RSAPrivateKey, key_id: str, body: bytes) -> tuple[Sign, Executor | None]:
    """How requests are signed: in the event loop, in threads, or in worker processes."""

    async def inline(host: str, path: str) -> bytes:
        return signing.signed_post(key, key_id, host, path, body)

    if mode == "inline":
        return inline, None
    pool: Executor
    if mode == "threads":
        _load_worker_key(keys.private_pem(key))
        pool = ThreadPoolExecutor(os.cpu_count())
    else:
        pool = ProcessPoolExecutor(os.cpu_count(), initializer=_load_worker_key, initargs=(keys.private_pem(key),))

    async def pooled(host: str, path: str) -> bytes:
        return await asyncio.get_running_loop().run_in_executor(pool, _sign_in_worker, key_id, host, path, body)

    return pooled, pool


class Fanout:
    def __init__(self, sign: Sign, tls: ssl.SSLContext | None, keep_alive: bool) -> None:
        self.sign, self.tls, self.keep_alive = sign, tls, keep_alive
        self.statuses: Counter[int | str] = Counter()
        self.latencies: list[float] = []
        self.connections = 0

    async def deliver_host(self, inboxes: deque[str], slots: asyncio.Semaphore) -> None:
        """All deliveries of one host, in order, on one connection."""
        async with slots:
            client = None
            while inboxes:
                url = inboxes.popleft()
                parts = urlsplit(url)
                raw = await self.sign(parts.netloc, parts.path)
                begin = time.perf_counter()
                try:
                    if client is None or not client.usable:
                        client = await asyncio.wait_for(http1.connect(url, self.tls), 5)
                        self.connections += 1
                    status, _ = await asyncio.wait_for(client.send(raw), 10)
                    self.statuses[status] += 1
                    self.latencies.append(time.perf_counter() - begin)
                except (OSError, TimeoutError) as error:
                    self.statuses[type(error).__name__] += 1
                    client = None
                if client and not self.keep_alive:
                    client.close()
            if client:
                client.close()


async def run(options: argparse.Namespace) -> None:
    tls = keys.client_tls(options.tls_folder) if options.tls_folder else None
    home = Origins(1, 1, address="127.0.3.{n}", port=options.port)
    await home.start()
    actor, key = home.actors[0], home.keys[0]
    targets = options.targets.read_text().split()
    sign, pool = signer(options.sign, key, actor.key_id, activity(actor.url))
    if pool:
        await asyncio.gather(*(sign("warm.example", "/inbox") for _ in range(8)))
    fanout = Fanout(sign, tls, not options.no_keep_alive)
    before = measured.own_usage()[0]
    begin = time.perf_counter()
    for _ in range(options.repeat):
        hosts: dict[str, deque[str]] = {}
        for url in targets:
            hosts.setdefault(urlsplit(url).netloc, deque()).append(url)
        slots = asyncio.Semaphore(options.connections)
        await asyncio.gather(*(fanout.deliver_host(inboxes, slots) for inboxes in hosts.values()))
    wall = time.perf_counter() - begin
    cpu, peak = measured.own_usage()
    cpu -= before
    if pool:
        pool.shutdown()
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu += children.ru_utime + children.ru_stime
    done = sum(number for status, number in fanout.statuses.items() if isinstance(status, int) and status < 300)
    measured.emit(
        job="fanout",
        figure=done / cpu,
        unit="deliveries per core-second",
        delivered=done,
        statuses={str(status): number for status, number in fanout.statuses.items()},
        connections=fanout.connections,
        deliveries_per_second=done / wall,
        **measured.percentiles(fanout.latencies),
        cpu_s=cpu,
        wall_s=wall,
        max_rss_mb=peak,
    )
    home.close()


def main() -> None:
    arguments = programs.parser(__doc__)
    arguments.add_argument("--targets", type=Path, required=True, help="inbox URLs, one a line (sink.py --targets)")
    arguments.add_argument("--repeat", type=int, default=1, help="deliver to all of them so many times")
    arguments.add_argument("--connections", type=int, default=50, help="hosts served at the same time")
    arguments.add_argument("--sign", choices=("inline", "threads", "processes"), default="inline", help="where to sign")
    arguments.add_argument("--no-keep-alive", action="store_true", help="a new connection for each delivery")
    arguments.add_argument("--tls-folder", type=Path, help="folder with the ca.pem of the sink")
    arguments.add_argument("--port", type=int, default=18085, help="port of the sending actor's document")
    asyncio.run(run(arguments.parse_args()))


if __name__ == "__main__":
    main()
