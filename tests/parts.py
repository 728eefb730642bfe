"""Brings the real parts that the tests need and Python cannot carry: `python -m tests.parts`, run by `make test`.

Debian's packages by apt when they are missing and we may install them; npm's packages as the lock file says. Where
something cannot be had, it says so and goes on: the tests that need it then fail by name.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.foreign import node

POSTGRES = Path("/usr/lib/postgresql")
PACKAGES = {"postgresql": "postgresql", "caddy": "caddy", "chromium": "chromium"}


def missing() -> list[str]:
    """Debian packages whose program is not here."""
    found = {
        "postgresql": any(POSTGRES.glob("*/bin/initdb")) or shutil.which("initdb"),
        "caddy": shutil.which("caddy"),
        "chromium": shutil.which("chromium"),
    }
    return [PACKAGES[part] for part, there in found.items() if not there]


def main() -> int:
    packages = missing()
    if packages and not _may_install():
        _say(f"Missing: {', '.join(packages)}. As root: apt-get install {' '.join(packages)}")
    elif packages:
        _say(f"Installing Debian's {', '.join(packages)}…")
        _apt(packages)
    for folder in node.FOLDERS:
        try:
            node.install(folder)
        except AssertionError as trouble:
            _say(str(trouble))
    return 0


def _may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _apt(packages: list[str]) -> None:
    """Services that Debian would start are not wanted: the tests start their own."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        done = subprocess.run(["apt-get", "-q", *command], env=quiet, capture_output=True, text=True)
        if done.returncode:
            _say(f"apt-get {command[0]} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
            return


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
