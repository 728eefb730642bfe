"""Redirects: few, to places that we call, each signed for itself (attacks A119 to A122)."""

import pytest

from fedishare.foundation.net.addresses import read_networks
from fedishare.foundation.net.client import Net, NetSettings, open_net
from fedishare.foundation.values.errors import Malformed, Untrusted
from tests.foundation.net.elsewhere import PUBLIC, Asked, answer, answering, leading_to, public, serving

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


def pages(**to_where):
    """A server where each path redirects to another."""

    async def act(asked: Asked, say):
        there = to_where.get(asked.target.strip("/"))
        await say(answer(302, b"", f"Location: {there}") if there else answer(200, asked.target.encode()))

    return act


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_followed_whatever_its_number(net, status):
    async def act(asked, say):
        await say(answer(status, b"", "Location: /new") if asked.target == "/old" else answer(200, b"here"))

    async with serving(act) as server:
        got = await net.get(f"{server.url}/old")

    assert (got.url, got.body) == (f"{server.url}/new", b"here")


async def test_three_redirects_are_followed_and_no_more(net):
    async with serving(pages(a="/b", b="/c", c="/d", z="/a")) as server:
        assert (await net.get(f"{server.url}/a")).url == f"{server.url}/d"
        server.requests.clear()
        with pytest.raises(Malformed, match="more than 3 times"):
            await net.get(f"{server.url}/z")

    assert len(server.requests) == 4


async def test_a_loop_ends(net):
    async with serving(pages(a="/a")) as server:
        with pytest.raises(Malformed):
            await net.get(f"{server.url}/a")


async def test_a_redirect_without_a_place_is_an_answer(net):
    async with serving(answering(answer(302, b"where?"))) as server:
        assert (await net.get(server.url)).status == 302


@pytest.mark.parametrize(
    "there",
    [
        "http://good.test/",
        "ftp://good.test/x",
        "file:///etc/passwd",
        "data:application/activity+json,{}",
        "http://127.0.0.1:8000/admin",
        "https://127.0.0.1/admin",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/",
        "https://good.test:8443/",
        "https://inner.test/",
    ],
)
async def test_a_redirect_to_a_place_we_do_not_call_is_refused(there):
    async def resolve(host):
        return ["10.0.0.1"] if host == "inner.test" else [PUBLIC]

    async with serving(pages(a=there)) as server:
        connect, dialled = leading_to(server)
        net = open_net(NetSettings(user_agent=AGENT), resolver=resolve, connector=connect)
        with pytest.raises(Untrusted):
            await net.get("https://good.test/a")
        await net.close()

    assert len(server.requests) == len(dialled) == 1


async def test_each_hop_is_signed_for_itself():
    signed = []

    def sign(url: str) -> dict[str, str]:
        signed.append(url)
        return {"Host": "wrong.test", "Signature": f'for="{url}"'}

    async with serving(pages(a="https://other.test/b?c")) as server:
        net = await to(server)
        got = await net.get("https://good.test/a", headers={"Accept": "x/y"}, sign=sign)
        await net.close()

    assert signed == ["https://good.test/a", "https://other.test/b?c"]
    assert [asked.headers["signature"] for asked in server.requests] == [f'for="{url}"' for url in signed]
    assert [asked.headers["host"] for asked in server.requests] == ["good.test", "other.test"]
    assert got.url == "https://other.test/b?c"


async def test_a_post_follows_nothing(net):
    async with serving(pages(a="/b")) as server:
        assert (await net.post(f"{server.url}/a", b"x", {})).status == 302

    assert len(server.requests) == 1
