"""Send signed activities to any ActivityPub inbox and measure it.

Hosts its own remote actors on loopback (127.0.1.1, 127.0.1.2, ...), signs everything beforehand in
worker processes, then sends over keep-alive connections. Prints one JSON line. With --server-pid it
reads the CPU of that process tree from /proc, so the figure is activities per core-second.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import random
import ssl
import subprocess
import sys
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

import http1
import keys
import measured
import programs
import signing
from activities import Target, activity
from cryptography.hazmat.primitives.asymmetric import rsa
from origin import Origins

Job = tuple[bytes, str, str, str, bytes]


def sign_one(job: Job) -> bytes:
    """Runs in a worker process."""
    pem, key_id, host, path, body = job
    key = _loaded.get(pem) or _loaded.setdefault(pem, keys.load_private_key(pem))
    return signing.signed_post(key, key_id, host, path, body)


_loaded: dict[bytes, rsa.RSAPrivateKey] = {}


@dataclass
class Load:
    """The sending side: what waits, what came back."""

    url: str
    waiting: deque[tuple[str, bytes]]
    retry: bool = False
    acked: Path | None = None
    rate: float = 0.0
    tls: ssl.SSLContext | None = None
    sent: int = 0
    begin: float = 0.0
    statuses: Counter[int | str] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    accepted: int = 0

    async def run(self, connections: int, deadline: float) -> None:
        self.begin = time.perf_counter()
        log = self.acked.open("a") if self.acked else None
        try:
            await asyncio.gather(*(self._worker(deadline, log) for _ in range(connections)))
        finally:
            if log:
                log.close()

    async def _worker(self, deadline: float, log: TextIO | None) -> None:
        client = None
        while self.waiting and time.perf_counter() < deadline:
            name, raw = self.waiting.popleft()
            if self.rate:
                self.sent += 1
                await asyncio.sleep(max(0.0, self.begin + self.sent / self.rate - time.perf_counter()))
            begin = time.perf_counter()
            try:
                if client is None or not client.usable:
                    client = await http1.connect(self.url, self.tls)
                status, _ = await asyncio.wait_for(client.send(raw), 30)
            except (OSError, TimeoutError) as error:
                self.statuses[type(error).__name__] += 1
                client = None
                if self.retry:
                    self.waiting.append((name, raw))
                    await asyncio.sleep(0.05)
                continue
            self.statuses[status] += 1
            if 200 <= status < 300:
                self.accepted += 1
                self.latencies.append(time.perf_counter() - begin)
                if log:
                    log.write(name + "\n")
                    log.flush()
            elif self.retry and status in (429, 500, 502, 503):
                self.waiting.append((name, raw))
                await asyncio.sleep(float(client.headers.get(b"retry-after", b"0.1") or 0.1))
        if client:
            client.close()


async def drained(command: str, goal: int, seconds: float) -> tuple[bool, int]:
    """Poll a command that prints a number until it reaches the goal."""
    deadline, number = time.perf_counter() + seconds, -1
    while time.perf_counter() < deadline:
        process = await asyncio.create_subprocess_shell(command, stdout=subprocess.PIPE)
        out, _ = await process.communicate()
        number = int(out.split()[-1]) if out.split() else -1
        if number >= goal:
            return True, number
        await asyncio.sleep(0.1)
    return False, number


async def settled(server: list[int], seconds: float, limit: float = 60.0) -> None:
    """Wait until the server used less than 5 % of a core for so many seconds."""
    deadline = time.perf_counter() + limit
    while seconds and time.perf_counter() < deadline:
        before = measured.forest_cpu_seconds(server)
        await asyncio.sleep(seconds)
        if measured.forest_cpu_seconds(server) - before < 0.05 * seconds:
            break


def parse_mix(mix: str) -> tuple[list[str], list[int]]:
    pairs = [part.split("=") for part in mix.split(",")]
    return [name for name, _ in pairs], [int(weight) for _, weight in pairs]


async def run(options: argparse.Namespace) -> int:
    certificates = options.tls_folder and Path(options.tls_folder)
    if certificates and not (certificates / "cert.pem").exists():
        valid = [options.address.format(n=n + 1) for n in range(options.hosts)]
        valid += [options.name.format(n=n + 1) for n in range(options.hosts)] if options.name else []
        keys.write_certificates(certificates, valid)
    tls = keys.client_tls(certificates) if certificates else None
    origins = Origins(
        options.hosts,
        options.actors,
        address=options.address,
        port=options.port,
        name=options.name,
        tls=keys.server_tls(certificates) if certificates else None,
    )
    names, jobs = written(options, origins)
    begin = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(options.signers) as pool:
        signed = pool.map(sign_one, jobs, chunksize=50)
    signing_s = time.perf_counter() - begin
    ready = deque(zip(names, signed, strict=True))
    await origins.start()
    await http1.wait_until_ready(base_of(options), tls=tls)
    if options.warm_up:
        await make_known(options, ready, tls)
    load = Load(options.inbox, ready, options.retry, options.acked, options.rate, tls)
    result = await figures(options, load)
    result |= {
        "mean_body_bytes": sum(len(job[4]) for job in jobs) // len(jobs),
        "key_fetches": origins.fetches,
        "signing_s": signing_s,
    }
    measured.emit(**result)
    if options.wait_for_go:
        await asyncio.to_thread(sys.stdin.readline)  # the remote servers are there until nobody has anything to say
    origins.close()
    return 0 if load.accepted else 1


def base_of(options: argparse.Namespace) -> str:
    """The server under test."""
    parts = urlsplit(options.inbox)
    return f"{parts.scheme}://{parts.netloc}"


def written(options: argparse.Namespace, origins: Origins) -> tuple[list[str], list[Job]]:
    """Ids of all that will be sent, and what must be signed for it; what makes the actors known comes first."""
    parts, base = urlsplit(options.inbox), base_of(options)
    local = options.target_actor or f"{base}/users/association"
    target = Target(
        options.inbox,
        local,
        options.target_name or f"@{local.rpartition('/')[2]}@{urlsplit(local).netloc}",
        tuple(options.target_object or [f"{base}/proposals/1"]),
    )
    rng = random.Random(options.seed)
    kinds, weights = parse_mix(options.mix)
    host, path = options.host_header or parts.netloc, parts.path or "/"
    pems = [keys.private_pem(key) for key in origins.keys]
    names: list[str] = []
    jobs: list[Job] = []
    followed: set[str] = set()
    for number in range(options.actors * bool(options.warm_up) + options.count):
        actor = origins.actors[number % options.actors]
        warming = number < options.actors and options.warm_up
        kind = options.warm_with if warming else rng.choices(kinds, weights)[0]
        if kind == "follow" and actor.url in followed:
            kind = "mention"  # a second Follow of the same two changes nothing
        if kind == "follow":
            followed.add(actor.url)
        name, body = activity(rng, kind, actor, f"{origins.run}-{number}", target, number // options.actors)
        names.append(name)
        jobs.append((pems[actor.key], actor.key_id, host, path, body))
    return names, jobs


async def make_known(options: argparse.Namespace, ready: deque[tuple[str, bytes]], tls: ssl.SSLContext | None) -> None:
    """One activity of each actor, so that nobody's key must be fetched later; then wait as was asked."""
    first = deque(ready.popleft() for _ in range(options.actors))
    warm = Load(options.inbox, first, retry=True, tls=tls)
    await warm.run(min(8, options.connections), time.perf_counter() + 60)
    if warm.accepted < options.actors:
        print(f"warm-up: {dict(warm.statuses)}", file=sys.stderr)
    if options.say_warm or options.wait_for_go:
        print("warm", flush=True)
    if options.wait_for_go:
        await asyncio.to_thread(sys.stdin.readline)
    else:
        await asyncio.sleep(options.warm_up)


