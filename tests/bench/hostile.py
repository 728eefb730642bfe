"""What a hostile server does in an hour, done in a minute, to any ActivityPub server.

Its hosts (127.0.7.1, 127.0.7.2, ...: one for each fault of `flaky.py`) follow, so that they are delivered to; knock
with keys that must be fetched from them; announce and create what must be fetched; send what is no activity at all;
and hold connections open as slowly as they can. Prints a line when it begins, and its figures when it ends.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import hashlib
import itertools
import json
import random
import signal
import time
from collections import Counter
from email.utils import formatdate
from urllib.parse import urlsplit

import http1
import measured
import programs
import signing
from flaky import FAULTS, Flaky

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
ADDRESS = "127.0.7.{n}"
AT_ONCE = 300
KINDS = ["stranger", "stranger", "announce", "create", "garbage"]
WAIT_S = 8.0


class Hostile:
    """All hosts of one bad neighbour, and what they send to `target`."""

    def __init__(self, target: str, port: int, seed: int, *, faults: list[str], kinds: list[str]) -> None:
        self.target, self.port = target.rstrip("/"), port
        self.host = urlsplit(target).netloc
        self.rng = random.Random(seed)
        self.faults, self.kinds = faults, [getattr(self, kind) for kind in kinds]
        self.flaky = Flaky()
        self.hosts = {fault: f"http://{ADDRESS.format(n=n)}:{port}" for n, fault in enumerate(FAULTS, start=1)}
        self.statuses: Counter[str] = Counter()
        self.numbers = itertools.count()
        self.slots = asyncio.Semaphore(AT_ONCE)
        self.over = False

    async def listen(self) -> None:
        for n in range(1, len(FAULTS) + 1):
            await self.flaky.listen(ADDRESS.format(n=n), self.port)

    async def follow(self) -> None:
        """Each host has an honest actor whose inbox is not."""
        association = f"{self.target}/users/association"
        for fault in self.faults:
            await self._post(self._signed(fault, {"type": "Follow", "object": association}), "follow")

    async def attack(self, rate: float) -> None:
        """So many requests a second, whatever becomes of them."""
        async with asyncio.TaskGroup() as under_way:
            begin = time.monotonic()
            for number in itertools.count():
                await asyncio.sleep(max(0.0, begin + number / rate - time.monotonic()))
                if self.over:
                    break
                kind = self.rng.choice(self.kinds)
                under_way.create_task(self._post(kind(self.rng.choice(self.faults)), kind.__name__))

    def stranger(self, fault: str) -> bytes:
        """A key that nobody has seen, to be fetched while the request waits."""
        actor = f"{self.hosts[fault]}/{fault}/users/{next(self.numbers)}"
        return self._request({"type": "Like", "actor": actor, "object": f"{self.target}/x"}, actor)

    def announce(self, fault: str) -> bytes:
        return self._signed(fault, {"type": "Announce", "object": self._thing(fault), "to": PUBLIC})

    def create(self, fault: str) -> bytes:
        return self._signed(fault, {"type": "Create", "object": self._thing(fault), "to": PUBLIC})

    def garbage(self, fault: str) -> bytes:
        """Requests that are wrong before anybody is asked."""
        body = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
        return self.rng.choice(
            [
                self._request(body, self._actor(fault)),
                self._request(b"[" * 900_000, self._actor(fault)),
                self._request(b'{"id": ' + b"9" * 500_000 + b"}", self._actor(fault)),
                b"POST /inbox HTTP/1.1\r\nHost: %s\r\nContent-Length: 9000000\r\n\r\n" % self.host.encode()
                + b"x" * 100_000,
                b"POST /inbox HTTP/1.1\r\nHost: %s\r\nContent-Length: 2\r\n\r\n{}" % self.host.encode(),
                b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
                b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 100,
            ]
        )

    def _actor(self, fault: str) -> str:
        return f"{self.hosts[fault]}/honest/{fault}/{fault}"

    def _thing(self, fault: str) -> str:
        return f"{self.hosts[fault]}/{fault}/notes/{next(self.numbers)}"

    def _signed(self, fault: str, activity: dict[str, object]) -> bytes:
        actor = self._actor(fault)
        said = {"id": f"{self.hosts[fault]}/activities/{next(self.numbers)}", "actor": actor}
        body = json.dumps({"@context": "https://www.w3.org/ns/activitystreams", **said, **activity}).encode()
        return signing.signed_post(self.flaky.key, f"{actor}#main-key", self.host, "/inbox", body)

    def _request(self, content: bytes | dict[str, object], actor: str) -> bytes:
        """Signed in form alone."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        head = (
            f"POST /inbox HTTP/1.1\r\nHost: {self.host}\r\nDate: {formatdate(usegmt=True)}\r\n"
            f"Digest: SHA-256={digest}\r\nContent-Type: application/activity+json\r\nContent-Length: {len(body)}\r\n"
            f'Signature: keyId="{actor}#main-key",algorithm="rsa-sha256",headers="{signing.SIGNED_HEADERS}",'
            f'signature="{"A" * 342}=="\r\n\r\n'
        )
        return head.encode() + body

    async def _post(self, request: bytes, kind: str) -> None:
        async with self.slots:
            try:
                client = await asyncio.wait_for(http1.connect(self.target), WAIT_S)
                status, _ = await asyncio.wait_for(client.send(request), WAIT_S)
            except (OSError, TimeoutError) as error:
                self.statuses[f"{kind} {type(error).__name__}"] += 1
            else:
                self.statuses[f"{kind} {status}"] += 1
                client.close()

    async def creep(self) -> None:
        """One connection, as slow as it may be; a new one when it is cut."""
        address, port, _ = http1.authority(self.target)
        head = f"POST /inbox HTTP/1.1\r\nHost: {self.host}\r\nContent-Length: 5000\r\n".encode()
        while not self.over:
            with contextlib.suppress(OSError):
                reader, writer = await asyncio.open_connection(address, port)
                for byte in head + self.rng.choice([b"\r\n", b"X-Slow: "]) + b" " * 5_000:
                    writer.write(bytes([byte]))
                    await writer.drain()
                    with contextlib.suppress(TimeoutError):
                        if not await asyncio.wait_for(reader.read(1_000), self.rng.uniform(0.5, 1.0)):
                            break
                    if self.over:
                        break
                writer.close()
            self.statuses["creep ended"] += 1
            await asyncio.sleep(0.2)


