"""We follow others: asked once, answered by them alone, ended by either."""

import pytest

from fedishare.federation.following import operations, store
from fedishare.federation.following.model import State
from fedishare.federation.following.operations import Blocked, FollowsOneself, NotFollowed
from fedishare.federation.policy import circles
from fedishare.foundation.values.clock import HOUR
from tests.engines import on_each_engine
from tests.federation.following.town import NADIA, REMISE, Town
from tests.remote import Json


async def asked(lille: Town) -> Json:
    """La Remise follows Amel: what reached her server."""
    await lille.do(operations.follow, await lille.actor(REMISE), await lille.meet(lille.amel))
    return (await lille.sent(lille.amel))[-1]


@on_each_engine
async def test_follow_is_sent_and_waits_for_the_answer(lille: Town) -> None:
    follow = await asked(lille)

    assert (follow["type"], follow["actor"], follow["object"]) == ("Follow", REMISE, lille.amel.uri)
    assert follow["to"] == [lille.amel.uri]
    assert await lille.state(REMISE, lille.amel.uri) is State.PENDING


@on_each_engine
async def test_accept_of_the_embedded_follow_counts(lille: Town) -> None:
    follow = await asked(lille)

    outcome = await lille.hear(lille.amel, lille.amel.activity("Accept", follow))

    assert outcome == "applied"
    assert await lille.state(REMISE, lille.amel.uri) is State.ACCEPTED


async def test_accept_that_names_the_follow_by_id_counts(lille: Town) -> None:
    """Mitra."""
    follow = await asked(lille)

    await lille.hear(lille.amel, lille.amel.activity("Accept", follow["id"]))

    assert await lille.state(REMISE, lille.amel.uri) is State.ACCEPTED


async def test_answers_may_carry_an_id_of_their_own_making(lille: Town) -> None:
    """Misskey mints the id of our Follow anew."""
    follow = {**await asked(lille), "id": "https://mastodon.example/made-up"}

    await lille.hear(lille.amel, lille.amel.activity("Reject", follow))

    assert await lille.state(REMISE, lille.amel.uri) is State.REJECTED


async def test_accept_signed_by_a_slow_clock_counts(lille: Town) -> None:
    """Their clock may be behind ours: what they answer is always later than what we asked."""
    follow = await asked(lille)
    now = lille.house.clock.now()

    await lille.amel.post(lille.house.inbox, lille.amel.activity("Accept", follow), now=type(now)(now - HOUR))
    await lille.house.apply()

    assert await lille.state(REMISE, lille.amel.uri) is State.ACCEPTED


async def test_nobody_answers_for_another(lille: Town) -> None:
    """A087, A089."""
    follow = await asked(lille)
    eve = lille.amel.server.person("eve")

    for stranger in (lille.tomasz, eve):
        for kind in ("Accept", "Reject"):
            assert await lille.hear(stranger, stranger.activity(kind, follow)) == "dropped"
            assert await lille.hear(stranger, stranger.activity(kind, follow["id"])) == "dropped"

    assert await lille.state(REMISE, lille.amel.uri) is State.PENDING


async def test_accept_of_what_was_never_asked_is_dropped(lille: Town) -> None:
    follow = {"id": f"{NADIA}#1", "type": "Follow", "actor": NADIA, "object": lille.amel.uri}
    other = {"id": "https://mastodon.example/1", "type": "LikeRequest", "actor": REMISE, "object": lille.amel.uri}
    await asked(lille)

    assert await lille.hear(lille.amel, lille.amel.activity("Accept", follow)) == "dropped"
    assert await lille.hear(lille.amel, lille.amel.activity("Accept", other)) == "dropped"
    assert await lille.state(REMISE, lille.amel.uri) is State.PENDING


async def test_later_reject_takes_an_accept_back(lille: Town) -> None:
    follow = await asked(lille)
    await lille.hear(lille.amel, lille.amel.activity("Accept", follow))

    await lille.hear(lille.amel, lille.amel.activity("Reject", follow))

    assert await lille.state(REMISE, lille.amel.uri) is State.REJECTED


@on_each_engine
async def test_unfollow_is_told_with_the_follow_inside(lille: Town) -> None:
    follow = await asked(lille)
    await lille.hear(lille.amel, lille.amel.activity("Accept", follow))

    await lille.do(operations.unfollow, await lille.actor(REMISE), await lille.actor(lille.amel.uri))

    undo = (await lille.sent(lille.amel))[-1]
    assert (undo["type"], undo["to"], undo["object"]["id"]) == ("Undo", [lille.amel.uri], follow["id"])
    assert await lille.state(REMISE, lille.amel.uri) is State.UNDONE


