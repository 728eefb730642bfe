"""GET pages at a steady rate over keep-alive connections, whatever the answers take: what a visitor waits for.

The rate does not wait for the answers, so that a server that stands still is seen standing still. Prints one JSON line.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import time
from collections import Counter
from urllib.parse import urlsplit

import http1
import measured
import programs

WAIT_S = 30.0


class Visits:
    """The connections that are free, how long each answer took, and what it was."""

    def __init__(self, base: str) -> None:
        self.base, self.host = base, urlsplit(base).netloc
        self.free: list[http1.HttpClient] = []
        self.latencies: list[float] = []
        self.statuses: Counter[str] = Counter()

    async def visit(self, path: str) -> None:
        begin = time.perf_counter()
        try:
            usable = [client for client in self.free if client.usable]
            self.free = usable[1:]
            client = usable[0] if usable else await http1.connect(self.base)
            request = f"GET {path} HTTP/1.1\r\nHost: {self.host}\r\nAccept: text/html\r\n\r\n"
            status, _ = await asyncio.wait_for(client.send(request.encode()), WAIT_S)
        except (OSError, TimeoutError) as error:
            self.statuses[type(error).__name__] += 1
        else:
            self.statuses[str(status)] += 1
            self.free.append(client)
        self.latencies.append(time.perf_counter() - begin)


async def run(options: argparse.Namespace) -> None:
    visits = Visits(options.base)
    begin = time.perf_counter()
    async with asyncio.TaskGroup() as under_way:
        for number, path in zip(
            range(int(options.rate * options.seconds)), itertools.cycle(options.path), strict=False
        ):
            await asyncio.sleep(max(0.0, begin + number / options.rate - time.perf_counter()))
            under_way.create_task(visits.visit(path))
    figures = measured.percentiles(visits.latencies)
    measured.emit(job="visit", statuses=dict(visits.statuses), count=len(visits.latencies), **figures)


def main() -> None:
    arguments = programs.parser(__doc__)
    arguments.add_argument("--base", default="http://127.0.0.1:18000", help="base URL of the server")
    arguments.add_argument("--path", nargs="+", default=["/"], help="what is asked for, in turns")
    arguments.add_argument("--rate", type=float, default=20.0, help="visits a second")
    arguments.add_argument("--seconds", type=float, default=10.0, help="for so long")
    asyncio.run(run(arguments.parse_args()))


if __name__ == "__main__":
    main()
