"""Requests that ask for another protocol, which nobody here speaks."""

import pytest

from tests.attacks.http.test_smuggling import HIDDEN
from tests.attacks.http.wire import Door
from tests.attacks.lines import attack


@attack("F229")
@pytest.mark.parametrize("protocol", [b"h2c", b"websocket", b"TLS/1.0", b"HTTP/2.0, h2c"])
@pytest.mark.parametrize("body", [b"", b"Content-Length: 60\r\n"], ids=["bare", "with a length"])
def test_another_protocol_is_not_spoken_and_hides_nothing(door: Door, protocol: bytes, body: bytes) -> None:
    head = b"POST /sign-in HTTP/1.1\r\n" if body else b"GET /about HTTP/1.1\r\n"
    asks = b"Host: fedi.test\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMA\r\n"

    answer = door.send(head + asks + b"Upgrade: %s\r\n" % protocol + body + b"\r\n" + HIDDEN)

    assert answer.status == (403 if body else 200)
    assert b"smuggled" not in answer.body
    assert answer.answers == 1
    assert answer.closed
    assert door.ask("GET", "/about").status == 200
