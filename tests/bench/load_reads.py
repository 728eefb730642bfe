"""GET over keep-alive connections as fast as it goes, one address or many in turns, and measure the server.

Each address is read once before anything is measured: the first time costs what is never paid again.
With --server-pid the CPU of that process tree is read from /proc: the figure is reads per core-second. With --unchanged
each address is read once before, and then asked for as a browser does that has it: If-None-Match with its ETag.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import http1
import measured
import programs


@dataclass
class Reads:
    """What is asked for in turns, and what came back."""

    url: str
    requests: Iterator[bytes]
    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    received: int = 0

    async def run(self, connections: int, seconds: float) -> None:
        deadline = time.perf_counter() + seconds
        await asyncio.gather(*(self._one(deadline) for _ in range(connections)))

    async def _one(self, deadline: float) -> None:
        client = await http1.connect(self.url)
        for request in self.requests:
            begin = time.perf_counter()
            if begin > deadline:
                break
            if not client.usable:
                client = await http1.connect(self.url)
            status, body = await client.send(request)
            self.statuses[status] += 1
            self.received += len(body)
            self.latencies.append(time.perf_counter() - begin)
        client.close()


def asking(base: str, path: str, headers: list[str]) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", f"Host: {urlsplit(base).netloc}", *headers, "", ""]).encode()


async def known(base: str, paths: list[str], headers: list[str]) -> list[bytes]:
    """The same requests of somebody who has read all of it once."""
    client = await http1.connect(base)
    asked = []
    for path in paths:
        await client.send(asking(base, path, headers))
        tag = client.headers.get(b"etag", b"").decode()
        asked.append(asking(base, path, [*headers, f"If-None-Match: {tag}"] if tag else headers))
    client.close()
    return asked


async def run(options: argparse.Namespace) -> int:
    paths = options.paths.read_text().split() if options.paths else options.path
    asked = [asking(options.base, path, options.header) for path in paths]
    if options.unchanged:
        asked = await known(options.base, paths, options.header)
    await Reads(options.base, iter(asked)).run(options.connections, 60.0)
    await Reads(options.base, itertools.cycle(asked)).run(options.connections, options.warm_up)
    reads = Reads(options.base, itertools.cycle(asked))
    cpu = measured.tree_cpu_seconds(options.server_pid) if options.server_pid else 0.0
    begin = time.perf_counter()
    await reads.run(options.connections, options.seconds)
    wall = time.perf_counter() - begin
    good = reads.statuses[200] + reads.statuses[304]
    bad = sum(reads.statuses.values()) - good
    result: dict[str, object] = {"job": "reads", "figure": good / wall, "unit": "reads per second"}
    if options.server_pid:
        cpu = measured.tree_cpu_seconds(options.server_pid) - cpu
        result |= {"figure": good / max(cpu, 0.01), "unit": "reads per core-second", "cpu_s": cpu}
    measured.emit(
        **result,
        statuses={str(status): count for status, count in reads.statuses.items()},
        bad=bad,
        mean_bytes=reads.received // max(1, good),
        wall_s=wall,
        **measured.percentiles(reads.latencies),
    )
    return 0 if good and not bad else 1


def main() -> None:
    arguments = programs.parser(__doc__)
    arguments.add_argument("--base", required=True, help="base URL of the server")
    arguments.add_argument("--path", nargs="+", default=["/"], help="what is asked for, in turns")
    arguments.add_argument("--paths", type=Path, help="the same from a file, one a line")
    arguments.add_argument("--header", action="append", default=[], help='e.g. "Accept: application/activity+json"')
    arguments.add_argument("--unchanged", action="store_true", help="ask as somebody who has read it before")
    arguments.add_argument("--seconds", type=float, default=4.0, help="for so long")
    arguments.add_argument("--warm-up", type=float, default=0.5, help="before that, not measured")
    arguments.add_argument("--connections", type=int, default=16, help="keep-alive connections")
    arguments.add_argument("--server-pid", type=int, help="root of the process tree to measure")
    sys.exit(asyncio.run(run(arguments.parse_args())))


if __name__ == "__main__":
    main()
