"""Where a call ends up: at the checked address, under the right certificate, or nowhere."""

import asyncio
import ssl

import pytest
import trustme

from fedishare.foundation.config.loading import BadSetting
from fedishare.foundation.net import limits
from fedishare.foundation.net.addresses import read_networks
from fedishare.foundation.net.client import Net, NetSettings, open_net
from fedishare.foundation.values.errors import Unreachable, Untrusted
from tests.foundation.net.elsewhere import PUBLIC, answer, answering, leading_to, public, serving

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
