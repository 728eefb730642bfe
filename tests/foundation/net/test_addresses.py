"""Which addresses we call, in every disguise that an inner one has been given (A126)."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedishare.foundation.net.addresses import is_public, lies_in, read_address, read_networks

INNER = """
    0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.254 127.0.0.1 127.255.255.255 169.254.169.254
    172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.170 192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1 192.168.0.1
    192.175.48.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
    :: ::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::127.0.0.1 ::10.0.0.1 ::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b::808:808
    64:ff9b:1::a00:1 100::1 100:0:0:1::1 2001::1 2001:0:7f00:1:: 2001:2::1 2001:10::1 2001:20::1 2001:db8::1
    2002:7f00:1:: 2002:808:808:: 2620:4f:8000::1 3fff::1 3fff:fff::1 4000::1 5f00::1 fc00::1
    fd00:ec2::254 fe80::1 fec0::1 ff02::1
"""
OUTER = """
    1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 169.253.255.255
    172.15.255.255 172.32.0.0 192.0.1.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 223.255.255.255
    2000::1 2001:200::1 2001:4860:4860::8888 2003::1 2606:4700:4700::1111 2a00:1450:4007:80e::2004 3ffe::1
"""


@pytest.mark.parametrize("text", INNER.split())
def test_inner_addresses_are_not_called(text):
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", OUTER.split())
def test_addresses_of_the_internet_are_called(text):
    assert is_public(ip_address(text))


@given(st.ip_addresses(v=4))
def test_no_ipv4_address_gets_through_in_a_disguise(address):
    number = int(address)
    for prefix in ("::", "::ffff:0:0", "::ffff:0:0:0", "64:ff9b::", "64:ff9b:1::"):
        assert not is_public(IPv6Address(int(IPv6Address(prefix)) | number))
    assert not is_public(IPv6Address(int(IPv6Address("2002::")) | number << 80))


@given(st.ip_addresses(v=4))
def test_we_are_never_more_generous_than_python(address):
    if is_public(address):
        assert address.is_global


@given(st.ip_addresses(v=6))
def test_only_the_block_that_is_given_out_is_called(address):
    if is_public(address):
        assert address in IPv6Network("2000::/3")


@pytest.mark.parametrize("text", ["fe80::1%eth0", "::1%1", "1.2.3", "localhost", "", "1.2.3.4/24", "0x7f000001"])
def test_what_is_no_plain_address_is_refused(text):
    with pytest.raises(ValueError):
        read_address(text)


def test_allowed_networks_hold_their_own_kind_only():
    networks = read_networks(["127.0.0.0/8", "fd00::/8"])

    assert lies_in(IPv4Address("127.0.0.1"), networks)
    assert lies_in(IPv6Address("fd00::1"), networks)
    assert not lies_in(IPv6Address("::ffff:127.0.0.1"), networks)
    assert not lies_in(IPv6Address("::1"), networks)
