"""Somebody elsewhere says that they are another actor now: believed when both accounts say so (A096, FEP-7628)."""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from fedishare.federation.following import moving, operations
from fedishare.federation.following.model import State
from fedishare.foundation.jobs import queue
from fedishare.foundation.values.clock import DAY, HOUR, MINUTE, later
from fedishare.foundation.values.errors import Unreachable
from tests.engines import on_each_engine
from tests.federation.following.town import NADIA, REMISE, Town
from tests.remote import Json, Person


@pytest.fixture
def new(lille: Town) -> Person:
    """Amel's new account, which says that it was the old one."""
    person = lille.house.network.server("neu.example").person("amel")
    shows(person, alsoKnownAs=[lille.amel.uri])
    return person


def shows(person: Person, **properties: Any) -> None:
    person.server.serve(urlsplit(person.uri).path, {**person.document, **properties})


async def is_followed(lille: Town, person: Person, by: str = REMISE) -> None:
    await lille.do(operations.follow, await lille.actor(by), await lille.meet(person))
    about = {"type": "Follow", "actor": by, "object": person.uri}
    assert await lille.hear(person, person.activity("Accept", about)) == "applied"


def move(by: Person, target: str, *, what: str = "") -> Json:
    return by.activity("Move", what or by.uri, target=target)


async def work(lille: Town) -> int:
    """What is to be asked, is; how much that was."""
    house = lille.house
    now = house.clock.now()
    leased = await house.db.work(queue.lease, now=now, lease_until=later(now, HOUR), size=10)
    for job in leased:
        asked = moving.Move(**json.loads(job.payload))
        await moving.follow_on(asked, db=house.db, fetcher=house.fetcher, here=house.here, clock=house.clock)
        await house.db.work(queue.done, job.id)
    return len(leased)


@on_each_engine
async def test_all_who_follow_the_old_account_follow_the_new_one(lille: Town, new: Person) -> None:
    for follower in (REMISE, NADIA):
        await is_followed(lille, lille.amel, by=follower)

    assert await lille.hear(lille.amel, move(lille.amel, new.uri)) == "applied"
    assert await work(lille) == 1

    for follower in (REMISE, NADIA):
        assert await lille.state(follower, new.uri) is State.PENDING
        assert await lille.state(follower, lille.amel.uri) is State.UNDONE
    assert [letter["type"] for letter in await lille.sent(new)] == ["Follow", "Follow"]


@on_each_engine
async def test_new_account_may_say_it_when_the_old_one_agrees(lille: Town, new: Person) -> None:
    await is_followed(lille, lille.amel)
    shows(lille.amel, movedTo=new.uri)

    await lille.hear(new, move(new, new.uri, what=lille.amel.uri))
    await work(lille)

    assert await lille.state(REMISE, new.uri) is State.PENDING


@on_each_engine
async def test_new_account_alone_takes_nobodys_followers(lille: Town, new: Person) -> None:
    await is_followed(lille, lille.amel)

    await lille.hear(new, move(new, new.uri, what=lille.amel.uri))
    await work(lille)

    assert await lille.state(REMISE, lille.amel.uri) is State.ACCEPTED
    assert await lille.state(REMISE, new.uri) is None


@on_each_engine
@pytest.mark.parametrize("shown", [{"alsoKnownAs": []}, {"movedTo": "https://third.example/users/amel"}, {"id": "x"}])
async def test_target_that_does_not_agree_is_not_followed(lille: Town, new: Person, shown: Json) -> None:
    await is_followed(lille, lille.amel)
    shows(new, **{"alsoKnownAs": [lille.amel.uri], **shown})

    await lille.hear(lille.amel, move(lille.amel, new.uri))
    await work(lille)

    assert await lille.state(REMISE, lille.amel.uri) is State.ACCEPTED
    assert await lille.state(REMISE, new.uri) is None


async def test_target_that_cannot_be_asked_now_is_asked_later(lille: Town, new: Person) -> None:
    await is_followed(lille, lille.amel)
    lille.house.network.cut_off(new.server.host)
    await lille.hear(lille.amel, move(lille.amel, new.uri))

    with pytest.raises(Unreachable):
        await work(lille)


async def test_nobody_moves_somebody_else(lille: Town, new: Person) -> None:
    await is_followed(lille, lille.amel)

    assert await lille.hear(lille.tomasz, move(lille.tomasz, new.uri, what=lille.amel.uri)) == "dropped"

    assert await work(lille) == 0


@pytest.mark.parametrize("what", ["nowhere", "itself", "to us", "from us"])
async def test_move_that_makes_no_sense_changes_nothing(lille: Town, new: Person, what: str) -> None:
    await is_followed(lille, lille.amel)
    said = {
        "nowhere": lille.amel.activity("Move", lille.amel.uri),
        "itself": move(lille.amel, lille.amel.uri),
        "to us": move(lille.amel, NADIA),
        "from us": move(lille.amel, lille.amel.uri, what=NADIA),
    }[what]

    await lille.hear(lille.amel, said)
    await work(lille)

    assert await lille.state(REMISE, lille.amel.uri) is State.ACCEPTED
    assert await lille.state(REMISE, NADIA) is None


@on_each_engine
async def test_hundred_moves_in_an_hour_ask_once(lille: Town, new: Person) -> None:
    await is_followed(lille, lille.amel)
    for _ in range(100):
        await lille.hear(lille.amel, move(lille.amel, new.uri))
        lille.house.clock.advance(MINUTE // 2)

    assert await work(lille) == 1


@on_each_engine
async def test_move_back_within_thirty_days_goes_in_circles_and_is_none(lille: Town, new: Person) -> None:
    await is_followed(lille, lille.amel)
    await lille.hear(lille.amel, move(lille.amel, new.uri))
    await work(lille)
    about = {"type": "Follow", "actor": REMISE, "object": new.uri}
    await lille.hear(new, new.activity("Accept", about))
    shows(lille.amel, alsoKnownAs=[new.uri])

    for days in (2, 27):
        lille.house.clock.advance(days * DAY)
        await lille.hear(new, move(new, lille.amel.uri))
        await work(lille)
        assert await lille.state(REMISE, new.uri) is State.ACCEPTED

    lille.house.clock.advance(2 * DAY)
    await lille.hear(new, move(new, lille.amel.uri))
    await work(lille)
    assert await lille.state(REMISE, new.uri) is State.UNDONE
    assert await lille.state(REMISE, lille.amel.uri) is State.PENDING


@on_each_engine
async def test_who_has_blocked_a_follower_is_not_followed_by_them_again(lille: Town, new: Person) -> None:
    await is_followed(lille, lille.amel)
    await lille.meet(new)
    await lille.hear(new, new.activity("Block", REMISE))

    await lille.hear(lille.amel, move(lille.amel, new.uri))
    await work(lille)

    assert await lille.state(REMISE, new.uri) is None
    assert await lille.state(REMISE, lille.amel.uri) is State.UNDONE
