"""What stays of an activity that is done with: what an administrator reads, and no bytes of what was sent."""

from fedishare.federation.inbox import store
from fedishare.foundation.values.clock import MINUTE, later
from tests.engines import on_each_engine
from tests.federation.inbox.looking import rows
from tests.house import BASE_URL, House
from tests.remote import Person


@on_each_engine
async def test_of_what_is_done_with_only_its_line_stays(remise: House, amel: Person) -> None:
    like = amel.activity("Like", f"{BASE_URL}/1")
    await amel.post(remise.inbox, like, now=remise.clock.now())
    now = remise.clock.now()
    (taken,) = await remise.db.write(store.lease_fresh, now=now, until=later(now, MINUTE), size=5)

    await remise.db.write(store.settle, [(taken.id, "applied", "")])

    (line,) = await rows(remise)
    assert (line.id, line.uri, line.type, line.actor_uri) == (taken.id, like["id"], "Like", amel.uri)
    assert (line.state, line.attempts, line.received_at) == ("applied", 1, taken.received_at)
    assert await remise.db.write(store.lease_fresh, now=now, until=later(now, MINUTE), size=5) == []


@on_each_engine
async def test_a_worker_that_comes_late_changes_nothing_of_what_is_done_with(remise: House, amel: Person) -> None:
    await amel.post(remise.inbox, amel.activity("Like", f"{BASE_URL}/1"), now=remise.clock.now())
    now = remise.clock.now()
    (taken,) = await remise.db.write(store.lease_fresh, now=now, until=later(now, MINUTE), size=5)
    await remise.db.write(store.settle, [(taken.id, "applied", "")])

    await remise.db.write(store.settle, [(taken.id, "dropped", "came before")])
    await remise.db.write(store.put_aside, [(taken.id, "dead", "too late")])

    assert [(row.state, row.outcome) for row in await rows(remise)] == [("applied", "")]
