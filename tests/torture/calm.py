"""Whether a server stays calm beside a hostile one: good traffic alone, then the same with the hostile beside it.

In turns, and the median counts: a disk that is slow for a moment is slow for one of them, whoever it meets.

The hostile server is on this machine only because this is a test: what its own programs take of the processors says
nothing about ours. Where there are two processors, one is the server's alone, and the hostile one takes of the other
what good traffic leaves.

Knows nothing of the server but its address and its process, so that a careless one can be held to the same (and fail).
"""

import json
import os
import statistics
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import PIPE
from typing import Any, Self

import httpx

from tests.processes import ROOT, eventually, free_port

BENCH = ROOT / "tests" / "bench"
POSTS_A_SECOND, VISITS_A_SECOND = 10, 20
WARMING_S, LETTING_GO_S = 3.0, 20.0
LEAST = 19
"""nice(1): whatever others leave."""
LEEWAY = 8
"""Connections that are kept open on purpose, to good servers and to the database, come and go."""
Json = dict[str, Any]


@dataclass(frozen=True)
class Traffic:
    """What those who mean well have seen in one stretch of time."""

    posts: Json
    visits: Json

    @property
    def refused(self) -> Json:
        """What nobody who means well should get, by its status; and what they never came to send."""
        both = [*self.posts["statuses"].items(), *self.visits["statuses"].items(), ("unsent", self.posts["unsent"])]
        return {status: count for status, count in both if count and status not in ("200", "202")}


@dataclass
class Verdict:
    """Of each turn what those who mean well have seen, and of all what was done to the server."""

    files_before: int
    calm: list[Traffic] = field(default_factory=list)
    beside: list[Traffic] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    drawn: Counter[str] = field(default_factory=Counter)
    """Which faults its requests met, and how often."""
    files_after: int = 0
    most_mb: float = 0.0

    def slower(self, which: str) -> float:
        """How many times longer the slowest twentieth took beside the hostile server."""
        return p95_ms(self.beside, which) / p95_ms(self.calm, which)


def p95_ms(turns: list[Traffic], which: str) -> float:
    """Of `posts` or `visits`, in the middle one of these turns."""
    return statistics.median(float(getattr(turn, which)["p95_ms"]) for turn in turns)


def refused(turns: list[Traffic]) -> Json:
    """What nobody who means well should have got, in any of these turns."""
    return {status: count for turn in turns for status, count in turn.refused.items()}


@dataclass(frozen=True, kw_only=True)
class Server:
    """Who is held to it: its address, its process, pages to visit, posts to like and answer."""

    base: str
    pid: int
    pages: list[str]
    objects: list[str]


def held_to(server: Server, *, turns: int, seconds: float, rate: float) -> Verdict:
    """Good traffic for so long alone, and as long beside a hostile server, in turns. The server must run and be ready.

    `seconds` are those of one turn, `rate` is the hostile server's requests a second.
    """
    with Apart(server.pid):
        return _held_to(server, turns=turns, seconds=seconds, rate=rate)


def _held_to(server: Server, *, turns: int, seconds: float, rate: float) -> Verdict:
    good = GoodTraffic(server)
    good.flow(WARMING_S)
    verdict = Verdict(files_before=files_of(server.pid))
    for turn in range(turns):
        verdict.calm.append(good.flow(seconds))
        with Hostile(server.base, rate, seed=turn) as hostile:
            verdict.beside.append(good.flow(seconds, beside=hostile))
            said = hostile.stop()
        verdict.statuses.update(said["statuses"])
        verdict.drawn.update(said["drawn"])
        verdict.files_after = rested(server.pid, verdict.files_before)
    verdict.most_mb = memory_mb(server.pid)
    return verdict


class Apart:
    """One processor is the server's; whatever is started meanwhile keeps to the others."""

    def __init__(self, pid: int) -> None:
        self._tasks = [int(task.name) for task in Path(f"/proc/{pid}/task").iterdir()]
        self._before = os.sched_getaffinity(0)

    def __enter__(self) -> None:
        first, *others = sorted(self._before)
        for task in self._tasks if others else ():
            os.sched_setaffinity(task, {first})
        os.sched_setaffinity(0, others or {first})

    def __exit__(self, *_: object) -> None:
        os.sched_setaffinity(0, self._before)


class Hostile:
    """A context manager around `hostile.py`."""

    def __init__(self, base: str, rate: float, *, seed: int) -> None:
        self._command = [sys.executable, str(BENCH / "hostile.py"), "--target", base, "--port", str(free_port())]
        self._command += ["--seconds", "300", "--rate", str(rate), "--seed", str(seed)]
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Returns when it attacks."""
        self._process = subprocess.Popen(self._command, stdout=PIPE, text=True)
        os.setpriority(os.PRIO_PROCESS, self._process.pid, LEAST)
        assert self._process.stdout is not None
        assert self._process.stdout.readline()

    def stop(self) -> Json:
        """What it has done."""
        assert self._process is not None
        assert self._process.poll() is None, "it attacked until the end"
        self._process.terminate()
        return dict(json.loads(self._process.communicate(timeout=60)[0].splitlines()[-1]))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()


class GoodTraffic:
    """Ten servers, the same ones in each turn, post what they may, and visitors read."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._port = free_port()
        self._turn = 0

    def flow(self, seconds: float, *, beside: Hostile | None = None) -> Traffic:
        self._turn += 1
        posting = subprocess.Popen(self._posting(seconds, warm_up_s=3 if beside else 0.2), stdout=PIPE, text=True)
        try:
            assert posting.stdout is not None
            assert posting.stdout.readline() == "warm\n"
            if beside:
                beside.start()
            visits = subprocess.run(
                self._visiting(seconds), stdout=PIPE, text=True, timeout=seconds + 60, check=True
            ).stdout
            posts = posting.communicate(timeout=seconds + 60)[0]
        finally:
            posting.kill()
        return Traffic(posts=json.loads(posts.splitlines()[-1]), visits=json.loads(visits.splitlines()[-1]))

    def _posting(self, seconds: float, *, warm_up_s: float) -> list[str]:
        """Other activities in each turn, by the same actors."""
        return [
            *(sys.executable, str(BENCH / "load_inbox.py"), "--inbox", f"{self._server.base}/inbox"),
            *("--count", str(int(POSTS_A_SECOND * seconds)), "--rate", str(POSTS_A_SECOND), "--connections", "8"),
            *("--actors", "10", "--hosts", "10", "--signers", "1", "--mix", "like=50,reply=30,mention=20"),
            *("--seconds", str(seconds + 10), "--target-object", *self._server.objects),
            *("--warm-up", str(warm_up_s), "--say-warm", "--port", str(self._port), "--seed", str(self._turn)),
        ]

    def _visiting(self, seconds: float) -> list[str]:
        return [
            *(sys.executable, str(BENCH / "visit.py"), "--base", self._server.base, "--path", *self._server.pages),
            *("--rate", str(VISITS_A_SECOND), "--seconds", str(seconds)),
        ]


def rested(pid: int, before: int) -> int:
    """Open files once the noise is over; waits for those that are let go of in time."""
    with suppress(AssertionError):
        eventually(lambda: files_of(pid) <= before + LEEWAY, seconds=LETTING_GO_S, what="files let go of", every=0.5)
    return files_of(pid)


def files_of(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def memory_mb(pid: int) -> float:
    """The most it ever had."""
    (line,) = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


def answers(base: str) -> bool:
    try:
        return httpx.get(base, timeout=5, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False
