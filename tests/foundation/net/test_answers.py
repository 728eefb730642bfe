"""Reading an answer: the same as h11 reads where both agree that it is one, and refused where it is not clear."""

from contextlib import suppress

import h11
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fedishare.foundation.net import limits
from fedishare.foundation.net.connection import Reply
from fedishare.foundation.values.errors import RemoteTrouble
from tests.foundation.net.wire import GOOD, read


def by_h11(data: bytes, *, method="GET") -> tuple[int, list[tuple[bytes, bytes]], bytes] | None:
    """What h11 makes of it, or None when it makes nothing of it. The connection ends after the last byte."""
    ours = h11.Connection(h11.CLIENT, max_incomplete_event_size=10 * limits.HEAD_BYTES)
    ours.send(h11.Request(method=method, target="/", headers=[("Host", "good.test")]))
    ours.send(h11.EndOfMessage())
    ours.receive_data(data)
    ours.receive_data(b"")
    status, headers, body = None, [], b""
    try:
        while True:
            event = ours.next_event()
            if isinstance(event, h11.Response):
                status, headers = event.status_code, [(name, value) for name, value in event.headers]
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                return status, headers, body
            elif not isinstance(event, h11.InformationalResponse):
                return None
    except h11.RemoteProtocolError:
        return None


def same(reply: Reply, other: tuple[int, list[tuple[bytes, bytes]], bytes]) -> bool:
    """h11 makes the values of some headers lower-case."""
    mine, theirs = ([(name, value.strip().lower()) for name, value in pairs] for pairs in (reply.headers, other[1]))
    return (reply.status, mine, reply.body) == (other[0], theirs, other[2])


@pytest.mark.parametrize("data", GOOD.values(), ids=GOOD)
@pytest.mark.parametrize("size", [1, 7, 10_000])
async def test_an_answer_is_read_as_h11_reads_it(data, size):
    pieces = [data[start : start + size] for start in range(0, len(data), size)]

    reply = await read(*pieces, ends=None)

    expected = by_h11(data)
    assert expected is not None
    assert same(reply, expected)


NAMES = b"Content-Length content-length Transfer-Encoding Connection Upgrade X Location".split()
VALUES = b"0|4|5|04|-1|4, 4|+4|chunked|gzip|gzip, chunked|close|keep-alive|upgrade|| 4 |\t4|4\x00|x\ry|\x80".split(b"|")
HEADERS = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES)), max_size=4)
CHUNKED = [b"4\r\nbody\r\n0\r\n\r\n", b"4\r\nbody\r\n", b"0\r\n\r\n", b"4 \r\nbody\r\n0\r\n\r\n"]
BODIES = st.sampled_from([b"", b"body", b"bodybody", *CHUNKED])
STARTS = st.sampled_from(
    [
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.0 200 OK\r\n",
        b"HTTP/1.1 204 X\r\n",
        b"HTTP/1.1 304 X\r\n",
        b"HTTP/1.1 404\r\n",
        b"HTTP/1.1 100 X\r\n\r\nHTTP/1.1 200 OK\r\n",
        b"HTTP/2 200 OK\r\n",
        b"HTTP/1.1 2000 OK\r\n",
        b"ICY 200 OK\r\n",
    ]
)


@given(start=STARTS, headers=HEADERS, body=BODIES, end=st.sampled_from([b"\r\n", b"\n", b"\r"]))
@example(start=b"HTTP/1.1 200 OK\r\n", headers=[(b"Content-Length", b"4")], body=b"body", end=b"\r\n")
async def test_what_we_read_at_all_h11_reads_the_same(start, headers, body, end):
    data = start + b"".join(name + b": " + value + b"\r\n" for name, value in headers) + end + body
    try:
        reply = await read(data, ends=None)
    except RemoteTrouble:
        return  # to be stricter is our right

    expected = by_h11(data)

    assert expected is not None
    assert same(reply, expected)


@given(st.binary(max_size=200))
@example(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n")
async def test_no_bytes_make_the_reader_stumble(data):
    with suppress(RemoteTrouble):
        await read(data, ends=None)
