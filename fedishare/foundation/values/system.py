"""What the system says when a file, a folder or an address cannot be had, in words that can be translated.

The system says it in English whatever language the reader has. Knows the answers that people meet; others pass as they
are.
"""

import errno

from fedishare.foundation.values.errors import N_

_TOLD = {
    errno.ENOENT: N_("there is no such file or folder"),
    errno.EACCES: N_("this account may not do that"),
    errno.EPERM: N_("this account may not do that"),
    errno.EISDIR: N_("it is a folder"),
    errno.ENOTDIR: N_("a part of its path is no folder"),
    errno.EEXIST: N_("something else stands there"),
    errno.EROFS: N_("the disk may only be read"),
    errno.ENOSPC: N_("the disk is full"),
    errno.EADDRINUSE: N_("another program uses it"),
    errno.EADDRNOTAVAIL: N_("this machine has no such address"),
}


def told(error: OSError) -> str:
    """A msgid."""
    return _TOLD.get(error.errno or 0, error.strerror or str(error))
