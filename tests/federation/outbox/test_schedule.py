"""When to try again, and when to leave a host in peace: the tables of SECURITY 3.3, counted out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedishare.federation.outbox.breaker import Breaker, after_failure
from fedishare.federation.outbox.schedule import Tried, next_attempt, retry_after, spread
from fedishare.foundation.values.clock import DAY, HOUR, MINUTE, SECOND, Instant
from tests.clock import NOON


def tried(**changes: object) -> Tried:
    fields: dict[str, object] = {
        "delivery_id": 1,
        "host": "le-hangar.test",
        "inbox": "https://le-hangar.test/inbox",
        "attempts": 1,
        "created_at": NOON,
        "at": NOON,
        "status": None,
    }
    return Tried(**{**fields, **changes})  # type: ignore[arg-type] - each test names the fields it is about


@given(wait=st.integers(1, 7 * DAY), number=st.integers(0, 2**63))
def test_waits_are_spread_by_a_fifth_at_most(wait: int, number: int) -> None:
    assert 0.8 * wait - 1 <= spread(wait, number) <= 1.2 * wait + 1


def test_neighbours_do_not_come_back_at_the_same_moment() -> None:
    waits = {spread(HOUR, number) for number in range(100)}

    assert len(waits) > 50
    assert max(waits) - min(waits) > HOUR // 4


@pytest.mark.parametrize("status", [None, 408, 425, 429, 500, 502, 503, 504, 599])
def test_what_may_pass_is_tried_for_a_week(status: int | None) -> None:
    almost = Instant(NOON + 5 * DAY)

    assert next_attempt(tried(status=status)) is not None
    assert next_attempt(tried(status=status, attempts=12, at=almost)) is not None
    assert next_attempt(tried(status=status, attempts=14, at=Instant(NOON + 7 * DAY))) is None


@pytest.mark.parametrize("status", [301, 400, 403, 404, 405, 406, 410, 413, 415, 422, 451])
def test_what_does_not_pass_is_not_tried_again(status: int) -> None:
    assert next_attempt(tried(status=status)) is None


def test_our_key_may_be_out_of_their_reach_for_six_hours() -> None:
    assert next_attempt(tried(status=401, attempts=5, at=Instant(NOON + 4 * HOUR))) is not None
    assert next_attempt(tried(status=401, attempts=5, at=Instant(NOON + 6 * HOUR))) is None


@given(st.text(max_size=40))
def test_any_retry_after_is_read_or_passed_over(text: str) -> None:
    found = retry_after({"retry-after": text}, NOON)

    assert found is None or found >= 0


def test_breaker_opens_longer_and_longer() -> None:
    breaker, waits = Breaker(), []
    for _ in range(12):
        breaker = after_failure(breaker, NOON, connected=False)
        waits.append(breaker.open_until - NOON)

    half_a_minute = 30 * SECOND
    assert waits[:5] == [half_a_minute] * 4 + [2 * MINUTE]
    assert waits[5:] == [4 * MINUTE, 8 * MINUTE, 16 * MINUTE, 32 * MINUTE, HOUR, HOUR, HOUR]


def test_bad_answers_open_it_at_the_fifth() -> None:
    breaker = Breaker()
    for _ in range(4):
        breaker = after_failure(breaker, NOON, connected=True)
    assert breaker.open_until <= NOON

    assert after_failure(breaker, NOON, connected=True).open_until == NOON + 2 * MINUTE


def test_host_that_fails_on_seven_days_is_asked_once_a_day() -> None:
    breaker, now = Breaker(), NOON
    for _ in range(6):
        breaker = after_failure(breaker, now, connected=False)
        now = Instant(now + DAY)
    assert breaker.open_until - breaker.failing_since < 6 * DAY
    assert breaker.open_until == now - DAY + 4 * MINUTE, "on six days it has not come to that"

    assert after_failure(breaker, now, connected=False).open_until == now + DAY


def test_week_without_anything_to_say_is_no_week_of_failures() -> None:
    once = after_failure(Breaker(), NOON, connected=False)
    later = Instant(NOON + 8 * DAY)

    assert after_failure(once, later, connected=False).open_until == later + 30 * SECOND
