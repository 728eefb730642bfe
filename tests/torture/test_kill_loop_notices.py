"""The kill loop can fail: it finds what a careless server loses, and what a forgetful one keeps twice.

Both are `floor_inbox`, the least inbox there is, told to answer before its commit, or not to look for doubles.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.processes import ROOT, free_port

pytestmark = pytest.mark.real
BENCH = ROOT / "tests" / "bench"


def killed(folder: Path, *how: str) -> dict[str, Any]:
    """The verdict over a floor inbox started with `how`, killed six times within 300 activities."""
    floor = f"{sys.executable} {BENCH}/floor_inbox.py --database {folder}/floor.db"
    port = free_port()
    command = [
        *(sys.executable, str(BENCH / "kill_loop.py")),
        *("--server", f"{floor} --port {port} {' '.join(how)}", "--check", f"{floor} --list"),
        *("--ready", f"http://127.0.0.1:{port}/", "--inbox", f"http://127.0.0.1:{port}/inbox"),
        *("--kills", "6", "--count", "300", "--rate", "200", "--shortest", "0", "--longest", "0.1", "--settle", "2"),
        *("--", "--port", str(free_port())),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100)
    assert done.stdout, done.stderr
    verdict: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert (done.returncode == 0) == verdict["good"]
    return verdict


def test_a_careful_inbox_survives_the_kill_loop(tmp_path: Path) -> None:
    verdict = killed(tmp_path, "--unique")

    assert verdict["good"], verdict
    assert (verdict["kills"], verdict["promised"]) == (6, 300)


def test_an_inbox_that_answers_before_its_commit_is_found_to_lose(tmp_path: Path) -> None:
    verdict = killed(tmp_path, "--unsafe-ack", "--linger", "100")

    assert not verdict["good"]
    assert verdict["lost"] > 0


def test_an_inbox_that_keeps_doubles_is_found_to_double(tmp_path: Path) -> None:
    verdict = killed(tmp_path, "--answer-after", "50")

    assert not verdict["good"]
    assert verdict["doubled"] > 0
