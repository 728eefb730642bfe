"""Requests that name another host than ours, none, or two."""

import pytest

from tests.attacks.http.wire import Door
from tests.attacks.lines import attack


@attack("A262")
@pytest.mark.parametrize(
    ("named", "status"),
    [
        (b"Host: evil.test\r\n", 421),
        (b"Host: fedi.test.evil.test\r\n", 421),
        (b"Host: 127.0.0.1\r\n", 421),
        (b"", 400),
        (b"Host: \r\n", 400),
        (b"Host: fedi.test\r\nHost: evil.test\r\n", 400),
        (b"Host: evil/abc?bar=\r\n", 400),
        (b"Host: evil.test/health/?\r\n", 400),
        (b"Host: fedi.test@evil.test\r\n", 400),
        (b"Host: fedi.test\r\nX-Forwarded-Host: evil.test\r\n", 200),
    ],
)
def test_unknown_host_is_refused_and_never_said_again(door: Door, named: bytes, status: int) -> None:
    for path in (b"/about", b"/sign-in", b"/settings/account", b"/.well-known/nodeinfo"):
        answer = door.send(b"GET %s HTTP/1.1\r\n%sConnection: close\r\n\r\n" % (path, named))

        expected = 303 if status == 200 and path == b"/settings/account" else status
        assert answer.status == expected, path
        assert b"evil" not in answer.body
        assert "evil" not in str(answer.headers)
        assert b"evil" not in door.ask("GET", path.decode()).body, "kept for the next reader"


@attack("A262")
def test_the_address_in_the_first_line_is_the_one_in_the_host(door: Door) -> None:
    two = door.send(b"GET http://evil.test/about HTTP/1.1\r\nHost: fedi.test\r\nConnection: close\r\n\r\n")
    ours = door.send(b"GET http://fedi.test/about HTTP/1.1\r\nHost: fedi.test\r\nConnection: close\r\n\r\n")

    assert two.status == 400
    assert ours.status == 200
