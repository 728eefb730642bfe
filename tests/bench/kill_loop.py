"""Kill a server again and again while it receives activities, then check that it kept every promise.

A promise is a 2xx answer. At the end the --check command prints the ids of all activities that had their
effect, one a line: every promised id must be there, and no id twice. Exit code 1 and a JSON line otherwise.
Arguments after `--` go to load_inbox.py.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import json
import os
import random
import shlex
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import http1
import measured
import programs


def spawn(command: str) -> subprocess.Popen[bytes]:
    """Start in a process group of its own; it does not outlive this program."""
    return subprocess.Popen(
        shlex.split(command), start_new_session=True, stdout=subprocess.DEVNULL, preexec_fn=die_with_parent
    )


def die_with_parent() -> None:
    """prctl(PR_SET_PDEATHSIG, SIGKILL)."""
    _libc.prctl(1, signal.SIGKILL)


_libc = ctypes.CDLL(None)


def start(command: str, ready: str) -> tuple[subprocess.Popen[bytes], float]:
    """Start and wait until it answers; returns the seconds that took."""
    begin = time.perf_counter()
    process = spawn(command)
    asyncio.run(http1.wait_until_ready(ready))
    return process, time.perf_counter() - begin


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to the whole group that `spawn` made."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_for_share(acked: Path, share: float, loader: subprocess.Popen[str]) -> None:
    """Spread the kills over the load: this one comes once so many promises were made."""
    while loader.poll() is None and acked.read_bytes().count(b"\n") < share:
        time.sleep(0.01)


def settled(options: argparse.Namespace, promised: set[str]) -> subprocess.CompletedProcess[str]:
    """What the check says once it names every promise, or when --settle seconds are over."""
    deadline = time.perf_counter() + options.settle
    while True:
        listed = subprocess.run(options.check, shell=True, capture_output=True, text=True)
        if promised <= set(listed.stdout.split()) or time.perf_counter() > deadline:
            return listed
        time.sleep(0.5)


def load_command(options: argparse.Namespace, acked: Path) -> list[str]:
    lasting = options.kills * (options.longest + 1.0)
    count = options.count or int(options.rate * lasting)
    return [
        sys.executable,
        str(Path(__file__).with_name("load_inbox.py")),
        *("--inbox", options.inbox, "--retry", "--acked", str(acked), "--warm-up", "0"),
        *("--rate", str(options.rate), "--count", str(count), "--seconds", str(lasting * 3)),
        *options.load,
    ]


def run(options: argparse.Namespace) -> int:
    rng = random.Random(options.seed)
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        acked = Path(folder) / "acked"
        server, seconds = start(options.server, options.ready)
        starts = [seconds]
        try:
            loader = subprocess.Popen(load_command(options, acked), stdout=subprocess.PIPE, text=True)
            while loader.poll() is None and not acked.exists():
                time.sleep(0.05)
            kills = 0
            while kills < options.kills and loader.poll() is None:
                wait_for_share(acked, options.count * (kills + rng.random()) / (options.kills + 1), loader)
                time.sleep(rng.uniform(options.shortest, options.longest))
                kill(server)
                kills += 1
                if rng.random() < options.kill_starting:  # recovery itself must survive a kill, too
                    server = spawn(options.server)
                    time.sleep(rng.uniform(0.0, max(starts)))
                    kill(server)
                server, seconds = start(options.server, options.ready)
                starts.append(seconds)
            out, _ = loader.communicate(timeout=600)
            promised = set(acked.read_text().split())
            listed = settled(options, promised)
        finally:
            if server.poll() is None:
                kill(server)
    present = Counter(listed.stdout.split())
    lost = sorted(promised - set(present))
    doubled = sorted(name for name, number in present.items() if number > 1)
    good = not lost and not doubled and listed.returncode == 0 and kills == options.kills and bool(promised)
    measured.emit(
        job="kill_loop",
        figure=len(lost) + len(doubled),
        unit="broken promises",
        good=good,
        kills=kills,
        promised=len(promised),
        present=len(present),
        present_unpromised=len(set(present) - promised),
        lost=len(lost),
        lost_examples=lost[:3],
        doubled=len(doubled),
        doubled_examples=doubled[:3],
        check_exit=listed.returncode,
        start_median_s=statistics.median(starts),
        start_longest_s=max(starts),
        load=json.loads(out or "{}"),
        wall_s=time.perf_counter() - begin,
    )
    if listed.returncode:
        print(listed.stderr, file=sys.stderr)
    return 0 if good else 1


def main() -> None:
    arguments = programs.parser(__doc__)
    arguments.add_argument("--server", required=True, help="command that starts the server in the foreground")
    arguments.add_argument("--ready", required=True, help="URL that answers once the server is up")
    arguments.add_argument("--inbox", required=True, help="inbox URL")
    arguments.add_argument("--check", required=True, help="prints the ids that had their effect; exit code 0")
    arguments.add_argument("--kills", type=int, default=10, help="how often")
    arguments.add_argument("--shortest", type=float, default=0.3, help="least seconds between start and kill")
    arguments.add_argument("--longest", type=float, default=1.5, help="most seconds between start and kill")
    arguments.add_argument("--kill-starting", type=float, default=0.3, help="share of restarts killed while starting")
    arguments.add_argument("--rate", type=float, default=500.0, help="activities per second")
    arguments.add_argument("--count", type=int, default=0, help="activities, kills spread over them; 0 = by rate")
    arguments.add_argument(
        "--settle", type=float, default=1.0, help="most seconds to let the last server apply the rest"
    )
    arguments.add_argument("--seed", type=int, default=1, help="seed of the moments")
    arguments.add_argument("load", nargs="*", help="arguments for load_inbox.py, after --")
    sys.exit(run(arguments.parse_args()))


if __name__ == "__main__":
    main()
