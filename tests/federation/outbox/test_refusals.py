"""What an answer means for the next attempt, and for the inbox (SECURITY 3.3 "Schedule")."""

from itertools import pairwise

import pytest

from fedishare.federation.outbox import hosts, listing, turns
from fedishare.foundation.db.access import Tx
from fedishare.foundation.values.clock import DAY, HOUR, MINUTE, SECOND, Instant
from tests.engines import on_each_engine
from tests.federation.outbox.telling import answering, meet, people, queue, say, states
from tests.house import House
from tests.remote import Reply


@on_each_engine
async def test_attempts_follow_the_schedule(remise: House) -> None:
    (amel,) = people(remise, 1)
    await meet(remise, amel)
    amel.server.inbox_reply = answering(500)
    await say(remise, to=[amel.uri])
    began = remise.clock.now()

    attempts: list[int] = []
    for _ in range(40):
        await remise.deliver()
        if len(amel.server.letters) > len(attempts):
            attempts.append(remise.clock.now() - began)
        (row,) = await queue(remise)
        if row.state == "dead":
            break
        remise.clock.advance(max(SECOND, row.due_at - remise.clock.now()))
        await _open_breakers(remise)

    waits = [after - before for before, after in pairwise(attempts)]
    wanted = [15, 60, 300, 900, 3_600, 10_800, 21_600, 43_200, *[86_400] * 5]
    for wait, seconds in zip(waits[:-1], wanted, strict=True):
        assert 0.8 * seconds - 2 <= wait / SECOND <= 1.2 * seconds + 2
    assert row.state == "dead"
    assert row.attempts == 15, "once, and fourteen times again"
    assert attempts[-1] == 7 * DAY, "the last time is at the end of the week, however the others were spread"


async def _open_breakers(house: House) -> None:
    """The breaker has tests of its own: here it stands aside, so that the schedule alone is seen."""
    await house.db.write(_forget_failures, now=house.clock.now())


async def _forget_failures(tx: Tx, *, now: Instant) -> None:
    await tx.run(listing.sql.close_breaker.filtered(only_host=None))
    await turns.call(tx, ["host0.example"], now=now)


@pytest.mark.parametrize("status", [400, 403, 404, 405, 413, 415])
async def test_refusal_is_final(remise: House, status: int) -> None:
    (amel,) = people(remise, 1)
    await meet(remise, amel)
    amel.server.inbox_reply = answering(status)
    await say(remise, to=[amel.uri])

    await remise.deliver()

    (row,) = await queue(remise)
    assert (row.state, row.status, row.attempts) == ("dead", status, 1)


async def test_401_is_asked_again_for_six_hours(remise: House) -> None:
    (amel,) = people(remise, 1)
    await meet(remise, amel)
    amel.server.inbox_reply = answering(401)
    await say(remise, to=[amel.uri])
    began = remise.clock.now()

    while (await queue(remise))[0].state == "waiting":
        await remise.deliver()
        last = remise.clock.now() - began
        remise.clock.advance(MINUTE)

    assert HOUR < last <= 6 * HOUR


async def test_401_that_becomes_202_has_arrived(remise: House) -> None:
    (amel,) = people(remise, 1)
    await meet(remise, amel)
    amel.server.inbox_reply = answering(401, 202)
    await say(remise, to=[amel.uri])
    await remise.deliver()

    remise.clock.advance(MINUTE)
    await remise.deliver()

    assert await states(remise) == [("host0.example", "done")]


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("1", 60),
        ("3600", 3_600),
        ("99999999999", 86_400),
        ("-5", 15),
        ("soon", 15),
        ("Mon, 23 Nov 2026 13:00:00 GMT", 3_600),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_is_kept_within_bounds(remise: House, status: int, asked: str, seconds: int) -> None:
    (amel,) = people(remise, 1)
    await meet(remise, amel)
    amel.server.inbox_reply = lambda letter: Reply(status, headers={"retry-after": asked})
    await say(remise, to=[amel.uri])

    await remise.deliver()

    (row,) = await queue(remise)
    wait = (row.due_at - remise.clock.now()) / SECOND
    assert 0.8 * seconds <= wait <= 1.2 * seconds


@on_each_engine
async def test_inbox_that_is_gone_is_not_told_again_until_its_owner_speaks(remise: House) -> None:
    (amel,) = people(remise, 1)
    (known,) = await meet(remise, amel)
    amel.server.inbox_reply = answering(410)
    first, second = await say(remise, to=[amel.uri]), await say(remise, to=[amel.uri])
    await remise.deliver()
    assert [row.state for row in await queue(remise)] == ["dead", "dead"]
    assert [row.activity for row in await queue(remise)] == [first, second]
    await say(remise, to=[amel.uri])
    assert len(await queue(remise)) == 2

    await remise.db.write(hosts.inbox_is_back, known)
    await say(remise, to=[amel.uri])

    assert [row.state for row in await queue(remise)] == ["dead", "dead", "waiting"]
