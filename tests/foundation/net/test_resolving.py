"""From names to addresses: one that is not for us refuses the whole host."""

import asyncio
import socket

import pytest

from fedishare.foundation.config.loading import BadSetting
from fedishare.foundation.net.addresses import read_networks
from fedishare.foundation.net.resolving import Guard, SystemResolver, read_hosts
from fedishare.foundation.net.urls import read_url
from fedishare.foundation.values.errors import Unreachable, Untrusted

LOOPBACK = read_networks(["127.0.0.0/8", "::1/128"])


def guard(*addresses: str, allowed=(), hosts=None) -> Guard:
    async def resolve(host: str) -> list[str]:
        return list(addresses)

    return Guard(resolve, hosts or {}, allowed)


async def called(url: str, *addresses: str, **how) -> list[str]:
    return [str(address) for address in await guard(*addresses, **how).addresses(read_url(url))]


async def test_a_host_with_public_addresses_is_called_there():
    assert await called("https://good.test/", "1.1.1.1", "2606:4700::1") == ["1.1.1.1", "2606:4700::1"]


@pytest.mark.parametrize(
    "inner", ["127.0.0.1", "10.0.0.1", "::1", "::ffff:127.0.0.1", "fe80::1%eth0", "169.254.169.254"]
)
@pytest.mark.parametrize("first", [True, False])
async def test_one_inner_address_refuses_the_host(inner, first):
    with pytest.raises(Untrusted):
        await called("https://evil.test/", *([inner, "1.1.1.1"] if first else ["1.1.1.1", inner]))


@pytest.mark.parametrize(
    "url", ["https://10.0.0.1/", "https://[::1]/", "https://[64:ff9b::7f00:1]/", "https://0.0.0.0/"]
)
async def test_an_inner_address_needs_no_name_to_be_refused(url):
    with pytest.raises(Untrusted):
        await called(url)


@pytest.mark.parametrize(
    "url", ["http://good.test/", "https://good.test:8443/", "http://good.test:443/", "https://good.test:22/"]
)
async def test_others_are_called_by_https_at_443_alone(url):
    with pytest.raises(Untrusted, match="only https at 443"):
        await called(url, "1.1.1.1")


@pytest.mark.parametrize("url", ["http://remise.test/", "http://remise.test:8001/", "https://remise.test:8443/"])
async def test_allowed_networks_may_be_called_in_any_way(url):
    assert await called(url, "127.0.0.1", "::1", allowed=LOOPBACK) == ["127.0.0.1", "::1"]


async def test_a_host_partly_in_an_allowed_network_is_refused():
    with pytest.raises(Untrusted):
        await called("https://evil.test/", "127.0.0.1", "1.1.1.1", allowed=LOOPBACK)
    with pytest.raises(Untrusted):
        await called("https://evil.test/", "127.0.0.1", "10.0.0.1", allowed=LOOPBACK)


async def test_allowed_networks_loosen_nothing_for_the_rest():
    with pytest.raises(Untrusted):
        await called("http://good.test/", "1.1.1.1", allowed=LOOPBACK)


async def test_the_hosts_file_is_read_before_dns():
    hosts = {"remise.test": ("127.0.0.7",)}

    assert await called("http://remise.test/", "1.1.1.1", hosts=hosts, allowed=LOOPBACK) == ["127.0.0.7"]
    with pytest.raises(Untrusted):
        await called("https://remise.test/", "1.1.1.1", hosts=hosts)


async def test_of_many_addresses_a_few_are_tried():
    assert len(await called("https://good.test/", *(f"1.1.1.{n}" for n in range(1, 60)))) == 4


async def test_a_bad_address_far_down_the_list_still_refuses():
    with pytest.raises(Untrusted):
        await called("https://evil.test/", *(f"1.1.1.{n}" for n in range(1, 60)), "127.0.0.1")


async def test_a_name_without_an_address_is_unreachable():
    with pytest.raises(Unreachable):
        await called("https://nobody.test/")


@pytest.mark.parametrize("trouble", [socket.gaierror(-2, "Name or service not known"), UnicodeError("label too long")])
async def test_a_resolver_in_trouble_is_unreachable(trouble):
    async def resolve(host: str) -> list[str]:
        raise trouble

    with pytest.raises(Unreachable, match=r"nobody\.test has no address"):
        await Guard(resolve, {}, ()).addresses(read_url("https://nobody.test/"))


async def test_the_system_knows_localhost():
    resolver = SystemResolver()

    found = await asyncio.wait_for(resolver("localhost"), 5)

    resolver.close()
    assert set(found) <= {"127.0.0.1", "::1"}
    assert found


def test_a_hosts_file_may_have_remarks_and_several_names(tmp_path):
    file = tmp_path / "hosts"
    file.write_text("# names\n\n127.0.0.1 Remise.test hangar.test # two\n::1\tremise.test\n127.0.0.9\n")

    assert read_hosts(file) == {"remise.test": ("127.0.0.1", "::1"), "hangar.test": ("127.0.0.1",)}


def test_a_hosts_file_with_a_mistake_names_its_line(tmp_path):
    file = tmp_path / "hosts"
    file.write_text("127.0.0.1 remise.test\nremise.test 127.0.0.1\n")

    with pytest.raises(BadSetting, match=r"remise\.test 127.*line 2"):
        read_hosts(file)


def test_a_hosts_file_that_is_missing_or_no_text_is_named(tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    for name in ("missing", "binary"):
        with pytest.raises(BadSetting, match=f"FEDISHARE_HOSTS_FILE=.*{name}"):
            read_hosts(tmp_path / name)
