"""On SQLite one process serves and works: a second one would answer from caches that the first has overtaken.

The lock is the kernel's, so that it ends with the process however that ends; the file holds the number of who has it.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from fedishare.foundation.config.folder import make_folder
from fedishare.foundation.config.settings import Settings
from fedishare.foundation.text.translate import _
from fedishare.foundation.values.errors import Misconfigured

FILE_NAME = "serving.lock"


@contextmanager
def only_process(settings: Settings) -> Iterator[None]:
    """Hold the data folder alone, when it has to be. Raises Misconfigured while another process has it."""
    if not settings.on_sqlite:
        yield
        return
    folder = settings.database_file.parent
    make_folder(folder)
    descriptor = os.open(folder / FILE_NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _take(descriptor)
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(descriptor, 32).decode(errors="replace").strip() or "?"
        raise Misconfigured(
            _(
                "Another process (%(number)s) serves this data folder, and SQLite wants it alone. Stop that one first; "
                "several processes side by side need PostgreSQL (FEDISHARE_DATABASE_URL=postgresql://…).",
                number=holder,
            )
        ) from None
