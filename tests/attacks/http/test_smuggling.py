"""Messages whose end can be read in two ways: what one reader takes for a body is the next request for another."""

import pytest

from tests.attacks.http.wire import Door
from tests.attacks.lines import attack

HIDDEN = b"GET /sign-in?smuggled HTTP/1.1\r\nHost: fedi.test\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
EMPTY = b"\r\n0\r\n\r\n"


def post(head: bytes) -> bytes:
    return b"POST /sign-in HTTP/1.1\r\nHost: fedi.test\r\n" + head


AMBIGUOUS = {
    "CL+TE": post(b"Content-Length: 5\r\n" + CHUNKED + EMPTY),
    "TE+CL": post(CHUNKED + b"Content-Length: 5\r\n" + EMPTY),
    "chunked, identity": post(b"Transfer-Encoding: chunked, identity\r\n" + EMPTY),
    "identity, chunked": post(b"Transfer-Encoding: identity, chunked\r\n" + EMPTY),
    "xchunked": post(b"Transfer-Encoding: xchunked\r\n" + EMPTY),
    "TE twice": post(CHUNKED + CHUNKED + EMPTY),
    "TE with a space": post(b"Transfer-Encoding : chunked\r\n" + EMPTY),
    "TE and 1.0": b"POST /sign-in HTTP/1.0\r\nHost: fedi.test\r\n" + CHUNKED + EMPTY,
    "chunk-size +0x10": post(CHUNKED + b"\r\n+0x10\r\n0123456789abcdef\r\n0\r\n\r\n"),
    "chunk-size 0x10": post(CHUNKED + b"\r\n0x10\r\n0123456789abcdef\r\n0\r\n\r\n"),
    "chunk-size too large": post(CHUNKED + b"\r\nfffffffffffffffff\r\nabc\r\n0\r\n\r\n"),
    "chunk ended by a bare LF": post(CHUNKED + b"\r\n5\nabcde\r\n0\r\n\r\n"),
    "chunk longer than said": post(CHUNKED + b"\r\n5\r\nabcdeXX0\r\n\r\n"),
    "bare LF": b"POST /sign-in HTTP/1.1\r\nHost: fedi.test\nContent-Length: 0\r\n\r\n",
    "bare CR": b"POST /sign-in HTTP/1.1\r\nHost: fedi.test\r\nX: a\rContent-Length: 0\r\n\r\n",
    "obs-fold": post(b"X: a\r\n Content-Length: 50\r\n\r\n"),
    "CL: +5": post(b"Content-Length: +5\r\n\r\nabcde"),
    "CL: 5,5": post(b"Content-Length: 5,5\r\n\r\nabcde"),
    "CL twice": post(b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nabcde"),
    "CL: 0x5": post(b"Content-Length: 0x5\r\n\r\nabcde"),
}


@attack("A263")
@pytest.mark.parametrize("name", AMBIGUOUS)
def test_an_ambiguous_end_ends_the_connection(door: Door, name: str) -> None:
    answer = door.send(AMBIGUOUS[name] + HIDDEN)

    assert answer.status == 400
    assert answer.answers == 1, "the hidden request was answered"
    assert answer.closed


@attack("A263")
def test_an_answer_under_way_is_given_before_the_refusal(door: Door) -> None:
    first = b"GET /about HTTP/1.1\r\nHost: fedi.test\r\n\r\n"

    answer = door.send(first + AMBIGUOUS["CL+TE"] + HIDDEN)

    assert (answer.status, answer.answers, answer.closed) == (200, 1, True)


@attack("A263")
def test_what_follows_a_body_changes_nothing_in_the_head(door: Door) -> None:
    """With a Host among the trailers there would be two, and the second might count."""
    answer = door.send(
        b"GET /about HTTP/1.1\r\nHost: fedi.test\r\nConnection: close\r\n"
        + CHUNKED
        + b"\r\n0\r\nHost: evil.test\r\nCookie: fedishare_lang=en\r\n\r\n"
    )

    assert answer.status == 200


@attack("A263")
def test_two_clear_requests_on_one_connection_are_both_answered(door: Door) -> None:
    """Or the tests above would prove nothing."""
    request = b"GET /health/live HTTP/1.1\r\nHost: fedi.test\r\n\r\n"

    answer = door.send(request + request, seconds=1)

    assert (answer.status, answer.answers, answer.closed) == (200, 2, False)


@attack("A263")
def test_another_protocol_is_not_begun(door: Door) -> None:
    upgrade = b"GET /about HTTP/1.1\r\nHost: fedi.test\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"

    answer = door.send(upgrade + HIDDEN)

    assert (answer.status, answer.answers, answer.closed) == (200, 1, True)