async def figures(options: argparse.Namespace, load: Load) -> dict[str, object]:
    """Send all of it and tell what came back and what it cost; with a drain command, until all is applied."""
    server: list[int] = options.server_pid
    cpu_before, own_before = measured.forest_cpu_seconds(server), measured.own_usage()[0]
    begin = time.perf_counter()
    await load.run(options.connections, begin + options.seconds)
    wall = time.perf_counter() - begin
    result: dict[str, object] = {
        "job": "inbox",
        "figure": load.accepted / wall,
        "unit": "accepted per second",
        "accepted": load.accepted,
        "unsent": len(load.waiting),
        "statuses": {str(key): value for key, value in load.statuses.items()},
        "wall_s": wall,
        "throughput": load.accepted / wall,
        **measured.percentiles(load.latencies),
        "generator_cpu_s": measured.own_usage()[0] - own_before,
    }
    if server:
        now = measured.forest_cpu_seconds(server)
        cpu = now - cpu_before
        result |= {"server_cpu_end_s": now}
        result |= {"cpu_s": cpu, "max_rss_mb": sum(map(measured.tree_memory_mb, server))}
        result |= {"figure": load.accepted / max(cpu, 0.01), "unit": "accepted per core-second"}
    if options.drain_command:
        goal = options.drain_goal or load.accepted
        done, number = await drained(options.drain_command, goal, options.drain_seconds)
        result |= {"drained": done, "drain_number": number, "drain_s": time.perf_counter() - begin}
        if server:
            await settled(server, options.settle)
            cpu = measured.forest_cpu_seconds(server) - cpu_before
            result |= {"cpu_until_drained_s": cpu, "applied_per_core_second": load.accepted / max(cpu, 0.01)}
    return result


