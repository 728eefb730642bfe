"""Throw inputs at every reader of remote input. Ends with 1 when one of them does not stand it.

python -m tests.fuzz [--seconds 60] [--seed N] [--only NAME] [--most-ms 50]       print executions by reader
python -m tests.fuzz --seed N --only NAME --number M               show one input of such a run again, and what it does
"""

import argparse
import sys

from tests.fuzz.documents import DOCUMENTS
from tests.fuzz.running import MOST_S, Count, input_of, run, tried
from tests.fuzz.texts import TEXTS

PARSERS = (*DOCUMENTS, *TEXTS)
SEED = 4


def main(words: list[str]) -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.fuzz")
    asked.add_argument("--seconds", type=float, default=60)
    asked.add_argument("--seed", type=int, default=SEED)
    asked.add_argument("--only", default="", choices=[parser.name for parser in PARSERS], metavar="NAME")
    asked.add_argument("--number", type=int, default=-1)
    asked.add_argument("--most-ms", type=float, default=MOST_S * 1_000, help="more than a harmless input of its size")
    given = asked.parse_args(words)
    chosen = [parser for parser in PARSERS if given.only in ("", parser.name)]
    if given.number >= 0:
        shown = input_of(chosen[0], given.seed, given.number)
        print(shown)
        read, cost, trouble = tried(chosen[0], given.number, shown)
        print(f"{'read' if read else 'not read'}, {cost * 1_000:.1f} ms, {trouble.why if trouble else 'as it should'}")
        return 1 if trouble else 0
    counts = run(chosen, seconds=given.seconds, seed=given.seed, most_s=given.most_ms / 1_000)
    print_table(counts, seed=given.seed)
    return 1 if any(count.troubles for count in counts) else 0


def print_table(counts: list[Count], *, seed: int) -> None:
    print(f"seed {seed}")
    print(f"{'executions':>10} {'read':>10} {'slowest ms':>10}  reader")
    for count in counts:
        print(f"{count.executions:>10} {count.read:>10} {count.slowest_s * 1_000:>10.1f}  {count.parser}")
    print(f"{sum(count.executions for count in counts):>10} {sum(count.read for count in counts):>10} {'':>10}  all")
    for count in counts:
        for trouble in count.troubles:
            print(f"TROUBLE {trouble}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
