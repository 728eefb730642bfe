"""A swarm of fake inboxes that remembers what arrived, how often and when.

Every host is one loopback address (127.0.2.1, 127.0.2.2, ...) with a fixed behaviour. Ends on SIGTERM,
after --seconds, or when --expect first arrivals are counted; then prints one JSON line.
With --follow its actors first follow a local actor of the server under test, so that real fan-out
can be measured. `GET /report`, `POST /reset` and `POST /turn` on the control port work while it runs.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import random
import signal
import ssl
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import http1
import keys
import measured
import programs
import signing
from cryptography.hazmat.primitives.asymmetric import rsa
from origin import CONTEXT, Origins

BEHAVIOURS = ("ok", "slow", "hang", "reset", "refuse", "410", "429", "500", "503")


def assign(hosts: int, shares: str, rng: random.Random) -> list[str]:
    """A behaviour for each host; what is not named is ok."""
    chosen: list[str] = []
    for part in filter(None, shares.split(",")):
        name, _, share = part.partition("=")
        if name not in BEHAVIOURS:
            raise SystemExit(f"unknown behaviour {name}; one of {', '.join(BEHAVIOURS)}")
        chosen += [name] * round(hosts * float(share))
    chosen = (chosen + ["ok"] * hosts)[:hosts]
    rng.shuffle(chosen)
    return chosen


class Sink:
    def __init__(self, options: argparse.Namespace, origins: Origins, tls: ssl.SSLContext | None) -> None:
        self.rng = random.Random(options.seed)
        self.options, self.origins, self.tls = options, origins, tls
        self.behaviour = assign(options.hosts, options.behaviour, self.rng)
        self.ignored = frozenset(options.ignore.split(","))
        self.keys: dict[bytes, rsa.RSAPublicKey] = {}
        self.complete = asyncio.Event()
        self.recovered = options.good_at_first
        self.reset()
        origins.on_post = self.receive

    def reset(self) -> None:
        self.first: dict[tuple[str, str], float] = {}
        self.begun: dict[str, float] = {}
        self.duplicates = 0
        self.answers: Counter[str] = Counter()
        self.types: Counter[str] = Counter()
        self.complete.clear()

    def refusing(self) -> frozenset[int]:
        return frozenset(n for n, name in enumerate(self.behaviour) if name == "refuse")

    def receive(self, request: http1.Request, host: int) -> http1.Reply:
        behaviour = "ok" if self.recovered else self.behaviour[host]
        delay = self.options.latency_ms / 1000
        if delay and self.options.latency_spread:
            delay *= math.exp(self.rng.gauss(0.0, self.options.latency_spread))
        if behaviour == "slow":
            delay += self.options.slow_seconds
        if delay == 0 and behaviour == "ok" and not self.options.verify:
            return self.store(request, host)
        return self._later(request, host, behaviour, delay)

    async def _later(self, request: http1.Request, host: int, behaviour: str, delay: float) -> bytes:
        if delay:
            await asyncio.sleep(delay)
        if behaviour == "hang":
            await asyncio.sleep(3600)
        if behaviour in ("reset", "refuse"):
            self.answers[behaviour] += 1
            return b""
        if behaviour.isdigit():
            self.answers[behaviour] += 1
            extra = b"Retry-After: 2\r\n" if behaviour in ("429", "503") else b""
            return http1.response(int(behaviour), extra=extra)
        if self.options.verify:
            try:
                await self._verify(request)
            except (signing.Refused, OSError) as error:
                self.answers[f"401 {error}"] += 1
                return http1.response(401)
        return self.store(request, host)

    async def _verify(self, request: http1.Request) -> None:
        try:
            signing.verify_post(request, self.keys)
        except signing.UnknownKey as unknown:
            self.keys[unknown.args[0]] = await signing.fetch_key(unknown.args[0], self.tls)
            signing.verify_post(request, self.keys)

    def store(self, request: http1.Request, host: int) -> bytes:
        now = time.perf_counter()
        made = json.loads(request.body)
        kind = str(made.get("type"))
        self.answers["202"] += 1
        self.types[kind] += 1
        if kind not in self.ignored:
            place = (self.origins.hosts[host] + request.target.decode(), str(made["id"]))
            self.begun.setdefault(place[1], now)
            if place in self.first:
                self.duplicates += 1
            else:
                self.first[place] = now
            if self.options.expect and len(self.first) >= self.options.expect:
                self.complete.set()
        return http1.response(202)

    def report(self) -> dict[str, object]:
        after = [moment - self.begun[name] for (_, name), moment in self.first.items()]
        span = max(self.first.values()) - min(self.first.values()) if self.first else 0.0
        cpu, peak = measured.own_usage()
        return {
            "job": "sink",
            "figure": len(self.first),
            "unit": "distinct (inbox, activity) pairs received",
            "duplicates": self.duplicates,
            "activities": len(self.begun),
            "answers": dict(self.answers),
            "types": dict(self.types),
            "behaviours": dict(Counter(self.behaviour)),
            "first_to_last_s": span,
            "arrival_after_first": measured.percentiles(after),
            "cpu_s": cpu,
            "max_rss_mb": peak,
        }

    def control(self, request: http1.Request) -> http1.Reply:
        if request.method == b"POST":
            self.reset()
            if request.target == b"/turn":
                self.turn_bad()
        return http1.response(200, json.dumps(self.report()).encode(), b"application/json")

    def turn_bad(self) -> None:
        """From now on each host behaves as it was told to; until now all were good."""
        self.recovered = False
        for host in self.refusing():
            self.origins.servers[host].close()

    async def follow(self, actor: str, inbox: str) -> Counter[int]:
        """Let every actor follow the local actor."""
        statuses: Counter[int] = Counter()
        client = await http1.connect(inbox, self.tls)
        parts = urlsplit(inbox)
        for follower in self.origins.actors:
            made = {"@context": CONTEXT[0], "id": f"{follower.url}/follow", "type": "Follow", "actor": follower.url}
            body = json.dumps(made | {"object": actor}).encode()
            key = self.origins.keys[follower.key]
            raw = signing.signed_post(key, follower.key_id, self.options.host_header or parts.netloc, parts.path, body)
            for _ in range(50):
                if not client.usable:
                    client = await http1.connect(inbox, self.tls)
                status, _ = await client.send(raw)
                if status not in (429, 500, 502, 503):
                    break
                await asyncio.sleep(0.2)
            statuses[status] += 1
        client.close()
        return statuses


async def run(options: argparse.Namespace) -> None:
    begin = time.perf_counter()
    certificates = options.tls_folder and Path(options.tls_folder)
    if certificates and not (certificates / "cert.pem").exists():
        patterns = [options.address, *filter(None, [options.name])]
        keys.write_certificates(certificates, [p.format(n=n + 1) for p in patterns for n in range(options.hosts)])
    tls = keys.client_tls(certificates) if certificates else None
    origins = Origins(
        options.hosts,
        options.inboxes,
        address=options.address,
        port=options.port,
        name=options.name,
        shared_inbox=options.shared_inbox,
        tls=keys.server_tls(certificates) if certificates else None,
    )
    sink = Sink(options, origins, tls)
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, ended.set)
    await origins.start(skip=frozenset() if options.good_at_first else sink.refusing())
    await loop.create_server(lambda: http1.HttpServer(sink.control), "127.0.0.1", options.control_port)
    if options.targets:
        options.targets.write_text("\n".join(origins.inboxes()) + "\n")
    if options.follow:
        print(json.dumps({"follows": {str(k): v for k, v in (await sink.follow(*options.follow)).items()}}), flush=True)

    async def recover() -> None:
        await asyncio.sleep(options.recover_after)
        sink.recovered = True
        await origins.start(skip=frozenset(range(options.hosts)) - sink.refusing())

    tasks = [asyncio.create_task(ended.wait()), asyncio.create_task(sink.complete.wait())]
    healing = asyncio.create_task(recover()) if options.recover_after else None
    await asyncio.wait(tasks, timeout=options.seconds, return_when=asyncio.FIRST_COMPLETED)
    await asyncio.sleep(options.linger)
    if healing:
        healing.cancel()
    if options.dump:
        with options.dump.open("w") as out:
            for (inbox, made), moment in sink.first.items():
                out.write(json.dumps({"inbox": inbox, "id": made, "after_s": moment - sink.begun[made]}) + "\n")
    measured.emit(**sink.report(), wall_s=time.perf_counter() - begin)
    origins.close()


def main() -> None:
    arguments = programs.parser(__doc__)
    arguments.add_argument("--hosts", type=int, default=20, help="distinct servers (at most 250)")
    arguments.add_argument("--inboxes", type=int, default=20, help="actors, spread over the hosts")
    arguments.add_argument("--shared-inbox", action="store_true", help="offer a sharedInbox: one delivery per host")
    arguments.add_argument("--address", default="127.0.2.{n}", help="where host n listens")
    arguments.add_argument("--name", help="public name of host n, e.g. s{n}.test (must resolve)")
    arguments.add_argument("--port", type=int, default=18090, help="port of all hosts")
    arguments.add_argument("--control-port", type=int, default=18099, help="report and reset")
    arguments.add_argument("--tls-folder", help="serve TLS; ca.pem and so on are made there")
    arguments.add_argument("--behaviour", default="", help="shares of hosts, e.g. slow=0.1,refuse=0.1,500=0.05")
    arguments.add_argument("--latency-ms", type=float, default=0.0, help="median time to answer")
    arguments.add_argument("--latency-spread", type=float, default=0.0, help="sigma of the log-normal latency")
    arguments.add_argument("--slow-seconds", type=float, default=8.0, help="extra time of slow hosts")
    arguments.add_argument("--recover-after", type=float, default=0.0, help="all hosts turn ok after this; 0 = never")
    arguments.add_argument(
        "--good-at-first", action="store_true", help="all are ok until POST /turn on the control port"
    )
    arguments.add_argument("--verify", action="store_true", help="check signatures, 401 when wrong")
    arguments.add_argument("--ignore", default="Accept,Reject", help="types that are answered but not counted")
    arguments.add_argument("--follow", nargs=2, metavar=("ACTOR", "INBOX"), help="follow this actor first")
    arguments.add_argument("--host-header", help="Host to sign when following")
    arguments.add_argument("--targets", type=Path, help="write the inbox URLs here")
    arguments.add_argument("--dump", type=Path, help="write first arrivals here as NDJSON")
    arguments.add_argument("--expect", type=int, default=0, help="end after so many first arrivals")
    arguments.add_argument("--linger", type=float, default=0.0, help="wait this long at the end for duplicates")
    arguments.add_argument("--seconds", type=float, default=120.0, help="end after this")
    arguments.add_argument("--seed", type=int, default=1, help="seed of behaviours and latencies")
    asyncio.run(run(arguments.parse_args()))


if __name__ == "__main__":
    main()
