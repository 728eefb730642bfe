"""From a host's name to the addresses that we may connect to.

The hosts file is read first, then DNS. Every address of the answer is checked before the first is called, and the
connection then goes to the checked address: a name that changes its mind in between changes nothing (SECURITY 0.8).
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from fedishare.foundation.config.loading import BadSetting
from fedishare.foundation.net.addresses import Address, Network, is_public, lies_in, read_address
from fedishare.foundation.net.limits import ADDRESSES, LOOKUPS
from fedishare.foundation.net.urls import PORTS, Location
from fedishare.foundation.values.errors import N_, Unreachable, Untrusted

_EXAMPLE = "127.0.0.1 la-remise.test"

Resolver = Callable[[str], Awaitable[Sequence[str]]]
"""From a name to its addresses. Raises OSError when there is none now."""


class SystemResolver:
    """The machine's own resolver, in threads of its own: names that never answer hold up no other work."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(LOOKUPS, thread_name_prefix="resolver")

    async def __call__(self, host: str) -> Sequence[str]:
        found = await asyncio.get_running_loop().run_in_executor(self._threads, _look_up, host)
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _look_up(host: str) -> Sequence[tuple[object, object, object, object, tuple[object, ...]]]:
    return socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)


def read_hosts(path: Path) -> dict[str, tuple[str, ...]]:
    """A hosts(5) file: an address, then names. Raises BadSetting with the line that cannot be read."""
    shown = f"FEDISHARE_HOSTS_FILE={path}"
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(shown, N_("the hosts file cannot be read."), example=_EXAMPLE, source=str(error)) from None
    found: dict[str, tuple[str, ...]] = {}
    for number, line in enumerate(lines, start=1):
        words = line.partition("#")[0].lower().split()
        try:
            for name in words[1:]:
                found[name] = (*found.get(name, ()), str(read_address(words[0])))
        except ValueError:
            source = f"{path}, line {number}"
            raise BadSetting(
                f"FEDISHARE_HOSTS_FILE: {line.strip()}",
                N_("a line of a hosts file begins with an address."),
                example=_EXAMPLE,
                source=source,
            ) from None
    return found


class Guard:
    """Decides whether a host is called, and at which addresses."""

    def __init__(self, resolver: Resolver, hosts: Mapping[str, tuple[str, ...]], allowed: Sequence[Network]) -> None:
        self._resolver = resolver
        self._hosts = hosts
        self._allowed = allowed

    async def addresses(self, location: Location) -> Sequence[Address]:
        """At least one address, all of them checked.

        Raises Untrusted when one of them is not for us (a host with one inner address is refused as a whole), or when
        the scheme or port is for test networks only; Unreachable when the name has no address.
        """
        found = await self._found(location.host)
        if self._allowed and all(lies_in(address, self._allowed) for address in found):
            return found[:ADDRESSES]
        for address in found:
            if not is_public(address):
                raise Untrusted(
                    N_("%(host)s is at %(address)s, which we do not call"), host=location.host, address=address
                )
        if not location.secure or location.port != PORTS["https"]:
            raise Untrusted(
                N_("%(scheme)s at port %(port)s of %(host)s: only https at 443 is called"),
                scheme=location.scheme,
                port=location.port,
                host=location.host,
            )
        return found[:ADDRESSES]

    async def _found(self, host: str) -> Sequence[Address]:
        try:
            return [read_address(host)]
        except ValueError:
            pass
        try:
            texts = self._hosts.get(host) or await self._resolver(host)
        except (OSError, UnicodeError) as error:
            raise Unreachable(N_("%(host)s has no address"), host=host) from error
        try:
            found = [read_address(text) for text in texts]
        except ValueError as error:
            raise Untrusted(f"{host}: {error}") from None
        if not found:
            raise Unreachable(N_("%(host)s has no address"), host=host)
        return found
