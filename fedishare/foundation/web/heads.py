"""What the head of a request may look like, before anybody believes a word of it.

Source: RFC 9112 (3.2 target and Host, 6.1 and 6.3 length of a message), RFC 9110 (15.5, 15.6); attacks A262, A263,
A266, A267. The parser refuses most of what can be read in two ways (two lengths, folded lines, bare line feeds); what
it lets through is refused here: whoever stands in front of us might have read it otherwise. Pure.
"""

import re

METHODS = frozenset({b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS"})
"""Whatever else exists, nobody here ever answers it; which of these an address takes, its route says."""

LONGEST_TARGET = 8_192
"""RFC 9110 4.1 asks for 8,000."""
LARGEST_HEAD = 16_384
MOST_HEADERS = 100
MOST_PARAMETERS = 200
_HOST = re.compile(rb"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")

Headers = list[tuple[bytes, bytes]]


class Refused(Exception):
    """Answered with `status` and one plain sentence; nothing further is read from that connection."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


UNREADABLE = (400, "This is not a request of HTTP/1.1.")
TOO_SLOW = (408, "This request came too slowly.")
TOO_LONG = (414, "This address is too long.")
TOO_MUCH = (431, "The head of this request is too large.")
UNKNOWN_METHOD = (501, "This method is not known here.")


def check_head(method: bytes, target: bytes, version: str, headers: Headers) -> None:
    """Raises Refused for what is too much, unknown, or can be read in two ways. Names are in small letters."""
    if method not in METHODS:
        raise Refused(*UNKNOWN_METHOD)
    if version not in ("1.1", "1.0"):
        raise Refused(505, "Only HTTP/1.1 is spoken here.")
    if len(headers) > MOST_HEADERS:
        raise Refused(*TOO_MUCH)
    size, hosts, chunked = 0, [], False
    for name, value in headers:
        size += len(name) + len(value)
        if name == b"host":
            hosts.append(value)
        elif name == b"transfer-encoding":
            # "identity, chunked" passes the parser, and other readers stop at the first word.
            if chunked or version == "1.0" or value.lower() != b"chunked":
                raise Refused(400, "Only Transfer-Encoding: chunked is read.")
            chunked = True
    if size > LARGEST_HEAD:
        raise Refused(*TOO_MUCH)
    _check_host(hosts, target, version)
    if target.count(b"&") >= MOST_PARAMETERS:
        raise Refused(400, "This address has too many parameters.")


def _check_host(hosts: list[bytes], target: bytes, version: str) -> None:
    """Exactly one, that can be the name of a host. Whether it is ours is asked by who answers (421)."""
    if not hosts and version == "1.0":
        return
    if len(hosts) != 1 or not _HOST.fullmatch(hosts[0]):
        raise Refused(400, "A request names one host.")
    if target.startswith(b"/"):
        return
    _scheme, _colon, place = target.partition(b"://")
    if re.split(rb"[/?#]", place, maxsplit=1)[0].lower() != hosts[0].lower():
        raise Refused(400, "The address and the Host differ.")
