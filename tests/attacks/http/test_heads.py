"""Heads that are too large, and methods and paths that nobody here has."""

import re
import socket
from contextlib import suppress

import pytest
from starlette.routing import Route

from fedishare.app import FEATURES
from tests.attacks.http.wire import Door, Reply
from tests.attacks.lines import attack

ONE_HUNDRED_KB = b"X-Long: " + b"x" * 100_000 + b"\r\n"
TWO_THOUSAND = b"".join(b"X-%d: y\r\n" % number for number in range(2_000))
ENDLESS = 50_000_000
FILLED = {"{id:int}": "1", "{name}": "association", "{version}": "2.0", "{number}": "1", "{mark}": "0"}
VARYING = {"date", "set-cookie"}
"""What is new in each answer."""


def paths() -> list[str]:
    found = [route.path for feature in FEATURES for route in feature.routes if isinstance(route, Route)]
    filled = [re.sub(r"\{[^}]+\}", lambda name: FILLED[name[0]], path) for path in found]
    return sorted({*filled, "/static/none.css", "/inbox", "/nothing/here"})


@attack("A266")
@pytest.mark.parametrize(
    ("request_line", "headers", "status"),
    [
        (b"GET /about", ONE_HUNDRED_KB, 431),
        (b"GET /about", TWO_THOUSAND, 431),
        (b"POST /inbox", ONE_HUNDRED_KB, 431),
        (b"GET /" + b"a" * 1_000_000, b"", 414),
        (b"GET /?" + b"&".join([b"a"] * 4_000), b"", 400),
    ],
    ids=["a line of 100 kB", "2,000 headers", "at the inbox", "a URL of 1 MB", "4,000 parameters"],
)
def test_a_head_that_is_too_large_is_refused(door: Door, request_line: bytes, headers: bytes, status: int) -> None:
    answer = door.send(request_line + b" HTTP/1.1\r\nHost: fedi.test\r\n" + headers + b"\r\n")

    assert answer.status == status
    assert answer.closed


@attack("A266")
def test_a_line_that_never_ends_is_not_waited_for(door: Door) -> None:
    with door.connect() as line:
        line.sendall(b"GET /about HTTP/1.1\r\nHost: fedi.test\r\nX-Long: ")
        assert sent(line, b"x" * 10_000) < ENDLESS

    assert door.ask("GET", "/about").status == 200


@attack("A266")
def test_what_follows_a_body_has_a_limit_too(door: Door) -> None:
    chunked = b"POST /sign-in HTTP/1.1\r\nHost: fedi.test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"

    with door.connect() as line:
        line.sendall(chunked)
        assert sent(line, b"X-Long: " + b"x" * 10_000 + b"\r\n") < ENDLESS


def sent(line: socket.socket, part: bytes) -> int:
    """Bytes that could be sent, the same again and again, until the other side had enough."""
    total = 0
    with suppress(OSError):
        while total < ENDLESS:
            line.sendall(part)
            total += len(part)
    return total


@attack("A267")
@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "DEBUG"])
def test_methods_of_others_are_not_known_anywhere(door: Door, method: str) -> None:
    for path in paths():
        answer = door.ask(method, path)

        assert answer.status == 501, path
        assert answer.closed


@attack("A267")
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_no_address_is_changed_in_another_way_than_by_its_form(door: Door, method: str) -> None:
    for path in paths():
        answer = door.ask(method, path)

        assert answer.status == 405, path
        assert method not in answer.headers["allow"]


@attack("A267")
def test_head_says_what_get_says_without_the_body(door: Door) -> None:
    for path in paths():
        whole, head = door.ask("GET", path), door.ask("HEAD", path)

        assert head.status == whole.status, path
        assert told(head) == told(whole), path
        assert head.body == b""


def told(reply: Reply) -> dict[str, str]:
    return {name: value for name, value in reply.headers.items() if name not in VARYING}


@attack("A268")
@pytest.mark.parametrize(
    "path",
    [
        "/static/../config.toml",
        "/static/..%2fconfig.toml",
        "/static/%2e%2e/%2e%2e/etc/passwd",
        "/media/%2e%2e/%2e%2e/etc/passwd",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/.git/config",
        "/static/site.css%00.txt",
        "/users/alice%00",
        "/static/%c0%ae%c0%ae/config.toml",
        "/static/..%5c..%5cconfig.toml",
        "//evil.test/..",
    ],
)
def test_tricks_in_paths_lead_nowhere(door: Door, path: str) -> None:
    answer = door.ask("GET", path)

    assert answer.status == 404
    assert b"root:" not in answer.body
