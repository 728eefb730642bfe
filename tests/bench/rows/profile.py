"""Where the time of a hot path goes: `python -m tests.bench.rows.profile inbox` (or applied, fanout, page, document).

The server does what the row of that name has it do, under cProfile; printed is, for its event loop and for the thread
that writes, what took longest by itself.
"""

import argparse
import io
import os
import pstats
import re
import signal
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from tests.bench.rows import seeding
from tests.bench.rows.fanout import Publisher, Sink
from tests.bench.rows.inbox import MIX, all_the_way, per_core_second, things_of
from tests.bench.rows.running import BENCH, UNLIMITED, Bench, drained, rested, serving, tool
from tests.processes import eventually
from tests.servers import Server

COUNT, MOST = 1_500, 14
WAITING = ("poll", "SimpleQueue", "_live", "_next")
"""What somebody does who has nothing to do."""


class ProfiledServer(Server):
    def command(self, *arguments: str) -> list[str]:
        if arguments[0] != "serve":
            return super().command(*arguments)
        return [sys.executable, str(BENCH / "profiled.py"), str(self.folder)]

    def begin(self) -> None:
        assert self.process is not None
        self.process.process.send_signal(signal.SIGUSR1)


def inbox(town: ProfiledServer, bench: Bench) -> None:
    town.begin()
    per_core_second(f"{town.base_url}/inbox", _pid(town), COUNT)


def applied(town: ProfiledServer, bench: Bench) -> None:
    all_the_way(town, things_of(town, bench), COUNT, MIX, when_known=town.begin)


def fanout(town: ProfiledServer, bench: Bench) -> None:
    with Sink(town, 50, 500) as sink:
        publisher = Publisher(town)
        publisher.publish()
        drained(town)
        sink.reset()
        publisher.open()
        rested(town)
        town.begin()
        publisher.publish()
        eventually(lambda: sink.arrived() >= 500, seconds=60, what="all of them told")
        drained(town)


def page(town: ProfiledServer, bench: Bench) -> None:
    paths = seeding.pages(bench.rows, 20, 500)
    _read(town, *paths)


def document(town: ProfiledServer, bench: Bench) -> None:
    _read(town, things_of(town, bench)[0].removeprefix(town.base_url), accept="application/activity+json")


def _read(town: ProfiledServer, *paths: str, accept: str = "text/html") -> None:
    asked = ["--base", town.base_url, "--header", f"Accept: {accept}", "--seconds", "3", "--path", *paths]
    tool("load_reads.py", *asked)
    town.begin()
    tool("load_reads.py", *asked)


def _pid(town: Server) -> int:
    assert town.process is not None
    return town.process.process.pid


PATHS: dict[str, Callable[[ProfiledServer, Bench], None]] = {
    "inbox": inbox,
    "applied": applied,
    "fanout": fanout,
    "page": page,
    "document": document,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", choices=PATHS)
    name = parser.parse_args().path
    with ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="fedishare-profile-")))
        bench = Bench(folder=folder, ends=ends, spoiled=False, rows=20_000, seconds=3, scale=1)
        settings = {**UNLIMITED, **({"FEDISHARE_WORKER": "off"} if name == "inbox" else {})}
        town = ProfiledServer(folder / "town", settings=settings)
        town.init("La Remise")
        if name == "page":
            seeding.seed(town, bench.rows)
        with serving(town):
            PATHS[name](town, bench)
        for thread in ("event-loop", "sqlite-writer"):
            show(thread, town.folder / f"{thread}.profile")


def show(thread: str, path: Path) -> None:
    """The functions that took longest by themselves, in parts of all that was done."""
    stats = pstats.Stats(str(path), stream=io.StringIO())
    spent = {
        function: (calls, own)
        for function, (_, calls, own, _, _) in stats.stats.items()  # type: ignore[attr-defined]
        if not any(word in function[2] for word in WAITING)
    }
    whole = sum(own for _, own in spent.values())
    print(f"\n{thread}: {whole:.2f} s")
    for (file, line, function), (calls, own) in sorted(spent.items(), key=lambda item: -item[1][1])[:MOST]:
        where = "" if file == "~" else f" ({os.path.relpath(file).rpartition('site-packages/')[2]}:{line})"
        print(f"  {own / whole:6.1%} {calls:8} {re.sub(r' object at 0x[0-9a-f]+', '', function)}{where}")


if __name__ == "__main__":
    main()
