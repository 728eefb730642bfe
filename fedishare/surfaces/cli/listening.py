"""Where the server waits: an address with a port, or a Unix socket for the proxy beside it.

Bound before anything else is opened, so that an address that is taken is told at once and in words.
"""

import resource
import socket
import stat
from pathlib import Path

from fedishare.foundation.text.translate import _
from fedishare.foundation.values.errors import Misconfigured
from fedishare.foundation.values.system import told

BACKLOG = 2048
MOST_CONNECTIONS = 2_000
MOST_FILES = 8_192
SOCKET_MODE = 0o660
"""The proxy belongs to the same group; nobody else needs to come this way."""


def listen_on(address: str) -> list[socket.socket]:
    """Sockets that listen already. Raises Misconfigured when the address cannot be had."""
    try:
        if address.startswith("unix:"):
            return [_at_path(Path(address.removeprefix("unix:")))]
        host, _colon, port = address.rpartition(":")
        return [_at_port(host.strip("[]"), int(port))]
    except OSError as error:
        raise Misconfigured(
            _(
                "FEDISHARE_LISTEN=%(address)s: nobody can listen there (%(why)s). Free it, or choose another, "
                "for example %(other)s.",
                address=address,
                why=_(told(error)),
                other=_other_than(address),
            )
        ) from None


def most_connections() -> int:
    """As many as there may be at once. The system often allows a thousand open files; we ask for more, and keep half
    of them for the database and for what goes out."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return min(MOST_CONNECTIONS, max(soft, allowed) // 2)


def _other_than(address: str) -> str:
    """The next port; a usual address instead of a socket."""
    host, _colon, port = address.rpartition(":")
    return f"{host}:{int(port) % 65535 + 1}" if port.isdecimal() else "127.0.0.1:8000"


def _at_port(host: str, port: int) -> socket.socket:
    family, kind, protocol, _name, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return _listening(listener, place)


def _at_path(path: Path) -> socket.socket:
    """A socket file that a killed server left behind is removed; anything else at its place is not ours to remove."""
    if path.exists() and stat.S_ISSOCK(path.stat().st_mode):
        path.unlink()
    listener = _listening(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM), str(path))
    path.chmod(SOCKET_MODE)
    return listener


def _listening(listener: socket.socket, place: object) -> socket.socket:
    try:
        listener.bind(place)  # type: ignore[arg-type]  # a path or an address, by family
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener
