"""Which address a request really comes from (SECURITY 6.9)."""

from ipaddress import ip_network
from typing import Any

import pytest

from fedishare.foundation.web.proxies import Counted, crowd

TRUSTED = (ip_network("127.0.0.0/8"), ip_network("::1/128"), ip_network("10.0.0.0/8"))


def came(peer: str | None, *forwarded: str) -> dict[str, Any]:
    headers = [(b"x-forwarded-for", line.encode()) for line in forwarded if line]
    return {"type": "http", "headers": headers, "client": (peer, 1) if peer else None}


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("192.0.2.7", "", "192.0.2.7"),
        ("192.0.2.7", "198.51.100.1", "192.0.2.7"),
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "198.51.100.1, 10.1.2.3", "198.51.100.1"),
        ("127.0.0.1", "198.51.100.1, nonsense", ""),
        ("127.0.0.1", "10.1.2.3", ""),
        ("::1", "2001:db8::1", "2001:db8::/64"),
        ("::ffff:127.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
        (None, "198.51.100.1", "198.51.100.1"),
        (None, "", ""),
    ],
)
def test_only_a_trusted_proxy_is_believed_and_only_its_last_word(
    peer: str | None, forwarded: str, address: str
) -> None:
    assert Counted(TRUSTED).whom(came(peer, forwarded)) == address


def test_nobody_is_trusted_unless_told() -> None:
    assert Counted(()).whom(came("192.0.2.7", "198.51.100.1")) == "192.0.2.7"
    assert Counted(()).whom(came("127.0.0.1", "198.51.100.1")) == "", "it may be everybody"


def test_the_last_of_several_lines_is_the_last_word() -> None:
    assert Counted(TRUSTED).whom(came("127.0.0.1", "6.6.6.6", "198.51.100.1")) == "198.51.100.1"


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("nonsense", "nonsense"),
    ],
)
def test_an_ipv6_network_is_counted_as_one(address: str, counted: str) -> None:
    assert crowd(address) == counted
