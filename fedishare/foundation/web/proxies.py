"""Which address a request really comes from.

Source: SECURITY 6.9. Only `X-Forwarded-For` counts, only from a trusted peer (or a Unix socket, which only this
machine can open), and only its right-most address that is not itself trusted. Never used for authority: it slows
guessing down and nothing else.
"""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.requests import HTTPConnection

Network = IPv4Network | IPv6Network


def client_address(request: HTTPConnection, trusted: Sequence[Network]) -> str:
    """An IP address, '' when nobody can tell."""
    peer = request.client.host if request.client else ""
    if peer and not _is_trusted(peer, trusted):
        return peer
    for hop in reversed(request.headers.get("x-forwarded-for", "").split(",")):
        address = hop.strip()
        if not _is_address(address):
            return peer
        if not _is_trusted(address, trusted):
            return address
    return peer


def crowd(address: str) -> str:
    """What is counted as one: an IPv4 address, an IPv6 /64."""
    if not _is_address(address):
        return address
    parsed = ip_address(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, 64), strict=False))
    return str(parsed)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_trusted(address: str, trusted: Sequence[Network]) -> bool:
    if not _is_address(address):
        return False
    parsed = ip_address(address)
    return any(parsed in network for network in trusted)
