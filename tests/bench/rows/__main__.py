"""`make bench`: each row of the table, Fedishare and its floor in turns; prints the table and writes bench.json.

    python -m tests.bench.rows --rounds 1 --only inbox

Exit code 1 when a row misses its *must* by more than the slack.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

from tests.bench.rows import disk, fanout, inbox, reads, start
from tests.bench.rows.measuring import HEAD, Rounds, Row, line, table
from tests.bench.rows.running import Bench
from tests.processes import ROOT

Group = Callable[[Bench, str], AbstractContextManager[Sequence[Row]]]
GROUPS: list[tuple[str, str, Group]] = [
    ("inbox", "sqlite", inbox.accepted),
    ("applied", "sqlite", inbox.applied),
    ("fanout", "sqlite", fanout.plain),
    ("fanout-tls", "sqlite", fanout.tls),
    ("dead", "sqlite", fanout.mostly_dead),
    ("reads", "sqlite", reads.all_of_them),
    ("start", "sqlite", start.first_answer),
    ("idle", "sqlite", start.idle),
    ("disk", "sqlite", disk.per_proposal),
    ("inbox", "postgres", inbox.accepted),
    ("applied", "postgres", inbox.applied),
    ("fanout", "postgres", fanout.plain),
    ("disk", "postgres", disk.per_proposal),
    ("reads", "postgres", reads.all_of_them),
]


def main() -> int:
    options = _options()
    begin = time.monotonic()
    measured: list[Rounds] = []
    with ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="fedishare-bench-")))
        bench = Bench(
            folder=folder,
            ends=ends,
            spoiled=options.spoiled,
            rows=options.rows,
            seconds=options.seconds,
            scale=options.scale,
        )
        for name, engine, group in GROUPS:
            if wanted(name, engine, options):
                measured += rounds_of(group, bench, engine, options.rounds)
                options.out.write_text(json.dumps([each.record() for each in measured], indent=1) + "\n")
    print(f"\n{options.rounds} rounds, {time.monotonic() - begin:.0f} s\n{table(measured)}")
    return 0 if measured and all(rounds.met for rounds in measured) else 1


def wanted(name: str, engine: str, options: argparse.Namespace) -> bool:
    return engine in options.engine.split(",") and (not options.only or name in options.only.split(","))


def rounds_of(group: Group, bench: Bench, engine: str, rounds: int) -> list[Rounds]:
    """All rounds of rows that share a server; the side that begins changes from round to round."""
    with group(bench, engine) as rows:
        measured = [Rounds(row) for row in rows]
        for number in range(rounds):
            for each in measured:
                each.one_more(floor_first=number % 2 == 0)
    print("\n".join(map(line, measured)), flush=True)
    return measured


def _options() -> argparse.Namespace:
    names = sorted({name for name, _, _ in GROUPS})
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="each measures both sides once (5)")
    parser.add_argument("--only", default="", help=f"some of {', '.join(names)}, with commas")
    parser.add_argument("--engine", default="sqlite,postgres", help="sqlite, postgres, or both with a comma")
    parser.add_argument("--rows", type=int, default=1_000_000, help="stored proposals (1,000,000)")
    parser.add_argument("--seconds", type=float, default=3.0, help="length of a run of reads (3)")
    parser.add_argument("--scale", type=float, default=1.0, help="how much is sent, against the usual (1)")
    parser.add_argument("--spoiled", action="store_true", help="the negative control: every row must be missed")
    parser.add_argument("--out", type=Path, default=ROOT / "bench.json", help="where the figures are written")
    options = parser.parse_args()
    print(HEAD, flush=True)
    return options


if __name__ == "__main__":
    sys.exit(main())
