"""A server that takes its time is given up, whatever it does meanwhile (attacks A134, A135)."""

import asyncio
import time

import pytest

from fedishare.foundation.net.addresses import read_networks
from fedishare.foundation.net.client import Net, NetSettings, open_net
from fedishare.foundation.values.errors import Malformed, Unreachable
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


@pytest.mark.parametrize("begin", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"])
async def test_a_server_that_drips_is_given_up_in_time(net, begin):
    async def act(asked, say):
        await say(begin)
        while True:
            await say(b"x")
            await asyncio.sleep(0.02)

    async with serving(act) as server:
        started = time.perf_counter()
        for asking in (net.get(server.url, deadline_s=0.2), net.post(server.url, b"", {}, deadline_s=0.2)):
            with pytest.raises((Unreachable, Malformed)):
                await asking
        assert time.perf_counter() - started < 4
        await asyncio.sleep(0.1)
        assert server.open == 0


async def test_the_deadline_is_over_all_redirects_together(net):
    async def act(asked, say):
        await asyncio.sleep(0.15)
        await say(answer(302, b"", f"Location: {asked.target}x"))

    async with serving(act) as server:
        with pytest.raises(Unreachable, match=r"within 0\.25 s"):
            await net.get(server.url, deadline_s=0.25)


async def test_the_deadline_holds_for_names_that_never_resolve():
    async def never(host):
        await asyncio.sleep(60)
        return []

    async with serving(answering(answer())) as server:
        net = await to(server, resolver=never)
        with pytest.raises(Unreachable, match=r"within 0\.1 s"):
            await net.get("https://good.test/", deadline_s=0.1)
        await net.close()


async def test_whoever_is_called_off_leaves_no_connection(net):
    asked_for = asyncio.Event()

    async def act(asked, say):
        asked_for.set()
        while True:
            await say(b"HTTP/1.1 102 Processing\r\n\r\n")
            await asyncio.sleep(0.01)

    async with serving(act) as server:
        asking = asyncio.ensure_future(net.get(server.url))
        await asked_for.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await asyncio.sleep(0.1)
        assert server.open == 0
