"""Trying again and dropping by hand: whom it concerns, and what of the queue is read for it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from fedishare.federation.outbox import listing, store
from fedishare.federation.outbox.breaker import Breaker
from fedishare.foundation.db.queries import Query
from fedishare.foundation.values.clock import HOUR, later
from tests.engines import on_each_engine
from tests.federation.outbox.telling import meet, people, queue, say
from tests.house import House
from tests.test_queries import scans_without_index


async def held_back(house: House, host: str) -> None:
    now = house.clock.now()
    breaker = Breaker(failures=7, open_until=later(now, HOUR), failing_since=now, failed_days=1, failed_at=now)
    await house.db.write(store.host_failing, host=host, breaker=breaker)


@on_each_engine
async def test_trying_one_again_leaves_other_servers_in_peace(remise: House):
    amel, chloe = people(remise, 2)
    await meet(remise, amel, chloe)
    await say(remise, to=[amel.uri, chloe.uri])
    for host in ("host0.example", "host1.example"):
        await held_back(remise, host)
    one = next(row for row in await queue(remise) if row.host == "host0.example")

    assert await remise.db.write(listing.retry, now=remise.clock.now(), number=one.id) == 1

    held = {row.host: row.open_until for row in await remise.db.read(listing.failing_hosts, size=10)}
    assert held == {"host0.example": 0, "host1.example": later(remise.clock.now(), HOUR)}


@on_each_engine
async def test_dropping_one_leaves_the_others_waiting(remise: House):
    amel, chloe = people(remise, 2)
    await meet(remise, amel, chloe)
    await say(remise, to=[amel.uri, chloe.uri])
    one = next(row for row in await queue(remise) if row.host == "host0.example")

    assert await remise.db.write(listing.drop, now=remise.clock.now(), number=one.id) == 1

    assert [row.host for row in await queue(remise)] == ["host1.example"]


@pytest.mark.parametrize("name", ["retry", "drop"])
@pytest.mark.parametrize("chosen", [{}, {"only_host": "host0.example"}, {"only_id": 1}])
async def test_what_was_sent_is_not_read_to_choose_what_was_not(
    database_url: str, name: str, chosen: dict[str, object]
):
    query: Query = getattr(listing.sql, name).filtered(**chosen)

    with closing(sqlite3.connect(Path(database_url.removeprefix("sqlite://")))) as connection:
        assert scans_without_index(connection, query) == []
