"""Connections that are kept: few, not for long, and never one whose other end has gone."""

import asyncio

import pytest

from fedishare.foundation.net import limits
from fedishare.foundation.net.addresses import read_networks
from fedishare.foundation.net.client import NetSettings, open_net
from fedishare.foundation.values.errors import Unreachable
from tests.foundation.net.elsewhere import answer, answering, serving

LOOPBACK = read_networks(["127.0.0.0/8"])


@pytest.fixture
async def net():
    opened = open_net(NetSettings(user_agent="fedishare/test", allow_networks=LOOPBACK))
    yield opened
    await opened.close()


async def settled() -> None:
    await asyncio.sleep(0.05)


async def test_many_requests_go_over_one_connection(net):
    async with serving(answering(answer(202))) as server:
        for _ in range(20):
            await net.post(server.url, b"x", {})
        await net.get(server.url)

    assert (len(server.requests), server.connections) == (21, 1)


async def test_a_host_gets_few_connections_at_a_time(net):
    async def act(asked, say):
        await asyncio.sleep(0.01)
        await say(answer(202))

    async with serving(act) as server:
        await asyncio.gather(*(net.post(server.url, b"x", {}) for _ in range(40)))

    assert len(server.requests) == 40
    assert server.connections == limits.PER_HOST


async def test_one_slow_host_holds_up_no_other(net):
    async def act(asked, say):
        await asyncio.sleep(60)

    async with serving(act) as slow, serving(answering(answer(202))) as quick:
        waiting = [asyncio.ensure_future(net.post(slow.url, b"x", {}, deadline_s=30)) for _ in range(30)]
        await settled()
        assert (await asyncio.wait_for(net.post(quick.url, b"x", {}), 5)).status == 202
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


@pytest.mark.parametrize("ask", ["get", "post"])
async def test_a_connection_that_closes_without_a_word_is_replaced(net, ask):
    """As a server does whose keep-alive runs out at the moment in which we write."""

    async def act(asked, say):
        if len(server.requests) == 2:
            return False
        await say(answer(202))
        return True

    async with serving(act) as server:
        await net.get(server.url)
        again = net.get(server.url) if ask == "get" else net.post(server.url, b"x", {})
        assert (await again).status == 202

    assert (len(server.requests), server.connections) == (3, 2)


async def test_a_new_connection_that_closes_is_not_tried_again(net):
    async def act(asked, say):
        return False

    async with serving(act) as server:
        with pytest.raises(Unreachable, match="without an answer"):
            await net.post(server.url, b"x", {})

    assert len(server.requests) == 1


async def test_it_is_tried_again_only_once(net):
    async def act(asked, say):
        if len(server.requests) > 1:
            return False
        await say(answer(202))
        return True

    async with serving(act) as server:
        await net.get(server.url)
        with pytest.raises(Unreachable):
            await net.get(server.url)

    assert len(server.requests) == 3


async def test_an_answer_that_began_is_not_asked_for_again(net):
    async def act(asked, say):
        if len(server.requests) == 2:
            await say(b"HTTP/1.1 202 Acc")
            return False
        await say(answer(202))
        return True

    async with serving(act) as server:
        await net.get(server.url)
        with pytest.raises(Unreachable, match="in the middle"):
            await net.post(server.url, b"x", {})

    assert len(server.requests) == 2


async def test_a_connection_closed_in_the_meantime_is_not_used(net):
    async with serving(answering(answer(202), goes_on=False)) as server:
        await net.get(server.url)
        await settled()
        await net.get(server.url)

    assert (len(server.requests), server.connections) == (2, 2)


async def test_a_server_that_wants_to_close_is_not_kept(net):
    async with serving(answering(answer(202, b"", "Connection: close"))) as server:
        await net.get(server.url)
        await settled()
        assert server.open == 0


async def test_a_server_that_says_too_much_is_not_asked_again(net):
    async with serving(answering(answer(202) + answer(200, b"for the next"))) as server:
        await net.get(server.url)
        again = await net.get(server.url)

    assert (again.status, server.connections) == (202, 2)


async def test_unused_connections_are_let_go(net, monkeypatch):
    monkeypatch.setattr(limits, "IDLE_S", 0.1)
    async with serving(answering(answer(202))) as one, serving(answering(answer(202))) as other:
        await net.get(one.url)
        await asyncio.sleep(0.06)
        await net.get(other.url)
        await asyncio.sleep(0.07)
        assert (one.open, other.open) == (0, 1)
        await asyncio.sleep(0.1)
        assert other.open == 0
        await net.get(one.url)
        assert one.connections == 2


async def test_the_oldest_is_let_go_when_there_are_too_many(net, monkeypatch):
    monkeypatch.setattr(limits, "IDLE_CONNECTIONS", 1)
    async with serving(answering(answer(202))) as one, serving(answering(answer(202))) as other:
        await net.get(one.url)
        await net.get(other.url)
        await settled()
        assert (one.open, other.open) == (0, 1)


async def test_closing_lets_all_go():
    net = open_net(NetSettings(user_agent="fedishare/test", allow_networks=LOOPBACK))
    async with serving(answering(answer(202))) as one, serving(answering(answer(202))) as other:
        await net.get(one.url)
        await net.get(other.url)
        await net.close()
        await settled()
        assert (one.open, other.open) == (0, 0)
    await net.close()
