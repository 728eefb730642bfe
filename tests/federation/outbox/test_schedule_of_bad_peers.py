"""Each way to be bad of R4, tried again to the millisecond when it is due, and not before (SECURITY 3.3 "Schedule")."""

import pytest

from fedishare.federation.outbox.schedule import spread
from fedishare.foundation.values.clock import DAY, HOUR, MINUTE, SECOND
from tests.federation.outbox.telling import meet, people, queue, say
from tests.house import House
from tests.remote import Reply


@pytest.mark.parametrize(
    ("reply", "first", "second"),
    [
        (Reply(500), 15 * SECOND, MINUTE),
        (Reply(502, b"<html>" * 100_000), 15 * SECOND, MINUTE),
        (Reply(401), 15 * SECOND, MINUTE),
        (Reply(429, headers={"retry-after": "-5"}), 15 * SECOND, MINUTE),
        (Reply(429, headers={"retry-after": "Mon, 32 Foo 2026 25:61:61 GMT"}), 15 * SECOND, MINUTE),
    ],
)
async def test_bad_answers_are_tried_again_on_time(remise: House, reply: Reply, first: int, second: int) -> None:
    (amel,) = people(remise, 1)
    await meet(remise, amel)
    amel.server.inbox_reply = lambda asked: reply
    await say(remise, to=[amel.uri])
    await remise.deliver()

    for attempt, wait in ((1, first), (2, second)):
        (row,) = await queue(remise)
        due_in = spread(wait, row.id + attempt)
        assert (row.attempts, row.due_at - remise.clock.now()) == (attempt, due_in)
        await _tried_then_and_not_before(remise, due_in, attempt)


@pytest.mark.parametrize(("asked", "waits"), [("1", MINUTE), ("3600", HOUR), ("99999999999", DAY)])
async def test_a_429_is_tried_again_when_it_asked_for(remise: House, asked: str, waits: int) -> None:
    (amel,) = people(remise, 1)
    await meet(remise, amel)
    amel.server.inbox_reply = lambda _: Reply(429, headers={"retry-after": asked})
    await say(remise, to=[amel.uri])
    await remise.deliver()

    await _tried_then_and_not_before(remise, waits, 1)


async def test_no_answer_leaves_in_peace_for_half_a_minute_to_the_millisecond(remise: House) -> None:
    """Never accepted, silent, reset, half closed, dripping, an expired certificate: no answer in time."""
    (amel,) = people(remise, 1)
    await meet(remise, amel)
    amel.server.inbox_reply = lambda _: Reply(0)
    await say(remise, to=[amel.uri])
    await remise.deliver()

    (row,) = await queue(remise)
    assert row.due_at - remise.clock.now() == spread(15 * SECOND, row.id + 1)
    await _tried_then_and_not_before(remise, 30 * SECOND, 1)


@pytest.mark.parametrize("status", [301, 307, 308, 410])
async def test_redirects_and_the_gone_are_never_tried_again(remise: House, status: int) -> None:
    (amel,) = people(remise, 1)
    await meet(remise, amel)
    amel.server.inbox_reply = lambda _: Reply(status, headers={"location": "https://host0.example/elsewhere"})
    await say(remise, to=[amel.uri])
    for _ in range(3):
        await remise.deliver()
        remise.clock.advance(DAY)

    assert [(row.state, row.attempts) for row in await queue(remise)] == [("dead", 1)]


async def test_any_200_is_an_arrival(remise: House) -> None:
    empty, endless = people(remise, 2)
    await meet(remise, empty, endless)
    empty.server.inbox_reply = lambda _: Reply(200)
    endless.server.inbox_reply = lambda _: Reply(200, b"x" * 1_000_000)
    await say(remise, to=[empty.uri, endless.uri])
    await remise.deliver()

    assert [(row.state, row.attempts) for row in await queue(remise)] == [("done", 1)] * 2


async def _tried_then_and_not_before(house: House, due_in: int, attempts: int) -> None:
    """`attempts` so far."""
    house.clock.advance(due_in - 1)
    await house.deliver()
    assert [row.attempts for row in await queue(house)] == [attempts]
    house.clock.advance(1)
    await house.deliver()
    assert [row.attempts for row in await queue(house)] == [attempts + 1]
