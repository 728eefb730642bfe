"""Which address a request really comes from.

Source: SECURITY 6.9. Only `X-Forwarded-For` counts, only from a trusted peer (or a Unix socket, which only this
machine can open), and only its right-most address that is not itself trusted. Never used for authority: it slows
guessing down and nothing else.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from starlette.requests import HTTPConnection

Network = IPv4Network | IPv6Network

NEAR = tuple(
    ip_network(text)
    for text in (
        *("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
        *("169.254.0.0/16", "100.64.0.0/10", "fc00::/7", "fe80::/10"),
    )
)
"""This machine and private networks, where a proxy may stand that nobody has named."""
LAST_HOPS = 256


class Counted:
    """Whose requests are counted together: as `crowd` of the client; '' when that might be everybody.

    A near peer that is no trusted proxy may be one that nobody has named: what one visitor does behind it must not
    shut the door to all others. `doctor` says so.
    """

    def __init__(self, trusted: Sequence[Network]) -> None:
        self._trusted = trusted
        self._whom = lru_cache(maxsize=4_096)(self._work_out)

    def whom(self, scope: Mapping[str, Any]) -> str:
        client = scope["client"]
        peer: str = client[0] if client else ""
        forwarded = b""
        if self._trusted or not peer:
            for name, value in scope["headers"]:
                if name == b"x-forwarded-for":
                    forwarded = forwarded + b"," + value if forwarded else value
        return self._whom(peer, forwarded[-LAST_HOPS:])

    def _work_out(self, peer: str, forwarded: bytes) -> str:
        address = _address(peer, forwarded.decode("latin-1"), self._trusted)
        if address == peer and _is_trusted(peer, NEAR):
            return ""
        return crowd(address)


def is_unnamed(request: HTTPConnection, trusted: Sequence[Network]) -> bool:
    """Whether this came through a proxy beside us whose word is not believed, since nobody has named it."""
    peer = request.client.host if request.client else ""
    return "x-forwarded-for" in request.headers and _is_trusted(peer, NEAR) and not _is_trusted(peer, trusted)


def _address(peer: str, forwarded: str, trusted: Sequence[Network]) -> str:
    if peer and not _is_trusted(peer, trusted):
        return peer
    for hop in reversed(forwarded.split(",")):
        address = hop.strip()
        if _read(address) is None:
            return peer
        if not _is_trusted(address, trusted):
            return address
    return peer


def crowd(address: str) -> str:
    """What is counted as one: an IPv4 address, an IPv6 /64."""
    parsed = _read(address)
    if parsed is None:
        return address
    if isinstance(parsed, IPv6Address):
        return str(IPv6Network((int(parsed), 64), strict=False))
    return str(parsed)


def _read(text: str) -> IPv4Address | IPv6Address | None:
    """One address, however it is written: a socket for both families calls 192.0.2.7 `::ffff:192.0.2.7`, and whoever
    takes that for IPv6 has all of IPv4 in one /64."""
    try:
        parsed = ip_address(text)
    except ValueError:
        return None
    return (isinstance(parsed, IPv6Address) and parsed.ipv4_mapped) or parsed


def _is_trusted(address: str, trusted: Sequence[Network]) -> bool:
    parsed = _read(address)
    return parsed is not None and any(parsed in network for network in trusted)
