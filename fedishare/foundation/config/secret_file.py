"""The file of the master secret: 32 random bytes, readable by their owner alone (SECURITY 6.10).

What is derived from it: `foundation/values/secrets.py`.
"""

import os
import secrets
import stat
from pathlib import Path

from fedishare.foundation.config.folder import make_folder
from fedishare.foundation.config.loading import BadSetting
from fedishare.foundation.values.errors import N_
from fedishare.foundation.values.system import told

_SIZE = 32


def read_or_make_master(path: Path) -> bytes:
    """The master secret; made when there is none yet. Raises BadSetting as `read_master`."""
    if not path.exists():
        _make(path)
    return read_master(path)


def read_master(path: Path) -> bytes:
    """Raises BadSetting when the file is missing, too short, or may be read by others."""
    try:
        others_may = path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        master = path.read_bytes()
    except OSError as error:
        raise _bad(path, N_("the master secret cannot be read."), told(error)) from None
    if others_may:
        raise _bad(path, N_("others may read the master secret; run chmod 600 on it."), "")
    if len(master) != _SIZE:
        raise _bad(path, N_("this is not a master secret of 32 bytes; put the right file back."), "")
    return master


def _make(path: Path) -> None:
    """Written under another name first: a crash must not leave half a secret in its place."""
    make_folder(path.parent)
    draft = path.with_name(path.name + ".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, secrets.token_bytes(_SIZE))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    os.link(draft, path)
    draft.unlink()


def _bad(path: Path, problem: str, detail: str) -> BadSetting:
    return BadSetting(f"FEDISHARE_SECRET_FILE={path}", problem, example="/etc/fedishare/secret.key", source=detail)
