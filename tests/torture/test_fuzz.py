"""Everything that reads what others send, under mutated inputs: three seconds with all tests, ten minutes in torture.

The seconds may be set by FEDISHARE_FUZZ_SECONDS. Each run of the long form begins with another seed, which it prints.
"""

import os
import re
import subprocess
import sys
import time

import pytest

from tests.figures import Figure
from tests.processes import ROOT
from tests.torture import WHOLE

pytestmark = [pytest.mark.real, pytest.mark.timeout(1_200)]
SECONDS = os.environ.get("FEDISHARE_FUZZ_SECONDS") or ("600" if WHOLE else "3")
SEED = int(time.time()) % 1_000_000 if WHOLE else 4
MOST_MS = 50 if WHOLE else 500  # beside other work even the time of one's own processor says little
READERS = 26


def test_no_reader_stumbles_over_anything(figure: Figure) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.fuzz", "--seconds", SECONDS, "--seed", str(SEED)),
            *("--most-ms", str(MOST_MS)),
        ],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=float(SECONDS) + 300,
        check=False,
    )
    rows = re.findall(r"^ *(\d+) +(\d+) +([\d.]+)  (.+)$", done.stdout, re.MULTILINE)

    figure("seed", SEED, "")
    for executions, _, slowest, reader in rows:
        figure(f"executions: {reader} (slowest {slowest} ms)", int(executions), "")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(rows) == READERS, done.stdout
