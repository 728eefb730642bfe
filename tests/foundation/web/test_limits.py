"""Who asks too much is told when to come back, and nobody else is slowed down (SECURITY 6.8)."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedishare.foundation.values.clock import MINUTE, SECOND, parse_rfc3339
from fedishare.foundation.web.limits import ACCOUNT, ANONYMOUS, SIGNED, Allowance, Buckets, TooFast
from fedishare.foundation.web.proxies import Counted
from tests.clock import StoppedClock
from tests.front_door import FrontDoor, Reader

FEW = Allowance(burst=3, per_second=0.5)


def taken(buckets: Buckets, whom: str, tries: int) -> int:
    return sum(not buckets.take(whom) for _ in range(tries))


def test_a_burst_is_allowed_then_one_at_a_time() -> None:
    clock = StoppedClock()
    buckets = Buckets(clock, FEW)

    assert taken(buckets, "carol", 10) == 3
    clock.advance(2 * SECOND)
    assert taken(buckets, "carol", 10) == 1
    clock.advance(60 * SECOND)
    assert taken(buckets, "carol", 10) == 3


def test_what_one_takes_is_not_missing_to_another() -> None:
    buckets = Buckets(StoppedClock(), FEW)
    taken(buckets, "carol", 10)

    assert taken(buckets, "dave", 10) == 3


def test_who_is_refused_learns_when_there_is_one_again() -> None:
    clock = StoppedClock()
    buckets = Buckets(clock, FEW)
    taken(buckets, "carol", 3)

    with pytest.raises(TooFast) as refused:
        buckets.check("carol")

    headers = refused.value.headers
    assert headers["Retry-After"] == "2"
    assert headers["X-RateLimit-Limit"] == "3"
    assert headers["X-RateLimit-Remaining"] == "0"
    assert parse_rfc3339(headers["X-RateLimit-Reset"]) == clock.now() + 2 * SECOND
    clock.advance(2 * SECOND)
    buckets.check("carol")


def test_those_who_asked_long_ago_are_forgotten_first() -> None:
    buckets = Buckets(StoppedClock(), FEW, size=2)
    for whom in ("carol", "dave", "erin"):
        taken(buckets, whom, 3)

    assert taken(buckets, "erin", 3) == 0
    assert taken(buckets, "dave", 3) == 0
    assert taken(buckets, "carol", 3) == 3


@given(st.lists(st.integers(min_value=0, max_value=10_000), max_size=60))
def test_never_more_than_the_burst_and_what_came_since(waits: list[int]) -> None:
    clock = StoppedClock()
    buckets = Buckets(clock, FEW)
    given_out = 0
    for wait in waits:
        clock.advance(wait)
        given_out += not buckets.take("carol")

    assert given_out <= FEW.burst + FEW.per_second * sum(waits) / SECOND + 1e-6


PROXY = (ip_network("127.0.0.1/32"),)


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "whom"),
    [
        ("203.0.113.9", b"", (), "203.0.113.9"),
        ("203.0.113.9", b"198.51.100.1", (), "203.0.113.9"),
        ("127.0.0.1", b"198.51.100.1", PROXY, "198.51.100.1"),
        ("127.0.0.1", b"6.6.6.6, 198.51.100.1", PROXY, "198.51.100.1"),
        ("127.0.0.1", b"x" * 9_000 + b", 198.51.100.1", PROXY, "198.51.100.1"),
        ("127.0.0.1", b"2001:db8:1:2:3::4", PROXY, "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", b"", (), "2001:db8:1:2::/64"),
        (None, b"198.51.100.1", (), "198.51.100.1"),
        # Nobody has named this proxy, and everybody may be behind it.
        ("127.0.0.1", b"198.51.100.1", (), ""),
        ("172.17.0.1", b"", (), ""),
        (None, b"", (), ""),
    ],
)
def test_whose_requests_are_counted_together(
    peer: str | None, forwarded: bytes, trusted: tuple[object, ...], whom: str
) -> None:
    scope = {"client": (peer, 1) if peer else None, "headers": [(b"x-forwarded-for", forwarded)] if forwarded else []}

    assert Counted(trusted).whom(scope) == whom  # type: ignore[arg-type]  # networks, of either kind


@pytest.fixture
def limited(site: FrontDoor) -> FrontDoor:
    return site.with_limits()


async def refusals(reader: Reader, path: str, tries: int, **headers: str) -> int:
    return [(await reader.go(path, **headers)).status_code for _ in range(tries)].count(429)


async def test_a_stranger_reads_three_hundred_pages_then_waits(limited: FrontDoor) -> None:
    stranger, other = limited.reader(), limited.reader(address="198.51.100.1")

    assert await refusals(stranger, "/about", ANONYMOUS.burst + 5) == 5
    answer = stranger.page
    assert answer.headers["retry-after"] == "1"
    assert answer.headers["x-ratelimit-limit"] == "300"
    assert answer.headers["x-ratelimit-remaining"] == "0"
    assert "x-ratelimit-reset" in answer.headers
    assert answer.headers["content-security-policy"]
    assert await refusals(other, "/about", 1) == 0
    limited.clock.advance(SECOND)
    assert await refusals(stranger, "/about", 2) == 1


async def test_another_spelling_of_the_path_is_the_same_request(limited: FrontDoor) -> None:
    stranger = limited.reader()
    await refusals(stranger, "/about", ANONYMOUS.burst)

    for path in ("/about/", "//about", "/ABOUT", "/%61bout", "/users/nadia", "/nothing", "/about?x=1"):
        assert await refusals(stranger, path, 1) == 1, path


async def test_other_addresses_in_headers_change_nothing(limited: FrontDoor) -> None:
    stranger = limited.reader()
    await refusals(stranger, "/about", ANONYMOUS.burst)

    for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "CF-Connecting-IP", "X-HTTP-Method-Override"):
        assert await refusals(stranger, "/about", 1, **{name: "198.51.100.77"}) == 1, name


async def test_styles_and_watchers_are_not_counted(limited: FrontDoor) -> None:
    stranger = limited.reader()
    await refusals(stranger, "/about", ANONYMOUS.burst + 1)

    assert await refusals(stranger, "/static/none.css", 2) == 0


async def test_a_member_is_counted_for_herself(limited: FrontDoor) -> None:
    nadia, stranger = limited.reader(), limited.reader()
    await nadia.signs_in()
    await refusals(stranger, "/about", ANONYMOUS.burst + 1)

    assert await refusals(nadia, "/about", 400) == 0
    assert await refusals(nadia, "/about", ACCOUNT.burst) > 0
    limited.clock.advance(5 * MINUTE)
    assert await refusals(nadia, "/about", 400) == 0


async def test_a_server_that_signs_is_counted_wherever_it_comes_from(limited: FrontDoor) -> None:
    """Here a header says who signed; in the whole instance that is proved first."""
    first = limited.reader(headers={"X-Signed-By": "https://good.test"})
    second = limited.reader(address="198.51.100.1", headers={"X-Signed-By": "https://good.test"})

    assert await refusals(first, "/about", ANONYMOUS.burst + 5) == 0
    assert await refusals(second, "/static/none.css", 1) == 0
    for _ in range(SIGNED.burst - ANONYMOUS.burst - 5):
        limited.asgi._servers.take("https://good.test")  # type: ignore[attr-defined]  # asking as often takes a minute
    assert await refusals(second, "/about", 2) == 2
    assert await refusals(limited.reader(), "/about", 1) == 0


async def test_an_invented_session_counts_as_none(limited: FrontDoor) -> None:
    stranger = limited.reader(headers={"Cookie": "__Host-session=invented"})

    assert await refusals(stranger, "/about", ANONYMOUS.burst + 5) == 5


async def test_machines_are_told_in_json(limited: FrontDoor) -> None:
    stranger = limited.reader(headers={"Accept": "application/activity+json"})
    await refusals(stranger, "/users/nadia", ANONYMOUS.burst + 1)

    assert stranger.page.status_code == 429
    assert stranger.page.headers["content-type"] == "application/problem+json"
    assert stranger.page.json()["code"] == "too-many"
    assert stranger.page.headers["retry-after"]


async def test_without_limits_nobody_is_counted(site: FrontDoor) -> None:
    assert await refusals(site.reader(), "/about", ANONYMOUS.burst + 20) == 0
