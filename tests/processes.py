"""Programs that the tests start for real: always bounded in time, always ended, never by a name.

Not for our own server (see `servers`), only what it and every other program have in common: a log file that can be
waited on, a stop that becomes a kill, a death with the parent.
"""

import ctypes
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
ROOT = Path(__file__).resolve().parent.parent
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def free_port(address: str = "127.0.0.1") -> int:
    """A TCP port nobody listens on. Another program may take it in the meantime: callers start soon."""
    with socket.socket() as probe:
        probe.bind((address, 0))
        port: int = probe.getsockname()[1]
        return port


def eventually(look: Callable[[], T | None], *, seconds: float, what: str, every: float = 0.05) -> T:
    """Ask until the answer is true. Raises AssertionError that says what never happened."""
    deadline = time.monotonic() + seconds
    while True:
        if found := look():
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:g} s in vain: {what}")
        time.sleep(every)


class Program:
    """One running program; what it prints goes to `log`."""

    def __init__(
        self, command: Sequence[str], *, log: Path, env: Mapping[str, str] | None = None, typed: bool = False
    ) -> None:
        self.log = log
        self._name = Path(command[0]).name
        with log.open("ab") as out:
            self._seen_from = out.tell()
            self.process = subprocess.Popen(
                list(command),
                stdin=subprocess.PIPE if typed else subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=dict(env) if env is not None else None,
                cwd=ROOT,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def text(self) -> str:
        """What it has printed since its start."""
        return self.log.read_bytes()[self._seen_from :].decode(errors="replace")

    def until(self, look: Callable[[], T | None], *, seconds: float, what: str, every: float = 0.05) -> T:
        """`eventually`, but a program that has ended is not waited for, and its last words are shown."""

        def alive() -> T | None:
            if found := look():
                return found
            if not self.running:
                raise AssertionError(f"{self._name} ended ({self.process.returncode}): {self.text()[-2000:]}")
            return None

        try:
            return eventually(alive, seconds=seconds, what=what, every=every)
        except AssertionError as failure:
            failure.add_note(f"{self._name} printed: {self.text()[-3000:]}")
            raise

    def stop(self, seconds: float = 15.0) -> int:
        """SIGTERM, then SIGKILL when it does not obey. Returns its exit code."""
        if self.running:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
        return self.kill()

    def kill(self) -> int:
        """SIGKILL to it and its children."""
        if self.running:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        if self.process.stdin:
            with suppress(BrokenPipeError):
                self.process.stdin.close()
        return self.process.wait()


def _die_with_parent() -> None:
    """A test run that is itself killed must leave nothing behind (prctl(2))."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
