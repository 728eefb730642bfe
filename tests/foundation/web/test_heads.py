"""What the head of a request may look like. Whole connections: `tests/attacks/http`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedishare.foundation.web.heads import (
    LARGEST_HEAD,
    METHODS,
    MOST_HEADERS,
    MOST_PARAMETERS,
    Headers,
    Refused,
    check_head,
)

HOST = (b"host", b"fedi.test")


def status(method: bytes = b"GET", target: bytes = b"/", version: str = "1.1", headers: Headers | None = None) -> int:
    try:
        check_head(method, target, version, [HOST] if headers is None else headers)
    except Refused as refused:
        return refused.status
    return 200


@pytest.mark.parametrize("method", sorted(METHODS))
def test_every_method_of_a_route_passes(method: bytes) -> None:
    assert status(method) == 200


@pytest.mark.parametrize(
    ("given_head", "expected"),
    [
        ({"method": b"TRACE"}, 501),
        ({"method": b"get"}, 501),
        ({"version": "2.0"}, 505),
        ({"version": "1.0", "headers": []}, 200),
        ({"headers": []}, 400),
        ({"headers": [HOST, HOST]}, 400),
        ({"headers": [(b"host", b"[2001:db8::1]:8000")]}, 200),
        ({"headers": [(b"host", b"fedi.test:8000")]}, 200),
        ({"headers": [(b"host", b"fedi.test:")]}, 400),
        ({"headers": [(b"host", b"fedi test")]}, 400),
        ({"headers": [HOST] + [(b"x", b"y")] * (MOST_HEADERS - 1)}, 200),
        ({"headers": [HOST] + [(b"x", b"y")] * MOST_HEADERS}, 431),
        ({"headers": [HOST, (b"x", b"y" * (LARGEST_HEAD - 20))]}, 200),
        ({"headers": [HOST, (b"x", b"y" * LARGEST_HEAD)]}, 431),
        ({"headers": [HOST, (b"transfer-encoding", b"Chunked")]}, 200),
        ({"headers": [HOST, (b"transfer-encoding", b"gzip, chunked")]}, 400),
        ({"headers": [HOST, (b"transfer-encoding", b"chunked"), (b"transfer-encoding", b"chunked")]}, 400),
        ({"headers": [HOST, (b"transfer-encoding", b"chunked")], "version": "1.0"}, 400),
        ({"target": b"/?" + b"&".join([b"a=1"] * MOST_PARAMETERS)}, 200),
        ({"target": b"/?" + b"&".join([b"a=1"] * (MOST_PARAMETERS + 1))}, 400),
        ({"target": b"http://FEDI.test/about"}, 200),
        ({"target": b"http://fedi.test?x"}, 200),
        ({"target": b"http://evil.test/about"}, 400),
        ({"target": b"http://fedi.test@evil.test/"}, 400),
        ({"target": b"*"}, 400),
    ],
)
def test_one_reading_of_each_head(given_head: dict[str, object], expected: int) -> None:
    assert status(**given_head) == expected  # type: ignore[arg-type]  # the arguments of `status`


@given(
    st.binary(max_size=8),
    st.binary(max_size=60),
    st.sampled_from(["1.0", "1.1", "2.0", "0.9"]),
    st.lists(st.tuples(st.sampled_from([b"host", b"transfer-encoding", b"x"]), st.binary(max_size=40)), max_size=120),
)
def test_whatever_comes_is_taken_or_refused_in_words(
    method: bytes, target: bytes, version: str, headers: Headers
) -> None:
    assert status(method, target, version, headers) in {200, 400, 431, 501, 505}