async def test_accept_that_comes_after_our_undo_is_dropped(lille: Town) -> None:
    follow = await asked(lille)
    await lille.do(operations.unfollow, await lille.actor(REMISE), await lille.actor(lille.amel.uri))

    assert await lille.hear(lille.amel, lille.amel.activity("Accept", follow)) == "dropped"
    assert await lille.state(REMISE, lille.amel.uri) is State.UNDONE


async def test_asking_again_sends_again_until_it_is_accepted(lille: Town) -> None:
    first, second = await asked(lille), await asked(lille)
    await lille.hear(lille.amel, lille.amel.activity("Accept", second))

    state = await lille.do(operations.follow, await lille.actor(REMISE), await lille.actor(lille.amel.uri))

    assert first["id"] != second["id"]
    assert state is State.ACCEPTED
    assert len([one for one in await lille.sent(lille.amel) if one["type"] == "Follow"]) == 2


async def test_what_does_not_stand_cannot_be_ended(lille: Town) -> None:
    remise, amel = await lille.actor(REMISE), await lille.meet(lille.amel)

    for operation in (operations.unfollow, operations.accept, operations.reject):
        with pytest.raises(NotFollowed):
            await lille.do(operation, remise, amel)


async def test_nobody_follows_themselves(lille: Town) -> None:
    remise = await lille.actor(REMISE)

    with pytest.raises(FollowsOneself):
        await lille.do(operations.follow, remise, remise)


@on_each_engine
async def test_neighbours_here_follow_without_a_message(lille: Town) -> None:
    remise, nadia = await lille.actor(REMISE), await lille.actor(NADIA)

    state = await lille.do(operations.follow, nadia, remise)

    assert state is State.ACCEPTED
    assert await lille.house.db.read(store.follows, nadia.id, remise.id)
    assert not await lille.house.db.read(store.follows, remise.id, nadia.id)


@on_each_engine
async def test_mutual_follow_alone_makes_nobody_a_partner(lille: Town) -> None:
    """Not even with an association: somebody has to say yes (WIRE "Instances")."""
    hangar = lille.house.network.server("hangar.example").person("hangar")
    hangar.document["type"] = "Organization"
    hangar.server.serve("/users/hangar", hangar.document)
    for other in (hangar, lille.tomasz):
        await lille.do(operations.follow, await lille.actor(REMISE), await lille.meet(other))
        follow = (await lille.sent(other))[-1]
        await lille.hear(other, other.activity("Accept", follow))
        await lille.hear(other, other.activity("Follow", REMISE))
    db, known = lille.house.db, await lille.actor(hangar.uri)
    assert await db.read(store.follows, known.id, (await lille.actor(REMISE)).id), "needs to be mutual to mean anything"
    assert not await db.read(circles.sees, circles.PARTNERS, known.id)


@on_each_engine
async def test_block_ends_what_stood_both_ways(lille: Town) -> None:
    follow = await asked(lille)
    await lille.hear(lille.amel, lille.amel.activity("Accept", follow))
    await lille.hear(lille.amel, lille.amel.activity("Follow", REMISE))

    outcome = await lille.hear(lille.amel, lille.amel.activity("Block", REMISE))

    assert outcome == "applied"
    assert await lille.state(REMISE, lille.amel.uri) is State.REJECTED
    assert await lille.state(lille.amel.uri, REMISE) is State.UNDONE
    with pytest.raises(Blocked):
        await lille.do(operations.follow, await lille.actor(REMISE), await lille.actor(lille.amel.uri))


@pytest.mark.parametrize("embedded", [True, False])
async def test_undone_block_lets_us_ask_again(lille: Town, embedded: bool) -> None:
    block = lille.amel.activity("Block", REMISE)
    await lille.hear(lille.amel, block)
    stranger = lille.tomasz.activity("Undo", block)

    assert await lille.hear(lille.tomasz, stranger) == "dropped"
    assert await lille.hear(lille.amel, lille.amel.activity("Undo", block if embedded else block["id"])) == "applied"
    assert (await asked(lille))["type"] == "Follow"


async def test_ban_from_a_community_is_no_block(lille: Town) -> None:
    """Lemmy."""
    ban = lille.amel.activity("Block", REMISE, target="https://mastodon.example/c/velo")

    assert await lille.hear(lille.amel, ban) == "dropped"
