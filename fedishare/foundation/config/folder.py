"""The folder of everything that must be kept, made at the first need and closed to other accounts."""

import os
from pathlib import Path

from fedishare.foundation.config.loading import BadSetting
from fedishare.foundation.values.errors import N_
from fedishare.foundation.values.system import told


def make_folder(folder: Path) -> None:
    """Raises BadSetting when it cannot be made, or when nothing can be kept in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise _bad(folder, told(error)) from None
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise _bad(folder, N_("this account may not do that"))


def _bad(folder: Path, why: str) -> BadSetting:
    problem = N_("nothing can be kept in this folder.")
    return BadSetting(f"FEDISHARE_DATA={folder}", problem, example="/var/lib/fedishare", source=why)
