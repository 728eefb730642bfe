"""Whom a command means: a name of somebody here, a handle or the address of somebody elsewhere."""

from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.fetching.fetcher import Fetcher
from fedishare.foundation.db.access import Read
from fedishare.foundation.terminal import Terminal
from fedishare.foundation.text.translate import _
from fedishare.foundation.values.errors import Malformed


def local(terminal: Terminal, name: str) -> Actor:
    """The association when no name is given. The command ends where nobody is called so."""
    if not name:
        return terminal.read(actors.association)
    found = terminal.read(actors.local_by_name, name.removeprefix("@"))
    if found is None or found.deleted_at is not None:
        words = _("Nobody here is called %(name)s. `fedishare user list` shows who there is.")
        terminal.fail(words % {"name": name})
    return found


async def stored(read: Read, handle: str) -> Actor | None:
    """Somebody already stored: to answer or to end something, nobody has to be asked."""
    if "://" in handle:
        return await actors.by_uri(read, handle)
    name, _at, domain = handle.removeprefix("@").partition("@")
    return await actors.by_handle(read, name, domain)


async def looked_up(fetcher: Fetcher, handle: str, *, fresh: bool = False) -> Actor:
    """Raises RemoteTrouble; what makes no sense is told with the address it is found at."""
    try:
        return await (fetcher.actor(handle, fresh=fresh) if "://" in handle else fetcher.actor_by_handle(handle))
    except Malformed as trouble:
        raise Malformed(f"{handle}: {trouble}") from None
