"""Where an answer ends, what is too much of it, and whether its connection may serve again."""

import asyncio

import pytest

from fedishare.foundation.net.connection import ClosedEarly, Connection, Reply
from fedishare.foundation.values.errors import Malformed, Unreachable
from tests.foundation.net.wire import CAP, GOOD, Wire, chunked, exchange, read


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


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 202 X\r\nContent-Length: 5000000000\r\n\r\n" + b"x" * (CAP + 1),
        b"HTTP/1.1 202 X\r\n\r\n" + b"x" * (CAP + 1),
        b"HTTP/1.1 202 X\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"x" * CAP, b"x", b"x"),
    ],
)
async def test_where_the_rest_does_not_matter_it_is_cut_and_the_status_counts(data):
    reply, kept = await exchange([data], cut=True, ends=False)

    assert (reply.status, reply.body, kept) == (202, b"x" * CAP, False)


async def test_framing_without_end_is_cut_with_it():
    dust = b"HTTP/1.1 202 X\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"x", extension=b";" + b"a" * 99_999)[:-5]

    reply, kept = await exchange([dust[at : at + 1_000] for at in range(0, len(dust), 1_000)], cut=True, ends=False)

    assert (reply.status, kept) == (202, False)


async def test_a_head_without_end_is_no_answer_however_little_of_the_body_matters():
    with pytest.raises(Malformed):
        await exchange([b"HTTP/1.1 202 X\r\nX: " + b"x" * 99_999], cut=True, ends=False)


async def test_what_fits_is_whole_and_the_connection_serves_again():
    reply, kept = await exchange([GOOD["a length"]], cut=True, ends=False)

    assert (reply.body, kept) == (b"body", True)
