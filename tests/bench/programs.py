"""What every program of the yardsticks does: read its options, serve until it is told to stop, stop others."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import subprocess
from typing import Any


def parser(description: str | None) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(
        description=(description or "").strip(), formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )


async def serve_asgi(config: Any) -> None:
    """Run uvicorn until SIGTERM or SIGINT, then return (uvicorn alone would raise the signal again)."""
    import uvicorn

    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, lambda: setattr(server, "should_exit", True))
    await server.serve()


def stop(process: subprocess.Popen[Any], seconds: float = 15.0) -> None:
    """SIGTERM, then SIGKILL, to a process that we started."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
