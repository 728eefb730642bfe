"""One HTTP message after the other on a socket, and a client that sends the same bytes until they are taken."""

import asyncio
from dataclasses import dataclass

PATIENCE_S = 10.0
PAUSE_S = 0.05


@dataclass(frozen=True)
class Message:
    """`first` is the request line, or the line with the status."""

    first: str
    headers: dict[str, str]
    body: bytes

    @property
    def status(self) -> int:
        return int(self.first.split()[1])


async def read_message(reader: asyncio.StreamReader) -> Message | None:
    """None when the other side has nothing more to say. Raises IncompleteReadError in the middle of a message."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError as end:
        if end.partial:
            raise
        return None
    first, *lines = head.strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Message(first, headers, body)


class Sender:
    """One keep-alive connection to a server that may die at any moment."""

    def __init__(self, listen: str) -> None:
        self._host, _, self._port = listen.partition(":")
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.tries = 0

    async def until_taken(self, request: bytes) -> Message:
        """The first answer below 500."""
        while True:
            self.tries += 1
            try:
                async with asyncio.timeout(PATIENCE_S):
                    answer = await self._exchange(request)
            except (OSError, TimeoutError, asyncio.IncompleteReadError):
                answer = None
            if answer is not None and answer.status < 500:
                return answer
            self.close()
            await asyncio.sleep(PAUSE_S)

    async def _exchange(self, request: bytes) -> Message | None:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, int(self._port))
        reader, writer = self._streams
        writer.write(request)
        return await read_message(reader)

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None
