"""Put a mistake into a copy of the project, and see whether the tests of its line fail there.

First the tests of all the lines must pass in the copy as it is: else a failure would prove nothing. A mutant counts as
noticed when pytest says that tests failed (exit code 1), never when it could not run them.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from msgspec import Struct, convert

from tests.attacks.lines import LINES
from tests.attacks.test_lines import tried
from tests.sources import ROOT

AT_ONCE = 2
DEADLINE_S = 300
_LEFT_OUT = shutil.ignore_patterns("node_modules", "shots", "foreign", "__pycache__", ".*")
_FAILED = 1


class Mutant(Struct, frozen=True, kw_only=True):
    """In `file`, the one place that reads `old` reads `new` instead. `line` is the attack that must then succeed."""

    what: str
    file: str
    old: str
    new: str
    line: str


class Found(Struct, frozen=True, kw_only=True):
    """What became of one."""

    noticed: bool
    seconds: float
    said: str


MUTANTS = [
    convert(one, Mutant) for one in tomllib.loads(Path(__file__).with_name("mutants.toml").read_text())["mutant"]
]


def all_tried(mutants: Sequence[Mutant], *, at_once: int = AT_ONCE) -> Iterator[tuple[Mutant, Found]]:
    """In the order given. Raises AssertionError when the tests fail without any mistake."""
    with tempfile.TemporaryDirectory(prefix="fedishare-mutants-") as folder, ThreadPoolExecutor(at_once) as pool:
        unharmed = _copy(Path(folder) / "unharmed")
        found = _run(unharmed, sorted({mutant.line for mutant in mutants}))
        assert found.said.endswith("exit 0"), f"the tests fail as they are: {found.said}"
        yield from zip(mutants, pool.map(lambda one: _try(one, Path(folder)), mutants), strict=True)


def mutated(mutant: Mutant) -> str:
    """The whole file with the mistake in it. Raises ValueError when there is not exactly one place for it."""
    text = (ROOT / mutant.file).read_text(encoding="utf-8")
    if text.count(mutant.old) != 1:
        raise ValueError(f"{mutant.file} holds {text.count(mutant.old)} times: {mutant.old}")
    return text.replace(mutant.old, mutant.new)


def _try(mutant: Mutant, folder: Path) -> Found:
    project = _copy(folder / re.sub(r"\W+", "-", mutant.what)[:60])
    (project / mutant.file).write_text(mutated(mutant), encoding="utf-8")
    found = _run(project, [mutant.line])
    shutil.rmtree(project)
    return found


def _copy(project: Path) -> Path:
    for name in ("fedishare", "migrations", "tests"):
        shutil.copytree(ROOT / name, project / name, ignore=_LEFT_OUT)
    shutil.copy(ROOT / "pyproject.toml", project)
    return project


def _run(project: Path, lines: Sequence[str]) -> Found:
    """The tests of these lines, on SQLite, in a process whose code is the copy's."""
    begun = time.monotonic()
    modules = sorted({str(path.relative_to(ROOT)) for line in lines for path in tried()[line]})
    arguments = ["-q", "-x", "-p", "no:cacheprovider", "--only-lines", ",".join(lines), *modules]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=project,
        env={"PATH": "/usr/bin:/bin", "CI": "true", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    said = f"{ended.stdout[-1_500:]}{ended.stderr[-500:]}\nexit {ended.returncode}"
    return Found(noticed=ended.returncode == _FAILED, seconds=time.monotonic() - begun, said=said)


assert {mutant.line for mutant in MUTANTS} <= LINES.keys()
