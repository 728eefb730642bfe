"""Real servers of ours: `fedishare` processes with a folder, settings and a log each, as an administrator runs them.

Everything goes through the command line and sockets; nothing of the package is imported here.
"""

import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from subprocess import CompletedProcess
from subprocess import run as run_process
from typing import Any

import httpx

from tests.processes import ROOT, Program, free_port
from tests.tls import Names

PASSWORD = "une phrase assez longue pour de vrai"
READY_SECONDS = 30.0


class CommandFailed(AssertionError):
    """A command ended with another exit code than the test expected."""


class Server:
    """One instance: where it lives, how it is set, and its process while it runs."""

    def __init__(
        self,
        folder: Path,
        *,
        base_url: str | None = None,
        database_url: str | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.data = folder / "data"
        self.listen = f"127.0.0.1:{free_port()}"
        self.near_url = f"http://{self.listen}"
        self.base_url = base_url or self.near_url
        self.process: Program | None = None
        self.settings = {
            "FEDISHARE_DATA": str(self.data),
            "FEDISHARE_BASE_URL": self.base_url,
            "FEDISHARE_LISTEN": self.listen,
            "FEDISHARE_ALLOW_NETWORKS": "127.0.0.0/8",
            "FEDISHARE_UPDATE_DELAY": "0",
        }
        if database_url:
            self.settings["FEDISHARE_DATABASE_URL"] = database_url
        self.settings |= dict(settings or {})

    @property
    def env(self) -> dict[str, str]:
        """Nothing of the test run's own environment but what a program needs to start."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return kept | {"LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"} | self.settings

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "fedishare", *arguments]

    def cli(self, *arguments: str, typed: str = "", seconds: float = 60.0) -> str:
        """Run one command to its good end. Returns what it printed."""
        done = self.ran(*arguments, typed=typed, seconds=seconds)
        if done.returncode:
            raise CommandFailed(f"{' '.join(arguments)}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def ran(self, *arguments: str, typed: str = "", seconds: float = 60.0) -> CompletedProcess[str]:
        """Run one command, however it ends."""
        return run_process(
            self.command(*arguments),
            input=typed,
            capture_output=True,
            text=True,
            env=self.env,
            timeout=seconds,
            cwd=ROOT,
        )

    def rows(self, *arguments: str) -> list[dict[str, Any]]:
        """What a command prints with --json: one object a line."""
        return [json.loads(line) for line in self.cli(*arguments, "--json").splitlines() if line.strip()]

    def init(self, name: str, *, admin: str = "nadia") -> "Server":
        """Make the association and its administrator, who signs in with PASSWORD."""
        self.cli(
            *("init", "--base-url", self.base_url, "--name", name, "--handle", "association"),
            *("--admin", admin, "--email", f"{admin}@example.org", "--password-stdin", "--no-input"),
            typed=PASSWORD + "\n",
        )
        return self

    def start(self, *, seconds: float = READY_SECONDS) -> float:
        """Start serving. Returns the seconds until it said that it was ready."""
        begin = time.perf_counter()
        self.process = Program(self.command("serve"), log=self.folder / "server.log", env=self.env)
        try:
            self.process.until(self.is_ready, seconds=seconds, what=f"{self.near_url}/health/ready", every=0.02)
        except BaseException:
            self.process.kill()
            raise
        return time.perf_counter() - begin

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.near_url}/health/ready", timeout=5, trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> int:
        """As an administrator stops it: SIGTERM. Returns the exit code."""
        return self.process.stop(35) if self.process else 0

    def kill(self) -> None:
        """As a power cut stops it."""
        if self.process:
            self.process.kill()

    def __enter__(self) -> "Server":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def behind(names: Names, name: str, folder: Path, **more: Any) -> Server:
    """A server whose public address is `name` behind the TLS proxy that the caller starts."""
    settings = {
        "FEDISHARE_HOSTS_FILE": str(names.hosts_file),
        "FEDISHARE_CA_FILE": str(names.ca_file),
        "FEDISHARE_TRUSTED_PROXIES": "127.0.0.1/32",
    }
    return Server(folder, base_url=names.urls[name], settings=settings | more.pop("settings", {}), **more)
