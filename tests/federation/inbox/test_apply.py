"""What becomes of an activity that was taken: once, in order, and only on the word of its owner."""

from typing import Any

from fedishare.federation.actors.model import Actor
from fedishare.federation.inbox import loop, store
from fedishare.federation.inbox.handling import Outcome, Received
from fedishare.federation.outbox import store as outbox
from fedishare.foundation.db.access import Tx
from fedishare.foundation.values.clock import DAY, HOUR, MINUTE, SECOND, Instant
from fedishare.foundation.values.errors import NotFound
from fedishare.foundation.values.here import Here
from tests.clock import NOON
from tests.engines import on_each_engine
from tests.federation.inbox.looking import rows, states
from tests.house import BASE_URL, House
from tests.remote import Person

REMISE = f"{BASE_URL}/users/remise"


def heard(house: House) -> list[str]:
    return [received.activity.id for received in house.told]


@on_each_engine
async def test_activity_reaches_its_handler_with_its_actor(remise: House, amel: Person) -> None:
    remise.listens_to(("Follow", "*"))
    follow = amel.activity("Follow", REMISE)
    await amel.post(remise.inbox, follow, now=remise.clock.now())

    await remise.apply()

    (received,) = remise.told
    assert (received.activity.id, received.actor.uri, received.object) == (follow["id"], amel.uri, None)
    assert received.signed_at == remise.clock.now()
    assert await states(remise) == [("Follow", "applied")]


@on_each_engine
async def test_same_activity_counts_once_however_often_it_comes(remise: House, amel: Person) -> None:
    remise.listens_to(("Like", "*"))
    like = amel.activity("Like", f"{BASE_URL}/proposals/1")
    for to in ("/inbox", "/users/remise/inbox", "/inbox"):
        await amel.post(remise.inbox, like, now=remise.clock.now(), to=BASE_URL + to)
        remise.clock.advance(MINUTE)

    await remise.apply()

    assert heard(remise) == [like["id"]]
    assert [state for _, state in await states(remise)] == ["applied", "dropped", "dropped"]


async def test_id_used_for_something_else_is_something_else(remise: House, amel: Person) -> None:
    remise.listens_to(("Follow", "*"), ("Update", "Note"))
    note = amel.server.note("/notes/1", amel)
    reused = amel.server.url("/notes/1/activity")
    for content in ("un", "deux"):
        update = amel.activity("Update", {**note, "content": content}, id=reused)
        await amel.post(remise.inbox, update, now=remise.clock.now())

    await remise.apply()

    assert [received.object and received.object["content"] for received in remise.told] == ["un", "deux"]


async def test_follow_signed_later_is_new_and_a_replay_is_not(remise: House, amel: Person) -> None:
    remise.listens_to(("Follow", "*"), ("Undo", "*"))
    follow = amel.activity("Follow", REMISE, id=amel.server.url("/follows/amel/remise"))
    undo = amel.activity("Undo", follow, id=amel.server.url("/follows/amel/remise#undo"))
    first = remise.clock.now()
    await amel.post(remise.inbox, follow, now=first)
    remise.clock.advance(MINUTE)
    await amel.post(remise.inbox, undo, now=remise.clock.now())
    await amel.post(remise.inbox, follow, now=first)
    remise.clock.advance(MINUTE)
    await amel.post(remise.inbox, follow, now=remise.clock.now())

    await remise.apply()

    assert [received.activity.type for received in remise.told] == ["Follow", "Undo", "Follow"]


@on_each_engine
async def test_order_holds_within_an_origin(remise: House, amel: Person, tomasz: Person) -> None:
    remise.listens_to(("Like", "*"), ("Create", "Note"))
    sent: dict[str, list[str]] = {}
    for number in range(60):
        for person in (amel, tomasz):
            activity = person.activity("Like", f"{BASE_URL}/proposals/{number}")
            if number == 20 and person is tomasz:
                note = person.server.note("/notes/1", person)
                activity = person.activity("Create", note["id"])
            sent.setdefault(person.uri, []).append(activity["id"])
            await person.post(remise.inbox, activity, now=remise.clock.now())
            remise.clock.advance(1)

    await remise.apply()

    for person in (amel, tomasz):
        assert [r.activity.id for r in remise.told if r.actor.uri == person.uri] == sent[person.uri]


@on_each_engine
async def test_what_nobody_takes_is_kept_without_effect(remise: House, amel: Person) -> None:
    await amel.post(remise.inbox, amel.activity("Frobnicate", f"{BASE_URL}/x"), now=remise.clock.now())

    await remise.apply()

    (row,) = await rows(remise)
    assert (row.state, row.outcome) == ("dropped", "nothing here takes Frobnicate of an id")


@on_each_engine
async def test_one_that_always_fails_is_given_up_after_five_strikes_and_the_others_go_on(
    remise: House, amel: Person
) -> None:
    strikes: list[int] = []

    async def poison(tx: Tx, received: Received, here: Here) -> Outcome:
        strikes.append(len(strikes) + 1)
        raise RuntimeError("this one is poison")

    remise.listens_to(("Like", "*"))
    remise.handlers["Flag", "*"] = poison
    await amel.post(remise.inbox, amel.activity("Like", f"{BASE_URL}/1"), now=remise.clock.now())
    await amel.post(remise.inbox, amel.activity("Flag", f"{BASE_URL}/2"), now=remise.clock.now())
    await amel.post(remise.inbox, amel.activity("Like", f"{BASE_URL}/3"), now=remise.clock.now())

    await remise.apply()

    assert await states(remise) == [("Like", "applied"), ("Flag", "waiting"), ("Like", "applied")]
    for _ in range(10):
        remise.clock.advance(HOUR)
        await remise.apply()
    assert await states(remise) == [("Like", "applied"), ("Flag", "dead"), ("Like", "applied")]
    (dead,) = [row for row in await rows(remise) if row.state == "dead"]
    assert dead.attempts == 5
    assert "this one is poison" in dead.outcome
    # The first attempt is made twice: in its group, then by itself.
    assert strikes == [1, 2, 3, 4, 5, 6]


