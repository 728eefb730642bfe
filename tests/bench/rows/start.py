"""Memory at rest, and the time from the command to the first answer."""

import asyncio
import compileall
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.bench import http1, measured
from tests.bench.rows import seeding
from tests.bench.rows.measuring import Row
from tests.bench.rows.running import BENCH, Bench, serving
from tests.processes import ROOT, Program

REST_S = 2.0


@contextmanager
def idle(bench: Bench, engine: str) -> Iterator[Sequence[Row]]:
    """One process that does all the work, and has none."""
    town = bench.town("idle", engine=engine)

    def measure() -> float:
        with serving(town) as pid:
            time.sleep(REST_S)
            return measured.tree_memory_mb(pid, "VmRSS")

    yield [Row(job="idle memory", engine=engine, unit="MB", must=80, aim=60, most=True, measure=measure)]


@contextmanager
def first_answer(bench: Bench, engine: str) -> Iterator[Sequence[Row]]:
    """With a million rows: from the command to a page of the list. Of a package that is compiled, as pip leaves it and
    as the libraries of the floor are."""
    compileall.compile_dir(ROOT / "fedishare", quiet=1)
    town = seeding.seeded(bench, engine)

    def measure() -> float:
        begin = time.perf_counter()
        program = Program(town.command("serve"), log=town.folder / "server.log", env=town.env)
        try:
            asyncio.run(http1.wait_until_ready(f"{town.near_url}/search"))
            return time.perf_counter() - begin
        finally:
            program.stop(35)

    def floor() -> float:
        begin = time.perf_counter()
        subprocess.run([sys.executable, str(BENCH / "floor_imports.py")], check=True)
        return time.perf_counter() - begin

    job = "start to first answer, 1 M rows" if bench.rows >= 1_000_000 else f"start to first answer, {bench.rows} rows"
    yield [Row(job=job, engine=engine, unit="s", must=1.5, aim=1.0, most=True, measure=measure, floor=floor)]
