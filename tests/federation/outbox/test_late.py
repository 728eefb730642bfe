"""What an administrator is shown of what is late: what waits, for whom, and how its server stands."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from fedishare.federation.inbox import store as inbox
from fedishare.federation.inbox import why
from fedishare.federation.inbox.why import known_of
from fedishare.federation.outbox import late, store
from fedishare.federation.outbox.breaker import Breaker
from fedishare.foundation.values.clock import HOUR, MINUTE, later
from tests.engines import on_each_engine
from tests.federation.outbox.telling import answering, meet, people, queue, say
from tests.house import BASE_URL, House
from tests.test_queries import scans_without_index

ABOUT = f"{BASE_URL}/proposals/12"


async def told_both(remise: House) -> None:
    """Two are to be told of one thing and the first of another; the second is on a server that fails."""
    amel, chloe = people(remise, 2)
    await meet(remise, amel, chloe)
    await say(remise, to=[amel.uri, chloe.uri], about=ABOUT)
    await say(remise, to=[amel.uri], about=f"{BASE_URL}/proposals/13")
    now = remise.clock.now()
    breaker = Breaker(failures=7, open_until=later(now, HOUR), failing_since=now, failed_days=2, failed_at=now)
    await remise.db.write(store.host_failing, host="host1.example", breaker=breaker)


@on_each_engine
async def test_what_waits_is_found_by_its_id_and_by_what_it_is_about(remise: House):
    await told_both(remise)
    first = (await queue(remise))[0]

    by_object = await remise.db.read(known_of, ABOUT, size=10)
    by_id = await remise.db.read(known_of, first.activity, size=10)

    assert [row.host for row in by_object.out] == ["host0.example", "host1.example"]
    assert by_id == by_object
    assert [(each.host, each.failures, each.failed_days, each.waiting) for each in by_object.hosts] == [
        ("host1.example", 7, 2, 1)
    ]
    assert [row.open_until for row in by_object.out] == [0, later(remise.clock.now(), HOUR)]


@on_each_engine
async def test_a_server_is_asked_for_in_any_letters(remise: House):
    await told_both(remise)

    found = await remise.db.read(known_of, "HOST0.example", size=10)
    nobody = await remise.db.read(known_of, "not a host", size=10)

    assert [row.host for row in found.out] == ["host0.example", "host0.example"]
    assert (found.hosts, nobody.out, nobody.came, nobody.hosts) == ([], [], [], [])


@on_each_engine
async def test_what_arrived_is_counted_and_what_was_given_up_is_shown(remise: House):
    amel, chloe = people(remise, 2)
    await meet(remise, amel, chloe)
    chloe.server.inbox_reply = answering(404)
    await say(remise, to=[amel.uri, chloe.uri], about=ABOUT)
    await remise.deliver()

    known = await remise.db.read(known_of, ABOUT, size=10)

    assert known.arrived == 1
    assert [(row.host, row.state, row.status) for row in known.out] == [("host1.example", "dead", 404)]


@on_each_engine
async def test_what_came_in_and_waits_is_found_by_id_by_author_and_by_server(remise: House):
    (amel,) = people(remise, 1)
    now = remise.clock.now()
    arrived = inbox.Arrived(
        id=remise.here.ids.new(now),
        uri=f"{amel.uri}#likes/1",
        type="Like",
        actor_uri=amel.uri,
        signer_uri=amel.uri,
        origin="https://host0.example",
        body=b"{}",
        digest="",
        signed_at=now,
        received_at=now,
    )
    await remise.db.write(inbox.keep_all, [arrived])
    (leased,) = await remise.db.write(inbox.lease_fresh, now=now, until=later(now, MINUTE), size=5)
    await remise.db.write(inbox.try_again, leased.id, due_at=later(now, MINUTE), outcome="key not found")

    for asked in (arrived.uri, amel.uri, "host0.example"):
        (came,) = (await remise.db.read(known_of, asked, size=10)).came
        assert (came.uri, came.attempts, came.outcome) == (arrived.uri, 1, "key not found")
    assert (await remise.db.read(known_of, "host1.example", size=10)).came == []


@on_each_engine
async def test_late_is_what_waits_for_ten_minutes(remise: House):
    await told_both(remise)
    assert await remise.db.read(late.late_count, now=remise.clock.now()) == 0

    remise.clock.advance(late.LATE + 1)

    assert await remise.db.read(late.late_count, now=remise.clock.now()) == 3
    assert [row.host for row in await remise.db.read(late.oldest, size=2)] == ["host0.example", "host1.example"]


@pytest.mark.parametrize("chosen", [{"about": ""}, {"host": ""}, {"oldest": 5}])
async def test_what_arrived_is_not_read_to_find_what_did_not(database_url: str, chosen: dict[str, object]):
    with closing(sqlite3.connect(Path(database_url.removeprefix("sqlite://")))) as connection:
        assert scans_without_index(connection, late.sql.late.filtered(**chosen)) == []
        assert scans_without_index(connection, late.sql.late_count) == []


@pytest.mark.parametrize("chosen", [{"said": ""}, {"host": ""}])
async def test_what_was_applied_is_not_read_to_find_what_was_not(database_url: str, chosen: dict[str, object]):
    with closing(sqlite3.connect(Path(database_url.removeprefix("sqlite://")))) as connection:
        assert scans_without_index(connection, why.sql.late.filtered(**chosen)) == []
