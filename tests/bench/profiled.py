"""`fedishare serve` under cProfile: the event loop from SIGUSR1 on, every other thread from its beginning.

Writes one file a thread into the folder that is its argument, when the server ends. Counting calls costs most where
calls are short: the shares say where to look, the seconds say nothing.
"""

import cProfile
import signal
import sys
import threading
from pathlib import Path
from runpy import run_module

FOLDER = Path(sys.argv[1])
LOOP = cProfile.Profile()
_run = threading.Thread.run


def run(thread: threading.Thread) -> None:
    profile = cProfile.Profile()
    profile.enable()
    try:
        _run(thread)
    finally:
        profile.disable()
        profile.dump_stats(FOLDER / f"{thread.name.partition(' ')[0]}.profile")


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, lambda *_: LOOP.enable())
    threading.Thread.run = run  # type: ignore[method-assign]
    sys.argv = ["fedishare", "serve"]
    try:
        run_module("fedishare", run_name="__main__")
    finally:
        LOOP.disable()
        LOOP.dump_stats(FOLDER / "event-loop.profile")
