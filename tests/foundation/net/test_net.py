"""Asking and telling over real sockets: what is sent, what is followed, and when we give up."""

import asyncio
import gzip
import os
import ssl
import time

import httpx
import pytest
import trustme

from fedishare.foundation.config.loading import BadSetting
from fedishare.foundation.net import limits
from fedishare.foundation.net.addresses import read_networks
from fedishare.foundation.net.client import Net, NetSettings, open_net
from fedishare.foundation.net.connection import Connection
from fedishare.foundation.net.dialling import Sockets
from fedishare.foundation.net.resolving import Guard
from fedishare.foundation.net.transport import GuardedTransport
from fedishare.foundation.values.errors import Malformed, Unreachable, Untrusted
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


# --- what is sent


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


# --- answers


async def test_a_packed_answer_is_unpacked(net):
    async with serving(answering(answer(200, gzip.compress(b"hello"), "Content-Encoding: gzip"))) as server:
        got = await net.get(server.url)

    assert got.body == b"hello"
    assert "content-encoding" not in got.headers


@pytest.mark.parametrize(
    "said",
    [
        answer(200, b"x" * 1_001),
        answer(200, gzip.compress(b"x" * 1_001), "Content-Encoding: gzip"),
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


# --- time


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


# --- redirects


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


# --- where we connect


async def test_an_inner_address_is_never_dialled():
    async def resolve(host):
        return [PUBLIC, "127.0.0.1"]

    async with serving(answering(answer())) as server:
        connect, dialled = leading_to(server)
        net = open_net(NetSettings(user_agent=AGENT), resolver=resolve, connector=connect)
        for asking in (net.get("https://evil.test/"), net.post("https://evil.test/inbox", b"", {})):
            with pytest.raises(Untrusted):
                await asking
        await net.close()

    assert dialled == []


async def test_the_checked_address_is_the_one_that_is_called():
    answers = iter([[PUBLIC], ["127.0.0.1"]])

    async def resolve(host):
        return next(answers)

    async with serving(answering(answer(), goes_on=False)) as server:
        connect, dialled = leading_to(server)
        net = open_net(NetSettings(user_agent=AGENT), resolver=resolve, connector=connect)
        await net.get("https://rebinding.test/")
        await asyncio.sleep(0.05)
        with pytest.raises(Untrusted):
            await net.get("https://rebinding.test/")
        await net.close()

    assert [str(address) for _, address in dialled] == [PUBLIC]


async def test_the_next_address_is_tried_when_one_is_dead():
    async def resolve(host):
        return ["1.1.1.1", "1.1.1.2", "1.1.1.3"]

    async with serving(answering(answer(200, b"alive"))) as server:
        connect, dialled = leading_to(server)

        async def mostly_dead(location, address):
            if str(address) != "1.1.1.3":
                dialled.append((location, address))
                raise ConnectionRefusedError("refused")
            return await connect(location, address)

        net = open_net(NetSettings(user_agent=AGENT), resolver=resolve, connector=mostly_dead)
        assert (await net.get("https://good.test/")).body == b"alive"
        await net.close()

    assert [str(address) for _, address in dialled] == ["1.1.1.1", "1.1.1.2", "1.1.1.3"]


async def test_a_host_where_nobody_answers_is_unreachable(monkeypatch):
    monkeypatch.setattr(limits, "CONNECT_S", 0.05)
    monkeypatch.setattr(limits, "NEXT_ADDRESS_S", 0.05)

    async def resolve(host):
        return ["1.1.1.1", "1.1.1.2"]

    async def silent(location, address):
        await asyncio.sleep(60)

    net = open_net(NetSettings(user_agent=AGENT), resolver=resolve, connector=silent)
    with pytest.raises(Unreachable, match=r"good\.test cannot be reached: no connection within"):
        await net.get("https://good.test/")
    await net.close()


async def test_a_closed_port_is_unreachable(net):
    async with serving(answering(answer())) as server:
        url = server.url
    with pytest.raises(Unreachable, match="cannot be reached"):
        await net.get(url)


async def test_names_of_the_hosts_file_are_called(tmp_path):
    (tmp_path / "hosts").write_text("127.0.0.1 remise.test\n")
    net = open_net(NetSettings(user_agent=AGENT, allow_networks=LOOPBACK, hosts_file=tmp_path / "hosts"))
    async with serving(answering(answer(200, b"home"))) as server:
        assert (await net.get(f"http://remise.test:{server.port}/")).body == b"home"
        assert server.requests[0].headers["host"] == f"remise.test:{server.port}"
    await net.close()


# --- TLS


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    made = trustme.CA()
    file = tmp_path_factory.mktemp("tls") / "ca.pem"
    made.cert_pem.write_to_path(file)
    return made, file


def certified(authority, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority[0].issue_cert(*names).configure_cert(context)
    return context


def secure(tmp_path, ca_file) -> Net:
    (tmp_path / "hosts").write_text("127.0.0.1 remise.test\n")
    return open_net(
        NetSettings(user_agent=AGENT, allow_networks=LOOPBACK, hosts_file=tmp_path / "hosts", ca_file=ca_file)
    )


async def test_https_is_called_under_its_name(tmp_path, authority):
    asked_for = []
    tls = certified(authority, "remise.test")
    tls.sni_callback = lambda connection, name, context: asked_for.append(name)
    async with serving(answering(answer(200, b"safe")), tls=tls) as server:
        net = secure(tmp_path, authority[1])
        got = await net.get(f"https://remise.test:{server.port}/")
        again = await net.post(f"https://remise.test:{server.port}/", b"x", {})
        await net.close()

    assert (got.body, again.body, asked_for, server.connections) == (b"safe", b"safe", ["remise.test"], 1)


@pytest.mark.parametrize("name", ["hangar.test", "127.0.0.1", "*.remise.test"])
async def test_a_certificate_for_another_name_is_refused(tmp_path, authority, name):
    async with serving(answering(answer()), tls=certified(authority, name)) as server:
        net = secure(tmp_path, authority[1])
        with pytest.raises(Unreachable, match="certificate verify failed"):
            await net.get(f"https://remise.test:{server.port}/")
        await net.close()

    assert server.requests == []


async def test_an_unknown_authority_is_refused(tmp_path, authority):
    async with serving(answering(answer()), tls=certified(authority, "remise.test")) as server:
        net = secure(tmp_path, None)
        for _ in range(2):
            with pytest.raises(Unreachable, match="certificate verify failed"):
                await net.get(f"https://remise.test:{server.port}/")
        await net.close()


async def test_a_server_that_speaks_no_tls_is_unreachable(net, monkeypatch):
    monkeypatch.setattr(limits, "CONNECT_S", 0.2)
    async with serving(answering(answer())) as server:
        with pytest.raises(Unreachable):
            await net.get(f"https://127.0.0.1:{server.port}/")


@pytest.mark.parametrize("text", [None, "", "no certificate"])
def test_a_file_without_certificates_stops_the_start(tmp_path, text):
    file = tmp_path / "ca.pem"
    if text is not None:
        file.write_text(text)

    with pytest.raises(BadSetting, match=r"FEDISHARE_CA_FILE=.*ca\.pem"):
        open_net(NetSettings(user_agent=AGENT, ca_file=file))


# --- below httpx


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
