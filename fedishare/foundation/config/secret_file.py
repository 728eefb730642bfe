"""The file of the master secret: 32 random bytes, readable by their owner alone (SECURITY 6.10).

While the secret is being replaced the file holds the new one and, behind it, those before: whoever reads it then, even
after a crash, opens everything. What is derived from it: `foundation/values/secrets.py`.
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
_MOST = 4

Masters = tuple[bytes, ...]
"""The secret of today first."""


def read_or_make_masters(path: Path) -> Masters:
    """The master secret; made when there is none yet. Raises BadSetting as `read_masters`."""
    if not path.exists():
        make_folder(path.parent)
        draft = _draft(path, secrets.token_bytes(_SIZE))
        os.link(draft, path)
        draft.unlink()
    return read_masters(path)


def read_masters(path: Path) -> Masters:
    """Raises BadSetting when the file is missing, too short, or may be read by others."""
    try:
        others_may = path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        content = path.read_bytes()
    except OSError as error:
        raise _bad(path, N_("the master secret cannot be read."), told(error)) from None
    if others_may:
        raise _bad(path, N_("others may read the master secret; run chmod 600 on it."), "")
    if len(content) % _SIZE or not 1 <= len(content) // _SIZE <= _MOST:
        raise _bad(path, N_("this is not a master secret of 32 bytes; put the right file back."), "")
    return tuple(content[start : start + _SIZE] for start in range(0, len(content), _SIZE))


def begin_replacing(path: Path) -> bytes:
    """The new secret, now in front of the one there is; that of a replacement that was interrupted is given again.

    Raises BadSetting as `read_masters`, and when the file cannot be written.
    """
    masters = read_masters(path)
    if len(masters) == 1:
        masters = (secrets.token_bytes(_SIZE), *masters)
        _write(path, masters)
    return masters[0]


def end_replacing(path: Path) -> None:
    """Only the new secret stays. Raises BadSetting."""
    _write(path, read_masters(path)[:1])


def _write(path: Path, masters: Masters) -> None:
    try:
        _draft(path, b"".join(masters)).replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
    except OSError as error:
        raise _bad(path, N_("the master secret cannot be written."), told(error)) from None


def _draft(path: Path, content: bytes) -> Path:
    """Written under another name first: a crash must not leave half a secret in its place."""
    draft = path.with_name(path.name + ".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return draft


def _bad(path: Path, problem: str, detail: str) -> BadSetting:
    return BadSetting(f"FEDISHARE_SECRET_FILE={path}", problem, example="/etc/fedishare/secret.key", source=detail)
