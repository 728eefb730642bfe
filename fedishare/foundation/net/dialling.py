"""Opening a connection to a checked address, with TLS under the name that was asked for."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

from fedishare.foundation.config.loading import BadSetting
from fedishare.foundation.net import limits
from fedishare.foundation.net.addresses import Address
from fedishare.foundation.net.connection import Connection
from fedishare.foundation.net.resolving import Guard
from fedishare.foundation.net.urls import Location
from fedishare.foundation.values.errors import N_, Unreachable

Connector = Callable[[Location, Address], Awaitable[Connection]]
"""Connects to one address. Raises OSError. Tests bring their own, which leads to a server of theirs."""


class Sockets:
    """The connector of every real instance. The trusted certificates are loaded when the first https is called."""

    def __init__(self, ca_file: Path | None) -> None:
        """Raises BadSetting when `ca_file` holds no certificates."""
        self._ca_file = ca_file
        self._tls: ssl.SSLContext | None = None
        if ca_file is not None:
            _trust(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ca_file)

    async def __call__(self, location: Location, address: Address) -> Connection:
        _, connection = await asyncio.get_running_loop().create_connection(
            Connection,
            str(address),
            location.port,
            ssl=self._context() if location.secure else None,
            server_hostname=location.host if location.secure else None,
        )
        return connection

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()
            self._tls.minimum_version = ssl.TLSVersion.TLSv1_2
            self._tls.set_alpn_protocols(["http/1.1"])
            if self._ca_file is not None:
                _trust(self._tls, self._ca_file)
        return self._tls


def _trust(context: ssl.SSLContext, ca_file: Path) -> None:
    try:
        context.load_verify_locations(ca_file)
    except OSError as error:
        raise BadSetting(
            f"FEDISHARE_CA_FILE={ca_file}",
            N_("there are no certificates in this file (PEM)."),
            example="/etc/fedishare/ca.pem",
            source=str(error),
        ) from None


async def dial(location: Location, guard: Guard, connector: Connector) -> Connection:
    """The first address that answers. Raises Untrusted before any packet is sent, Unreachable after all were tried."""
    addresses = await guard.addresses(location)
    trouble = ""
    for address in addresses:
        patience = limits.CONNECT_S if address == addresses[-1] else limits.NEXT_ADDRESS_S
        try:
            async with asyncio.timeout(patience):
                return await connector(location, address)
        except TimeoutError:
            trouble = f"no connection within {patience:g} s"
        except OSError as error:
            trouble = str(error)
    raise Unreachable(N_("%(host)s cannot be reached: %(why)s"), host=location.authority, why=trouble)
