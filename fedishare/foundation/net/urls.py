"""Reading a URL that we are about to call, strictly: what two programs could read differently is refused.

No user info, no backslash, no dot segment, no fragment on the wire, ASCII host names, addresses in their full form only
(A074, A126).
Whether the host may be called is for `addresses` and `resolving`; comparing ids is for `federation/vocabulary`.
"""

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote, urljoin

from msgspec import Struct

from fedishare.foundation.net.limits import URL_LENGTH
from fedishare.foundation.values.errors import Untrusted

PORTS = {"https": 443, "http": 80}
_URL = re.compile(
    r"(https?)://(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{1,253})(?::([0-9]{1,5}))?([/?][^#]*)?(?:#.*)?", re.ASCII
)
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
# /a/../b: some resolve it before they sign or send, others do not.
_DOTS = re.compile(r"^[^?]*/(\.|%2e){1,2}(/|\?|$)", re.ASCII | re.IGNORECASE)
# What may stand in a path or query as it is; httpx leaves exactly these alone, so what is signed is what is sent.
_SAFE = "/?:@!$&'()*+,;=-._~%"


class Location(Struct, frozen=True, kw_only=True):
    """Where a request goes. `authority` is the Host header (no default port), `target` the request line's path."""

    scheme: str
    host: str
    port: int
    authority: str
    target: str

    @property
    def secure(self) -> bool:
        return self.scheme == "https"

    @property
    def url(self) -> str:
        """As it goes over the wire."""
        return f"{self.scheme}://{self.authority}{self.target}"


@lru_cache(maxsize=4096)
def read_url(url: str) -> Location:
    """Raises Untrusted for anything but a plain http or https URL."""
    match = _URL.fullmatch(url) if len(url) <= URL_LENGTH else None
    if match is None or not url.isprintable() or " " in url or _DOTS.search(match[4] or ""):
        raise Untrusted(f"not a URL that we call: {url[:100]!r}")
    scheme, name, given, rest = match.groups()
    host, port = _host(name.lower()), int(given or PORTS[scheme])
    if host is None or not 0 < port < 65536:
        raise Untrusted(f"not a host that we call: {url[:100]!r}")
    authority = host if port == PORTS[scheme] else f"{host}:{port}"
    return Location(scheme=scheme, host=host.strip("[]"), port=port, authority=authority, target=_target(rest or "/"))


def _host(name: str) -> str | None:
    """Canonical, in brackets when it is an IPv6 address; None when a resolver might read it in its own way."""
    try:
        if name.startswith("["):
            return f"[{IPv6Address(name[1:-1])}]"
        labels = name.removesuffix(".").split(".")
        # 127.1, 0x7f.1 and 2130706433 are addresses to some resolvers and names to others.
        if _NUMBER.fullmatch(labels[-1]):
            return str(IPv4Address(name))
    except ValueError:
        return None
    return ".".join(labels) if all(_LABEL.fullmatch(label) for label in labels) else None


def _target(rest: str) -> str:
    return quote(rest if rest.startswith("/") else f"/{rest}", safe=_SAFE)


def follow(location: Location, reference: str) -> Location:
    """Where a redirect leads. Raises Untrusted for another kind of URL, or one less secure than before (A120)."""
    try:
        reached = read_url(urljoin(location.url, reference))
    except ValueError:
        raise Untrusted(f"a redirect to nowhere: {reference[:100]!r}") from None
    if location.secure and not reached.secure:
        raise Untrusted(f"a redirect from https to http: {reference[:100]!r}")
    return reached