@on_each_engine
async def test_failed_attempt_leaves_nothing_behind(remise: House, amel: Person) -> None:
    moods = iter([RuntimeError("not yet"), RuntimeError("not yet"), None])

    async def moody(tx: Tx, received: Received, here: Here) -> Outcome:
        await tx.run(store.sql.keep, **_some_row(here, remise.clock.now()))
        mood = next(moods)
        if mood:
            raise mood
        return Outcome.APPLIED

    remise.handlers["Like", "*"] = moody
    await amel.post(remise.inbox, amel.activity("Like", f"{BASE_URL}/1"), now=remise.clock.now())
    await remise.apply()
    assert await states(remise) == [("Like", "waiting")]

    remise.clock.advance(MINUTE)
    await remise.apply()

    assert await states(remise) == [("Like", "applied"), ("Marker", "dropped")]


def _some_row(here: Here, now: Instant) -> dict[str, Any]:
    """The effect of a handler in these tests: a row that would be seen if it stayed behind."""
    uri = "https://mastodon.example/users/marker"
    body = b'{"type": "Marker", "actor": "https://mastodon.example/users/marker"}'
    return {
        "id": here.ids.new(now),
        "uri": "",
        "type": "Marker",
        "actor_uri": uri,
        "signer_uri": uri,
        "origin": "https://mastodon.example",
        "body": body,
        "digest": "",
        "signed_at": now,
        "received_at": now,
    }


async def test_refusal_of_a_handler_is_final(remise: House, amel: Person) -> None:
    async def refuse(tx: Tx, received: Received, here: Here) -> Outcome:
        raise NotFound("no such proposal")

    remise.handlers["Like", "*"] = refuse
    await amel.post(remise.inbox, amel.activity("Like", f"{BASE_URL}/1"), now=remise.clock.now())

    await remise.apply()

    (row,) = await rows(remise)
    assert (row.state, row.attempts, row.outcome) == ("dropped", 1, "no such proposal")


@on_each_engine
async def test_lease_of_a_dead_worker_runs_out(remise: House, amel: Person) -> None:
    remise.listens_to(("Like", "*"))
    await amel.post(remise.inbox, amel.activity("Like", f"{BASE_URL}/1"), now=remise.clock.now())
    now = remise.clock.now()
    await remise.db.work(store.lease_fresh, now=now, until=Instant(now + loop.LEASE), size=10)
    await amel.post(remise.inbox, amel.activity("Like", f"{BASE_URL}/2"), now=remise.clock.now())
    await remise.apply()
    assert not remise.told, "its origin is under way elsewhere"

    remise.clock.advance(loop.LEASE + SECOND)
    await remise.apply()

    assert [received.activity.object_id for received in remise.told] == [f"{BASE_URL}/1", f"{BASE_URL}/2"]
    assert [row.attempts for row in await rows(remise)] == [2, 1]


@on_each_engine
async def test_one_that_stopped_the_worker_five_times_is_given_up_untried(remise: House, amel: Person) -> None:
    remise.listens_to(("Like", "*"))
    await amel.post(remise.inbox, amel.activity("Like", f"{BASE_URL}/1"), now=remise.clock.now())
    for _ in range(loop.STRIKES):
        now = remise.clock.now()
        lease = {"now": now, "until": Instant(now + loop.LEASE)}
        fresh = await remise.db.work(store.lease_fresh, size=10, **lease)
        assert fresh or await remise.db.work(store.lease_again, **lease)
        remise.clock.advance(loop.LEASE + SECOND)

    await remise.apply()

    assert await states(remise) == [("Like", "dead")]
    assert not remise.told


async def test_what_was_done_with_is_forgotten_after_a_month(remise: House, amel: Person) -> None:
    remise.listens_to(("Like", "*"))
    await amel.post(remise.inbox, amel.activity("Like", f"{BASE_URL}/1"), now=remise.clock.now())
    await remise.apply()
    assert await states(remise) == [("Like", "applied")]

    remise.clock.advance(31 * DAY)
    await remise.apply()

    assert await states(remise) == []


@on_each_engine
async def test_id_that_another_process_gave_costs_a_wait_and_nothing_else(remise: House, amel: Person) -> None:
    """Two processes can meet in one millisecond: the primary key refuses the second, whose work is done later."""
    taken = remise.here.ids.new(remise.clock.now())
    await remise.db.write(_say, taken, by=remise.remise)
    numbers = iter([taken, taken, taken + 1, taken + 2])

    async def answer(tx: Tx, received: Received, here: Here) -> Outcome:
        await _say(tx, next(numbers), by=remise.remise)
        return Outcome.APPLIED

    remise.handlers["Like", "*"] = answer
    for number in (1, 2):
        like = amel.activity("Like", f"{BASE_URL}/proposals/{number}")
        await amel.post(remise.inbox, like, now=remise.clock.now())

    await remise.apply()
    at_first = await states(remise)
    remise.clock.advance(MINUTE)
    await remise.apply()

    assert at_first == [("Like", "waiting"), ("Like", "applied")]
    assert await states(remise) == [("Like", "applied"), ("Like", "applied")]


async def _say(tx: Tx, number: int, *, by: Actor) -> None:
    await outbox.keep_activity(
        tx,
        number=number,
        uri=f"{BASE_URL}/activities/{number}",
        actor_id=by.id,
        kind="Note",
        object_uri="",
        circle_id=1,
        json="{}",
        key_uri=None,
        now=NOON,
    )