def main() -> None:
    arguments = programs.parser(__doc__)
    arguments.add_argument("--inbox", default="http://127.0.0.1:18000/inbox", help="inbox URL to send to")
    arguments.add_argument("--host-header", help="Host to send and sign, where the server has a public name")
    arguments.add_argument("--target-actor", help="local actor that is followed and mentioned")
    arguments.add_argument("--target-name", help="its name in mentions, e.g. @ana@gts.test")
    arguments.add_argument("--target-object", nargs="+", help="local posts that are liked and answered, in turns")
    arguments.add_argument("--count", type=int, default=5000, help="activities to send")
    arguments.add_argument("--seconds", type=float, default=60.0, help="stop sending after this")
    arguments.add_argument("--rate", type=float, default=0.0, help="most activities per second; 0 = as fast as it goes")
    arguments.add_argument("--connections", type=int, default=32, help="keep-alive connections")
    arguments.add_argument("--actors", type=int, default=50, help="distinct remote actors")
    arguments.add_argument("--hosts", type=int, default=10, help="distinct remote servers")
    arguments.add_argument("--address", default="127.0.1.{n}", help="where remote server n listens")
    arguments.add_argument("--name", help="public name of remote server n, e.g. h{n}.test (must resolve)")
    arguments.add_argument("--port", type=int, default=18080, help="port of the remote servers")
    arguments.add_argument("--tls-folder", help="serve remote servers over TLS; ca.pem and so on are made there")
    arguments.add_argument(
        "--mix",
        default="reply=30,mention=20,follow=10,like=20,proposal=20",
        help="kinds and weights; also answer, a public reply",
    )
    arguments.add_argument("--seed", type=int, default=1, help="same seed, same activities")
    arguments.add_argument("--signers", type=int, default=2, help="processes that sign beforehand")
    arguments.add_argument("--warm-up", type=float, default=0.2, help="one Follow per actor, then wait; 0 = none")
    arguments.add_argument("--warm-with", default="follow", help="the kind of activity that makes the actors known")
    arguments.add_argument("--wait-for-go", action="store_true", help="then wait for a line typed, also at the end")
    arguments.add_argument("--say-warm", action="store_true", help="print a line when all are known, before the wait")
    arguments.add_argument("--retry", action="store_true", help="send again after errors, 429, 500, 502 and 503")
    arguments.add_argument("--acked", type=Path, help="append each id answered with 2xx to this file")
    arguments.add_argument(
        "--server-pid", type=int, action="append", default=[], help="root of a process tree to measure; may be repeated"
    )
    arguments.add_argument("--drain-command", help="prints how many are applied; polled after sending")
    arguments.add_argument("--drain-goal", type=int, help="number to wait for (default: as many as accepted)")
    arguments.add_argument("--drain-seconds", type=float, default=120.0, help="give up after this")
    arguments.add_argument("--settle", type=float, default=0.0, help="then wait for so many seconds without work")
    sys.exit(asyncio.run(run(arguments.parse_args())))


if __name__ == "__main__":
    main()
