"""Connections kept per host, so that a hundred deliveries to one server cost one handshake.

A dictionary from origin to its few connections; no search through all of them, whatever their number. Bounded per host,
bounded as a whole, and let go after a few seconds without work.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from fedishare.foundation.net import limits
from fedishare.foundation.net.connection import ClosedEarly, Connection, Reply
from fedishare.foundation.net.urls import Location


class _Host:
    """Connections to one origin: `users` are callers on their way, `idle` waits for the next, newest last."""

    def __init__(self) -> None:
        self.slots = asyncio.Semaphore(limits.PER_HOST)
        self.users = 0
        self.idle: list[Connection] = []


class Pool:
    """`open_connection` makes a new one. Its errors, and those of `Connection.exchange`, pass through."""

    def __init__(self, open_connection: Callable[[Location], Awaitable[Connection]]) -> None:
        self._open = open_connection
        self._hosts: dict[str, _Host] = {}
        self._idle: OrderedDict[Connection, str] = OrderedDict()
        self._sweep: asyncio.TimerHandle | None = None

    async def exchange(
        self, location: Location, written: Callable[[], bytes], *, cap: int, head_only: bool = False, cut: bool = False
    ) -> Reply:
        """Send on a kept connection, or on a new one; waits while the host has as many as it may.

        What is `written` is asked for when a connection stands.
        """
        origin = f"{location.scheme}://{location.authority}"
        host = self._hosts.setdefault(origin, _Host())
        host.users += 1
        try:
            async with host.slots:
                connection = self._kept(host)
                if connection is not None:
                    try:
                        reply = await _sent(connection, written, cap=cap, head_only=head_only, cut=cut)
                    except ClosedEarly:
                        # The server hung up while our request was on its way, without a word: once more on a fresh
                        # connection. For POST too: what we post are activities, which count once however often they
                        # come (WIRE "Inbox and outbox"), and the queue would repeat them in any case.
                        connection = None
                if connection is None:
                    connection = await self._open(location)
                    reply = await _sent(connection, written, cap=cap, head_only=head_only, cut=cut)
                self._keep(connection, host, origin)
                return reply
        finally:
            host.users -= 1
            self._forget(origin, host)

    def close(self) -> None:
        """Let go of all kept connections."""
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        while self._idle:
            self._drop_oldest()

    def _kept(self, host: _Host) -> Connection | None:
        while host.idle:
            connection = host.idle.pop()
            del self._idle[connection]
            if connection.usable:
                return connection
        return None

    def _keep(self, connection: Connection, host: _Host, origin: str) -> None:
        if not connection.usable:
            return
        loop = asyncio.get_running_loop()
        connection.idle_since = loop.time()
        host.idle.append(connection)
        self._idle[connection] = origin
        if len(self._idle) > limits.IDLE_CONNECTIONS:
            self._drop_oldest()
        if self._sweep is None:
            self._sweep = loop.call_later(limits.IDLE_S, self._drop_unused)

    def _drop_unused(self) -> None:
        self._sweep = None
        loop = asyncio.get_running_loop()
        while self._idle and next(iter(self._idle)).idle_since <= loop.time() - limits.IDLE_S:
            self._drop_oldest()
        if self._idle:
            rest = next(iter(self._idle)).idle_since + limits.IDLE_S - loop.time()
            self._sweep = loop.call_later(rest, self._drop_unused)

    def _drop_oldest(self) -> None:
        connection, origin = self._idle.popitem(last=False)
        connection.close()
        host = self._hosts[origin]
        host.idle.remove(connection)
        self._forget(origin, host)

    def _forget(self, origin: str, host: _Host) -> None:
        if not host.users and not host.idle:
            self._hosts.pop(origin, None)


async def _sent(connection: Connection, written: Callable[[], bytes], *, cap: int, head_only: bool, cut: bool) -> Reply:
    request = b""
    try:
        request = written()
    finally:
        if not request:
            connection.close()  # nobody else knows of it
    return await connection.exchange(request, cap=cap, head_only=head_only, cut=cut)
