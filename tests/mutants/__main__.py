"""Print which line of attack notices which mistake. Ends with 1 when one goes unnoticed.

python -m tests.mutants [WORD …]    only those whose description holds one of the words
"""

import sys

from tests.mutants.trying import MUTANTS, Found, Mutant, all_tried


def main(words: list[str]) -> int:
    chosen = [one for one in MUTANTS if not words or any(word in one.what for word in words)]
    print(f"{'line':<6} {'noticed':<9} {'seconds':>7}  mistake")
    unnoticed = 0
    for mutant, found in all_tried(chosen):
        print(f"{mutant.line:<6} {_word(found):<9} {found.seconds:>7.1f}  {_where(mutant)}: {mutant.what}", flush=True)
        unnoticed += not found.noticed
    print(f"{len(chosen) - unnoticed} of {len(chosen)} noticed")
    return 1 if unnoticed or not chosen else 0


def _word(found: Found) -> str:
    return "yes" if found.noticed else "NO"


def _where(mutant: Mutant) -> str:
    return mutant.file.removeprefix("fedishare/").removesuffix(".py")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
