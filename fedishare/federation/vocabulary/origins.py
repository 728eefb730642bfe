"""One form for every URL of the network, and who stands behind it.

Source: FEP-fe34; SECURITY 0.2 ("canonicalised by ONE function used for compare, store, fetch and display").
What cannot be put into that form is refused. Whether an address may be called at all is the transport's question.
"""

import re
from functools import lru_cache
from urllib.parse import urlsplit

from fedishare.federation.vocabulary import limits

_REMEMBERED = 2_048
_DEFAULT_PORT = {"http": 80, "https": 443}
_UNUSUAL = re.compile(r"[\x00-\x20\x7f-\xa0\\<>\"{}|^`\u2028\u2029\ud800-\udfff]")
_HOST = re.compile(r"[a-z0-9]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9_-]*[a-z0-9])?)*")
_IPV6 = re.compile(r"\[[0-9a-f:.]+\]")
_DOTS = frozenset({".", "..", "%2e", ".%2e", "%2e.", "%2e%2e"})


def canonical(uri: str) -> str:
    """The one form of an http or https URL: lower-case scheme and host, no default port, no dot behind the host.

    Path, query and fragment stay as they are: servers compare them byte by byte. Raises ValueError for other schemes,
    user names, names of hosts that are not written in ASCII, dot segments, control characters, a query or fragment
    right behind the host, and what is too long.
    """
    scheme, authority, rest = _split(uri)
    return f"{scheme}://{authority}{rest}"


def origin(uri: str) -> str:
    """Scheme, host and port: `https://remise.test`. Raises ValueError as `canonical` does."""
    scheme, authority, _ = _split(uri)
    return f"{scheme}://{authority}"


def host(uri: str) -> str:
    """Host, and the port where it is not the scheme's own: `remise.test`. Raises ValueError as `canonical` does."""
    return _split(uri)[1]


def same_origin(one: str, other: str) -> bool:
    """Whether one server answers for both; what has no origin shares it with nobody."""
    try:
        return origin(one) == origin(other)
    except ValueError:
        return False


def without_fragment(uri: str) -> str:
    """Where a key id or `#primary` is to be fetched."""
    return uri.partition("#")[0]


def fits(uri: str) -> bool:
    """Whether an id is short enough to be kept, whatever letters it is written in."""
    return len(uri) <= limits.URI and (uri.isascii() or len(uri.encode("utf-8", "surrogatepass")) <= limits.URI)


@lru_cache(maxsize=_REMEMBERED)
def _split(uri: str) -> tuple[str, str, str]:
    if not fits(uri):
        raise ValueError("URL is too long")
    if _UNUSUAL.search(uri):
        raise ValueError("URL with characters that none may hold")
    parts = urlsplit(uri)
    if parts.scheme not in _DEFAULT_PORT:
        raise ValueError("not an http or https URL")
    if not _DOTS.isdisjoint(parts.path.lower().split("/")):
        raise ValueError("URL with dot segments")
    authority = _authority(parts.scheme, parts.netloc)
    rest = uri[uri.index("//") + 2 + len(parts.netloc) :] or "/"
    if not rest.startswith("/"):
        # https://evil.test#@good.test/: some readers take the host from behind the at-sign (A074).
        raise ValueError("URL with no path behind its host")
    return parts.scheme, authority, rest


def _authority(scheme: str, netloc: str) -> str:
    name, port = _host_and_port(netloc.lower())
    if not (_HOST.fullmatch(name) or _IPV6.fullmatch(name)):
        raise ValueError("URL with a host that cannot be read")
    if port is None or port == _DEFAULT_PORT[scheme]:
        return name
    return f"{name}:{port}"


def _host_and_port(netloc: str) -> tuple[str, int | None]:
    """A user name (`good.test@evil.test`) ends up in the host and is refused there."""
    name, colon, digits = netloc.rpartition(":")
    if not colon or netloc.endswith("]"):
        return netloc.removesuffix("."), None
    if digits and not (digits.isascii() and digits.isdecimal() and 0 < int(digits) < 65_536):
        raise ValueError("URL with a port that is none")
    return name.removesuffix("."), int(digits) if digits else None
