"""Hints that come from other processes through LISTEN/NOTIFY, on a connection of its own.

When that connection breaks, hints were lost: as soon as there is a new one, everybody is woken to look for themselves.
Now and then everybody is woken in any case. A connection can be dead without anybody being told, and what a process
remembers of rules and keys until it is woken (`policy.domains.Guard`) must not outlive a lost hint by more than that.
"""

import asyncio
from contextlib import suppress
from typing import Any

import structlog

from fedishare.foundation.db.postgres_driver import connect, errors
from fedishare.foundation.db.wakes import Wakes
from fedishare.foundation.values.errors import Misconfigured

CHANNEL = "fedishare"
RETRY_S = 1.0
LOOK_S = 15.0
"""So long at most is anybody left in peace."""
log = structlog.get_logger()


class Ear:
    """Listens from its making until `close`."""

    def __init__(self, url: str, wakes: Wakes, *, look_s: float = LOOK_S) -> None:
        self._url = url
        self._wakes = wakes
        self._look_s = look_s
        self._broken = asyncio.Event()
        self._task = asyncio.create_task(self._live(), name="postgres-wakes")

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _live(self) -> None:
        lost: tuple[type[Exception], ...] = (*errors(), Misconfigured)
        while True:
            try:
                await self._listen()
            except lost as error:
                log.warning("wake_connection_lost", detail=str(error), next_in_s=RETRY_S)
            self._wakes.call_all()
            await asyncio.sleep(RETRY_S)

    async def _listen(self) -> None:
        """Until the connection breaks."""
        self._broken.clear()
        connection = await connect(self._url)
        try:
            connection.add_termination_listener(lambda _: self._broken.set())
            await connection.add_listener(CHANNEL, self._heard)
            self._wakes.call_all()
            while not self._broken.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._broken.wait(), self._look_s)
                await connection.execute("select 1", timeout=self._look_s)
                self._wakes.call_all()
        finally:
            connection.terminate()

    def _heard(self, connection: Any, pid: int, channel: str, whom: str) -> None:
        self._wakes.call([whom])
