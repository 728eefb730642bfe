"""What an idle instance costs, and how fast it starts: `python tests/bench/idle.py`, one JSON line per figure.

A new instance on SQLite in a folder of its own, started five times; memory is read after two seconds of rest. Prints
also which modules weigh most at import, so that one sees what to make lazy.
"""

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROUNDS = 5
REST_S = 2.0
ADDRESS = "127.0.0.1:18010"
MOST_MB, MOST_S = 80, 3.0


def main() -> int:
    """Exit code 1 when a bound is missed."""
    with tempfile.TemporaryDirectory() as folder:
        starts, memory = zip(*(one_start(Path(folder)) for _ in range(ROUNDS)), strict=True)
    met = [
        tell("start_s", statistics.median(starts), "s", MOST_S),
        tell("idle_rss_mb", statistics.median(memory), "MB", MOST_MB),
    ]
    for milliseconds, module in heaviest_imports():
        print(json.dumps({"job": "import", "module": module, "value": milliseconds, "unit": "ms"}))
    return 0 if all(met) else 1


def tell(job: str, value: float, unit: str, goal: float) -> bool:
    met = value <= goal
    print(json.dumps({"job": job, "value": round(value, 2), "unit": unit, "goal": goal, "met": met}))
    return met


def one_start(folder: Path) -> tuple[float, float]:
    """Seconds until it is ready, and its memory after a rest."""
    settings = {"FEDISHARE_DATA": str(folder), "FEDISHARE_BASE_URL": f"http://{ADDRESS}", "FEDISHARE_LISTEN": ADDRESS}
    begin = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, "-m", "fedishare", "serve"], env=os.environ | settings, stdout=subprocess.DEVNULL
    )
    try:
        while not ready():
            if server.poll() is not None or time.perf_counter() - begin > 30:
                raise SystemExit(f"the server did not start ({server.returncode})")
            time.sleep(0.01)
        seconds = time.perf_counter() - begin
        time.sleep(REST_S)
        return seconds, resident_mb(server.pid)
    finally:
        server.terminate()
        server.wait(30)


def ready() -> bool:
    try:
        with urllib.request.urlopen(f"http://{ADDRESS}/health/ready", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def resident_mb(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found
    return int(found[1]) / 1000


def heaviest_imports() -> list[tuple[float, str]]:
    """The ten modules that take longest by themselves."""
    command = [sys.executable, "-X", "importtime", "-c", "import fedishare.surfaces.cli.main"]
    lines = subprocess.run(command, capture_output=True, text=True).stderr.splitlines()
    found = [re.match(r"import time:\s+(\d+) \|\s+\d+ \| +(\S+)", line) for line in lines]
    return sorted(((int(each[1]) / 1000, each[2]) for each in found if each), reverse=True)[:10]


if __name__ == "__main__":
    sys.exit(main())
