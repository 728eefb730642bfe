"""Fan-out: one offer of the association, to all who follow it, on servers that are good, or mostly dead."""

import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.bench import keys
from tests.bench.rows.measuring import Row
from tests.bench.rows.running import BENCH, Bench, ask, cpu_of, drained, rested, serving, tool
from tests.processes import Program, eventually, free_port
from tests.servers import Server
from tests.visitor import Visitor

HOSTS, INBOXES = 50, 1_000
GOOD_HOSTS, ON_EACH = 10, 10
DEAD = "hang=0.2,503=0.2,reset=0.2,refuse=0.2"
LATENCY = ("--latency-ms", "40", "--latency-spread", "0.3")
DONE = "select count(*) from delivery where state = 'done'"


@contextmanager
def plain(bench: Bench, engine: str) -> Iterator[Sequence[Row]]:
    with _fanout(bench, engine, "fan-out, plain", None) as rows:
        yield rows


@contextmanager
def tls(bench: Bench, engine: str) -> Iterator[Sequence[Row]]:
    folder = bench.folder / "certificates"
    keys.write_certificates(folder, [f"127.0.2.{n + 1}" for n in range(HOSTS)])
    with _fanout(bench, engine, "fan-out, TLS", folder) as rows:
        yield rows


@contextmanager
def _fanout(bench: Bench, engine: str, job: str, certificates: Path | None) -> Iterator[Sequence[Row]]:
    settings = {"FEDISHARE_CA_FILE": str(certificates / "ca.pem")} if certificates else {}
    inboxes = bench.count(INBOXES)
    town = bench.town("fanout-tls" if certificates else "fanout", engine=engine, settings=settings)
    secure = ["--tls-folder", str(certificates)] if certificates else []
    with serving(town), Sink(town, HOSTS, inboxes, *secure) as sink:
        publisher = Publisher(town)
        publisher.publish()  # the first time draws on much that is never needed again
        drained(town)

        def measure() -> float:
            sink.reset()
            publisher.open()
            rested(town)
            done, cpu = ask(town, DONE), cpu_of(town)
            publisher.publish()
            eventually(lambda: sink.arrived() >= inboxes, seconds=120, what="all of them told")
            # What was answered counts when it is written down that it was.
            eventually(lambda: ask(town, DONE) - done >= inboxes, seconds=30, what="all of it written down")
            return inboxes / (cpu_of(town) - cpu)

        def floor() -> float:
            return float(tool("floor_fanout.py", "--targets", str(sink.targets), *secure)["figure"])

        unit = "deliveries per core-second"
        yield [Row(job=job, engine=engine, unit=unit, must=0.50, aim=0.65, measure=measure, floor=floor)]


@contextmanager
def mostly_dead(bench: Bench, engine: str) -> Iterator[Sequence[Row]]:
    """Ten good servers alone, and the same ten among forty that hang, break off, refuse or answer 503.

    Each round begins where no one has failed yet: nothing is known of who is bad.
    """
    good = GOOD_HOSTS * ON_EACH
    alone = _Told(bench, "alone", engine, GOOD_HOSTS, good, [])
    among = _Told(bench, "among", engine, 5 * GOOD_HOSTS, 5 * good, ["--good-at-first", "--behaviour", DEAD])
    with alone.sink, among.sink:
        among.sink.post("/turn")
        yield [
            Row(
                job="fan-out, 80 % dead: p95 of the good",
                engine=engine,
                unit="s",
                must=1.3,
                aim=1.1,
                most=True,
                measure=lambda: among.seconds(good * 95 // 100),
                floor=lambda: alone.seconds(good * 95 // 100),
            )
        ]


class _Told:
    """An instance and those who follow it; each time, as it was when they had just begun to."""

    def __init__(self, bench: Bench, name: str, engine: str, hosts: int, inboxes: int, behaviour: list[str]) -> None:
        self.town = bench.town(name, engine=engine)
        self.sink = Sink(self.town, hosts, inboxes, *LATENCY, *behaviour)
        self.kept = bench.folder / f"{name}-kept"
        with serving(self.town):
            self.sink.start()
        shutil.copytree(self.town.data, self.kept)

    def seconds(self, count: int) -> float:
        """Until so many inboxes have what was published."""
        shutil.rmtree(self.town.data)
        shutil.copytree(self.kept, self.town.data)
        self.sink.reset()
        with serving(self.town):
            publisher = Publisher(self.town)
            rested(self.town)
            begin = time.perf_counter()
            publisher.publish()
            eventually(lambda: self.sink.arrived() >= count, seconds=120, what="the good ones told", every=0.005)
            return time.perf_counter() - begin


class Publisher:
    """Somebody who acts for the association, in a browser, with the form already open."""

    def __init__(self, town: Server) -> None:
        self.visitor = Visitor(town.base_url).sign_in()
        self.number = 0
        self.open()

    def open(self) -> None:
        self.visitor.go("/new")

    def publish(self) -> None:
        """What is on the open form."""
        self.number += 1
        words = {"title": f"Vélo cargo {self.number}", "text": "Deux enfants, casques fournis. " * 60}
        self.visitor.send(to="/new", values=words | {"owner": "association", "place": "Lille"})


class Sink:
    """Fake inboxes that follow the association of a running server. Started once, inside of or before `with`."""

    def __init__(self, town: Server, hosts: int, inboxes: int, *more: str) -> None:
        self.town, self.inboxes, self.control = town, inboxes, f"http://127.0.0.1:{free_port()}"
        self.targets = town.folder / "targets"
        self._command = [sys.executable, str(BENCH / "sink.py"), "--hosts", str(hosts), "--inboxes", str(inboxes)]
        self._command += ["--port", str(free_port()), "--control-port", self.control.rpartition(":")[2]]
        self._command += ["--follow", f"{town.base_url}/users/association", f"{town.base_url}/inbox"]
        self._command += ["--targets", str(self.targets), "--seconds", "3600", *more]
        self._program: Program | None = None
        self._client = httpx.Client(trust_env=False)

    def start(self) -> None:
        """Returns when all of them are followers and have been told so."""
        self._program = program = Program(self._command, log=self.town.folder / "sink.log")
        program.until(lambda: '"follows"' in program.text(), seconds=180, what="followers")
        eventually(self._all_accepted, seconds=180, what="Accepts", every=0.3)
        drained(self.town)

    def _all_accepted(self) -> bool:
        return bool(self.report()["types"].get("Accept", 0) >= self.inboxes)

    def report(self) -> dict[str, Any]:
        got: dict[str, Any] = self._client.get(f"{self.control}/report").json()
        return got

    def arrived(self) -> int:
        """First arrivals since the last `reset`."""
        return int(self.report()["figure"])

    def post(self, path: str) -> None:
        self._client.post(self.control + path)

    def reset(self) -> None:
        self.post("/reset")

    def __enter__(self) -> "Sink":
        if self._program is None:
            self.start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._program is not None
        self._program.stop()
        self._client.close()
