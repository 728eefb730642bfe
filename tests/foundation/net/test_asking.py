"""Asking and telling over real sockets: what is sent, and what comes back."""

import asyncio
import gzip
import os

import httpx
import pytest

from fedishare.foundation.net.addresses import read_networks
from fedishare.foundation.net.client import Net, NetSettings, open_net
from fedishare.foundation.net.connection import Connection
from fedishare.foundation.net.dialling import Sockets
from fedishare.foundation.net.resolving import Guard
from fedishare.foundation.net.transport import GuardedTransport
from fedishare.foundation.values.errors import Malformed, Untrusted
from tests.foundation.net.elsewhere import answer, answering, leading_to, public, serving

AGENT = "fedishare/test (+https://remise.test/)"
LOOPBACK = read_networks(["127.0.0.0/8"])


@pytest.fixture
async def net():
    """May call servers on this machine."""
    opened = open_net(NetSettings(user_agent=AGENT, allow_networks=LOOPBACK))
    yield opened
    await opened.close()


async def to(server, *, resolver=public) -> Net:
    """In this one's world every host is `server`, and has a public address."""
    return open_net(NetSettings(user_agent=AGENT), resolver=resolver, connector=leading_to(server)[0])


async def test_a_get_says_who_asks_and_what_it_can_unpack(net):
    async with serving(answering(answer(200, b"hello", "Content-Type: text/plain"))) as server:
        got = await net.get(f"{server.url}/a?b=c", headers={"Accept": "application/json"})

    assert (got.status, got.body, got.url) == (200, b"hello", f"{server.url}/a?b=c")
    assert got.headers["content-type"] == "text/plain"
    asked = server.requests[0]
    assert (asked.method, asked.target, asked.body) == ("GET", "/a?b=c", b"")
    assert asked.headers == {
        "host": f"127.0.0.1:{server.port}",
        "user-agent": AGENT,
        "accept-encoding": "gzip, deflate",
        "accept": "application/json",
    }


async def test_a_post_sends_the_bytes_it_was_given(net):
    body = '{"é": 1}'.encode()
    async with serving(answering(answer(202, b"", "X: 1", "x: 2"))) as server:
        got = await net.post(f"{server.url}/inbox", body, {"Content-Type": "application/activity+json", "Host": "evil"})

    assert (got.status, got.headers["x"]) == (202, "1, 2")
    asked = server.requests[0]
    assert (asked.method, asked.target, asked.body) == ("POST", "/inbox", body)
    assert asked.headers == {
        "host": f"127.0.0.1:{server.port}",
        "user-agent": AGENT,
        "content-type": "application/activity+json",
        "content-length": str(len(body)),
    }


async def test_an_empty_body_is_still_a_body(net):
    async with serving(answering(answer(202))) as server:
        await net.post(f"{server.url}/inbox", b"", {})

    assert server.requests[0].headers["content-length"] == "0"


@pytest.mark.parametrize(
    "headers", [{"X": "a\r\nHost: evil.test"}, {"X\r\nY": "a"}, {"X": "é"}, {"X Y": "a"}, {"X": "\0"}]
)
async def test_a_header_that_would_become_two_is_not_sent(net, headers):
    async with serving(answering(answer())) as server:
        with pytest.raises(ValueError, match="cannot be sent"):
            await net.post(server.url, b"", headers)

    assert server.requests == []


async def test_the_default_port_is_not_named():
    async with serving(answering(answer())) as server:
        net = await to(server)
        await net.get("https://good.test:443/x")
        await net.close()

    assert server.requests[0].headers["host"] == "good.test"


async def test_no_cookie_and_no_proxy_is_ever_used(net, monkeypatch):
    monkeypatch.setitem(os.environ, "HTTP_PROXY", "http://127.0.0.1:9")
    async with serving(answering(answer(200, b"", "Set-Cookie: a=b"))) as server:
        await net.get(server.url)
        await net.get(server.url)

    assert "cookie" not in server.requests[1].headers


async def test_a_packed_answer_is_unpacked(net):
    async with serving(answering(answer(200, gzip.compress(b"hello"), "Content-Encoding: gzip"))) as server:
        got = await net.get(server.url)

    assert got.body == b"hello"
    assert "content-encoding" not in got.headers


@pytest.mark.parametrize(
    "said",
    [
        answer(200, b"x" * 1_001),
        answer(200, gzip.compress(b"x" * 1_001, mtime=0), "Content-Encoding: gzip"),
        answer(200, b"x", "Content-Encoding: br"),
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1_001,
        b"hello\r\n\r\n",
    ],
)
async def test_too_much_or_nonsense_is_malformed(net, said):
    async with serving(answering(said, goes_on=False)) as server:
        with pytest.raises(Malformed):
            await net.get(server.url, cap=1_000)


async def test_an_endless_answer_is_hung_up_on(net):
    async def act(asked, say):
        await say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            await say(b"1000\r\n" + b"x" * 4096 + b"\r\n")

    async with serving(act) as server:
        with pytest.raises(Malformed):
            await net.get(server.url)
        await asyncio.sleep(0.05)
        assert server.open == 0


async def test_an_answer_of_any_status_is_an_answer(net):
    for status in (203, 206, 304, 400, 404, 410, 500, 503):
        async with serving(answering(answer(status, b"" if status == 304 else b"why", "Retry-After: 60"))) as server:
            got = await net.get(server.url)
            assert got.status == (await net.post(server.url, b"", {})).status == status
            assert got.headers["retry-after"] == "60"


async def test_a_packed_answer_to_a_post_is_left_as_it_is(net):
    async with serving(answering(answer(202, b"not gzip", "Content-Encoding: gzip"))) as server:
        assert (await net.post(server.url, b"", {})).body == b"not gzip"


async def test_any_client_of_httpx_is_guarded_too():
    async with serving(answering(answer(200, gzip.compress(b"hello"), "Content-Encoding: gzip"))) as server:
        transport = GuardedTransport(Guard(public, {}, LOOPBACK), Sockets(None))
        async with httpx.AsyncClient(transport=transport) as client:
            got = await client.post(f"{server.url}/x", json={"a": 1})
            head = await client.head(f"{server.url}/x")
            with pytest.raises(Untrusted):
                await client.head("http://10.0.0.1/picture.png")

    assert (got.text, server.requests[0].body) == ("hello", b'{"a":1}')
    assert (head.status_code, head.content) == (200, b"")


def test_a_connection_is_made_for_one_wire():
    assert not Connection().usable
    Connection().close()
