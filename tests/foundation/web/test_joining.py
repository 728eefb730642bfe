"""What is written within one turn of the loop goes out in one piece, and nothing of it is lost or late."""

import asyncio

import pytest

from fedishare.foundation.web import joining
from fedishare.foundation.web.joining import Joining


class Wire(asyncio.Transport):
    """Remembers what was done to it."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[object] = []

    def write(self, data: object) -> None:
        self.done.append(data)

    def write_eof(self) -> None:
        self.done.append("eof")

    def close(self) -> None:
        self.done.append("close")

    def abort(self) -> None:
        self.done.append("abort")

    def get_write_buffer_size(self) -> int:
        return 7


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
async def transport(wire: Wire) -> Joining:
    return Joining(wire, asyncio.get_running_loop())


async def test_a_head_and_its_body_go_out_together(transport: Joining, wire: Wire):
    transport.write(b"head ")
    transport.write(b"")
    transport.write(b"body")
    assert wire.done == []
    assert transport.get_write_buffer_size() == 9 + 7

    await asyncio.sleep(0)

    assert wire.done == [b"head body"]
    assert transport.get_write_buffer_size() == 7


@pytest.mark.parametrize(("end", "word"), [("close", "close"), ("write_eof", "eof")])
async def test_what_was_said_goes_out_before_the_end(transport: Joining, wire: Wire, end: str, word: str):
    transport.write(b"last words")

    getattr(transport, end)()
    await asyncio.sleep(0)

    assert wire.done == [b"last words", word]


async def test_nothing_is_said_after_breaking_off(transport: Joining, wire: Wire):
    transport.write(b"never mind")

    transport.abort()
    await asyncio.sleep(0)

    assert wire.done == ["abort"]


async def test_much_is_not_held_back(transport: Joining, wire: Wire):
    transport.write(b"x" * joining.MOST_JOINED)

    assert wire.done == [b"x" * joining.MOST_JOINED]
