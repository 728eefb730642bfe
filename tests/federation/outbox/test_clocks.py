"""Our clock against that of others: when most differ it is ours, and it is said once an hour."""

import pytest
from structlog.testing import capture_logs

from fedishare.federation.outbox.clocks import REMEMBERED, PeerClocks, middle
from fedishare.foundation.values.clock import DAY, HOUR, MINUTE, SECOND, http_date, later
from tests.clock import StoppedClock
from tests.engines import on_each_engine
from tests.federation.outbox.telling import meet, people, say
from tests.house import House
from tests.remote import Reply


def hears(clocks: PeerClocks, clock: StoppedClock, *ahead: int, first: int = 0) -> list[dict[str, object]]:
    """A server each says what time it has; what was logged."""
    with capture_logs() as logged:
        for number, each in enumerate(ahead, start=first):
            clocks.answered(f"host{number}.example", http_date(later(clock.now(), each)))
    return list(logged)


@pytest.mark.parametrize(
    ("ahead", "warned"),
    [
        ([2 * MINUTE] * 3, True),
        ([-DAY] * 3, True),
        ([2 * MINUTE, 2 * MINUTE, 0], True),
        ([2 * MINUTE] * 2, False),
        ([2 * MINUTE, 0, 0], False),
        ([59 * SECOND] * 5, False),
        # As many are right as are wrong.
        ([0, 0, HOUR, HOUR], False),
        # Most are wrong, and not by the clock that all of them share with us.
        ([0, HOUR, -HOUR, HOUR, -HOUR], False),
    ],
)
def test_a_warning_needs_most_of_at_least_three(ahead: list[int], warned: bool) -> None:
    clock = StoppedClock()

    assert bool(hears(PeerClocks(clock), clock, *ahead)) is warned


def test_it_is_said_once_an_hour() -> None:
    clock = StoppedClock()
    clocks = PeerClocks(clock)

    first = hears(clocks, clock, *[2 * MINUTE] * 40)
    clock.advance(59 * MINUTE)
    soon = hears(clocks, clock, *[2 * MINUTE] * 40)
    clock.advance(MINUTE)
    again = hears(clocks, clock, *[2 * MINUTE] * 40)

    assert [(one["event"], one["others_ahead_s"], one["log_level"]) for one in first] == [
        ("clock_differs_from_most", 120, "warning")
    ]
    assert (len(soon), len(again)) == (0, 1)


def test_a_clock_that_was_set_right_is_blamed_no_more() -> None:
    clock = StoppedClock()
    clocks = PeerClocks(clock)
    hears(clocks, clock, 2 * MINUTE, 2 * MINUTE)

    clock.advance(10 * MINUTE)

    assert hears(clocks, clock, 2 * MINUTE, first=2) == []


@pytest.mark.parametrize(
    "date", ["", "yesterday", "Mon, 23 Nov 2026 12:00:00 GMT, Mon, 23 Nov 2026 12:00:00 GMT", "0" * 999]
)
def test_a_date_that_is_none_counts_for_nothing(date: str) -> None:
    clock = StoppedClock()
    clocks = PeerClocks(clock)

    with capture_logs() as logged:
        for number in range(9):
            clocks.answered(f"host{number}.example", date)

    assert logged == []


def test_only_some_servers_are_remembered() -> None:
    clock = StoppedClock()
    clocks = PeerClocks(clock)
    hears(clocks, clock, *[0] * (REMEMBERED + 1))

    # Of those that agreed as many are left as are remembered: half of them and one must differ.
    half = REMEMBERED // 2
    assert hears(clocks, clock, *[HOUR] * half, first=1_000) == []
    assert len(hears(clocks, clock, HOUR, first=2_000)) == 1


def test_of_two_in_the_middle_the_one_that_accuses_less_counts() -> None:
    assert [middle([5]), middle([0, 9]), middle([-9, -1]), middle([1, 2, 30])] == [5, 0, -1, 2]


@on_each_engine
async def test_servers_that_are_told_something_are_listened_to(remise: House):
    those = people(remise, 3)
    await meet(remise, *those)
    date = http_date(later(remise.clock.now(), HOUR))
    for each in those:
        each.server.inbox_reply = lambda asked: Reply(202, headers={"date": date})
    await say(remise, to=[each.uri for each in those])

    with capture_logs() as logged:
        await remise.deliver()

    assert [one["others_ahead_s"] for one in logged if one["event"] == "clock_differs_from_most"] == [3600]
