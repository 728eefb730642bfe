"""Reading an answer: the same as h11 reads where both agree that it is one, and refused where it is not clear."""

import asyncio
from contextlib import suppress

import h11
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fedishare.foundation.net import limits
from fedishare.foundation.net.connection import ClosedEarly, Connection, Reply
from fedishare.foundation.values.errors import Malformed, RemoteTrouble, Unreachable

CAP = 1_000


class Wire(asyncio.Transport):
    """A wire to nobody, for one connection: what it says is fed in by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = b""
        self.aborted = False

    def write(self, data: bytes) -> None:
        self.sent += data

    def abort(self) -> None:
        self.aborted = True

    def is_closing(self) -> bool:
        return self.aborted


async def exchange(pieces, *, cap=CAP, method="GET", ends=None) -> tuple[Reply, bool]:
    """What comes of these bytes, and whether the connection may serve again. `ends` closes it: None or an error."""
    wire, connection = Wire(), Connection()
    connection.connection_made(wire)
    waiting = asyncio.ensure_future(connection.exchange(b"request", cap=cap, head_only=method == "HEAD"))
    await asyncio.sleep(0)
    for piece in pieces:
        if not waiting.done():
            connection.data_received(piece)
    if ends is not False:
        connection.connection_lost(ends)
        with suppress(RemoteTrouble):
            await waiting
        return await waiting, False
    await asyncio.sleep(0)
    if not waiting.done():
        waiting.cancel()
        with suppress(asyncio.CancelledError):
            await waiting
        raise TimeoutError
    return waiting.result(), connection.usable


async def read(*pieces: bytes, **how) -> Reply:
    return (await exchange(pieces, ends=how.pop("ends", False), **how))[0]


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


def chunked(*chunks: bytes, extension: bytes = b"", trailer: bytes = b"") -> bytes:
    said = b"".join(b"%x%s\r\n%s\r\n" % (len(chunk), extension, chunk) for chunk in chunks)
    return said + b"0\r\n" + trailer + b"\r\n"


GOOD = {
    "a length": b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody",
    "no body": b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n",
    "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"bo", b"dy"),
    "chunks in capitals": b"HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n" + chunked(b"body"),
    "chunks with extensions": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    + chunked(b"b", extension=b";a=b"),
    "chunks with trailers": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    + chunked(b"b", trailer=b"X: y\r\n"),
    "until the end": b"HTTP/1.1 200 OK\r\n\r\nbody",
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\n\r\nbody",
    "HTTP/1.0 with a length": b"HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nbody",
    "no reason": b"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n",
    "204": b"HTTP/1.1 204 No Content\r\n\r\n",
    "304": b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n",
    "304 with a length": b"HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n",
    "after 100": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody",
    "after 103": b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody",
    "many headers": b"HTTP/1.1 200 OK\r\nA: b\r\na: c\r\nEmpty:\r\nSpaces:   d  \r\nContent-Length: 0\r\n\r\n",
    "an upgrade on offer": b"HTTP/1.1 200 OK\r\nUpgrade: h2\r\nConnection: Upgrade\r\nContent-Length: 1\r\n\r\nx",
    "latin-1": "HTTP/1.1 200 OK\r\nX: é\r\nContent-Length: 0\r\n\r\n".encode("latin-1"),
}


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


# --- what ends where


@pytest.mark.parametrize(
    ("data", "kept"),
    [
        (GOOD["a length"], True),
        (GOOD["no body"], True),
        (GOOD["chunks"], True),
        (GOOD["204"], True),
        (b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", True),
        (GOOD["304 with a length"], False),
        (GOOD["HTTP/1.0 with a length"], False),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", False),
        (GOOD["a length"] + b"more", False),
        (GOOD["a length"] + GOOD["a length"], False),
        (GOOD["204"] + b"body", False),
    ],
)
async def test_only_a_clean_connection_serves_again(data, kept):
    assert (await exchange([data], ends=False))[1] is kept


async def test_an_answer_nobody_asked_for_ends_the_connection():
    wire, connection = Wire(), Connection()
    connection.connection_made(wire)

    connection.data_received(GOOD["a length"])

    assert wire.aborted
    with pytest.raises(ClosedEarly):
        await connection.exchange(b"request", cap=CAP)


async def test_more_after_the_answer_ends_the_connection():
    wire, connection = Wire(), Connection()
    connection.connection_made(wire)
    waiting = asyncio.ensure_future(connection.exchange(b"request", cap=CAP))
    await asyncio.sleep(0)

    connection.data_received(GOOD["no body"])
    connection.data_received(GOOD["no body"])

    assert (await waiting).status == 202
    assert not connection.usable


@pytest.mark.parametrize("method", ["HEAD"])
@pytest.mark.parametrize("data", [GOOD["a length"][:-4], b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"])
async def test_an_answer_to_head_has_no_body(data, method):
    reply, kept = await exchange([data], method=method, ends=False)

    assert (reply.status, reply.body, kept) == (200, b"", False)


async def test_an_answer_that_is_not_over_is_waited_for():
    for data in (GOOD["a length"][:-1], GOOD["chunks"][:-2], GOOD["until the end"], GOOD["after 100"][:25]):
        with pytest.raises(TimeoutError):
            await read(data)


@pytest.mark.parametrize(
    "data", [GOOD["a length"][:-1], GOOD["chunks"][:-2], GOOD["a length"][:20], GOOD["after 100"][:25]]
)
async def test_an_answer_cut_short_is_none(data):
    with pytest.raises(Unreachable, match="in the middle"):
        await read(data, ends=None)


async def test_a_broken_connection_is_not_the_end_of_a_body():
    with pytest.raises(Unreachable, match=r"in the middle.*reset"):
        await read(GOOD["until the end"], ends=ConnectionResetError("reset"))


@pytest.mark.parametrize("ends", [None, ConnectionResetError("reset")])
async def test_a_connection_closed_without_a_word_is_told_apart(ends):
    with pytest.raises(ClosedEarly):
        await read(ends=ends)


# --- what is too much, or makes no sense


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", "answer of 1001 bytes"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5000000000\r\n\r\n", "answer of 5000000000 bytes"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1_001, "more than 1000"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"x" * 600, b"x" * 600), "more than 1000"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 129 + b"\r\n", "too many headers"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 33_000 + b"\r\n\r\n", "too many headers"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "transfer encoding"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
            "transfer encoding|HTTP",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n", "not an HTTP answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nbody", "not an HTTP answer"),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", "101"),
        (b"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n", "101"),
        (b"HTTP/1.1 100 Continue\r\nContent-Length: 4\r\n\r\n", "100"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "not an HTTP answer"),
        (b"HTTP/1.1 200 OK\r\nX y\r\n\r\n", "not an HTTP answer"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "not an HTTP answer"),
    ],
)
async def test_an_answer_out_of_bounds_is_refused(data, why):
    with pytest.raises(Malformed, match=why):
        await read(data)


async def test_a_head_that_never_ends_is_refused():
    with pytest.raises(Malformed, match="more than"):
        await read(b"HTTP/1.1 200 OK\r\nX: ", *[b"y" * 1_000] * 40)


async def test_a_thousand_interim_answers_are_refused():
    with pytest.raises(Malformed, match="more than"):
        await read(*[b"HTTP/1.1 102 Processing\r\n\r\n"] * 2_000)


async def test_chunks_that_are_all_framing_are_refused():
    pieces = [b"1;" + b"x" * 500 + b"\r\ny\r\n"] * 200

    with pytest.raises(Malformed, match="more than"):
        await read(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *pieces)


async def test_a_body_of_exactly_the_bound_is_read():
    body = b"x" * CAP

    assert (await read(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % CAP, body)).body == body


async def test_a_large_body_in_the_packet_of_its_head_is_read():
    body = b"x" * 200_000

    reply = await read(b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + body, cap=200_000)

    assert reply.body == body


def test_headers_of_one_name_are_joined():
    reply = Reply(status=200, headers=[(b"x", b"one"), (b"y", b"two"), (b"x", b"three")], body=b"")

    assert reply.header(b"x") == "one, three"
    assert reply.header(b"z") == ""