async def run(options: argparse.Namespace) -> None:
    hostile = Hostile(options.target, options.port, options.seed, faults=options.faults, kinds=options.kinds)
    await hostile.listen()
    await hostile.follow()
    loop = asyncio.get_running_loop()
    loop.call_later(options.seconds, setattr, hostile, "over", True)
    loop.add_signal_handler(signal.SIGTERM, setattr, hostile, "over", True)
    print("attacking", flush=True)
    async with asyncio.TaskGroup() as everything:
        everything.create_task(hostile.attack(options.rate))
        for _ in range(options.creeping):
            everything.create_task(hostile.creep())
    await hostile.flaky.close()
    cpu, peak = measured.own_usage()
    measured.emit(
        job="hostile", statuses=dict(hostile.statuses), drawn=dict(hostile.flaky.drawn), cpu_s=cpu, max_rss_mb=peak
    )


def main() -> None:
    arguments = programs.parser(__doc__)
    arguments.add_argument("--target", default="http://127.0.0.1:18000", help="base URL of the server under attack")
    arguments.add_argument("--port", type=int, default=18071, help="port of the hostile hosts")
    arguments.add_argument("--seconds", type=float, default=60.0, help="stop after this, or at SIGTERM")
    arguments.add_argument("--rate", type=float, default=60.0, help="requests a second")
    arguments.add_argument("--faults", nargs="+", choices=FAULTS, default=list(FAULTS), help="only these")
    arguments.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS, help="what is sent, drawn from these")
    arguments.add_argument("--creeping", type=int, default=60, help="connections held open slowly")
    arguments.add_argument("--seed", type=int, default=1, help="seed of what is sent")
    asyncio.run(run(arguments.parse_args()))


if __name__ == "__main__":
    main()
