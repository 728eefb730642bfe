"""Which addresses we call: our own table, because Python's `is_global` says yes to many that are not (A126).

Sources: IANA's special-purpose registries for IPv4 and IPv6 (RFC 6890), the advisories of the attacks A036, A119, A126.
An IPv6 address that carries an IPv4 one is refused as a whole: nobody publishes such an address for a web server.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NEVER_4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carriers' NAT
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local; metadata of clouds
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
# Only this block is given out to anybody: ::, ::1, mapped and compatible forms, NAT64 (64:ff9b::/96, 64:ff9b:1::/48),
# discard, unique local, link-local, site-local and multicast all lie outside of it.
_GLOBAL_6 = IPv6Network("2000::/3")
_NEVER_6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarks
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)


def is_public(address: Address) -> bool:
    """Whether the address can belong to somebody's server on the internet."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NEVER_4)
    return address in _GLOBAL_6 and not any(address in network for network in _NEVER_6)


def lies_in(address: Address, networks: Sequence[Network]) -> bool:
    """Whether one of `networks` holds the address. A mapped IPv4 address is not taken for the IPv4 one."""
    return any(address.version == network.version and address in network for network in networks)


def read_address(text: str) -> Address:
    """Raises ValueError for what is no address, and for one with a zone (`fe80::1%eth0`)."""
    if "%" in text:
        raise ValueError(f"{text} has a zone")
    return ip_address(text)


def read_networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Raises ValueError for what is no network."""
    return tuple(ip_network(text) for text in texts)
