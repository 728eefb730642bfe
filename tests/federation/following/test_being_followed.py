"""Others follow us: answered at once, once a minute, and over when they say so."""

from fedishare.federation.actors import store as actors
from fedishare.federation.following import operations, store
from fedishare.federation.following.model import State
from fedishare.federation.policy import circles
from fedishare.foundation.values.clock import HOUR, MINUTE, SECOND
from tests.engines import on_each_engine
from tests.federation.following.town import INSTANCE, NADIA, REMISE, Town


@on_each_engine
async def test_follow_is_accepted_with_the_follow_as_it_was_sent(lille: Town) -> None:
    """Mastodon and GoToSocial find it by its id, Lemmy wants one element in `to` (INTEROP D.10, D.11)."""
    follow = lille.amel.activity("Follow", REMISE)

    outcome = await lille.hear(lille.amel, follow)

    (accept,) = await lille.sent(lille.amel)
    assert outcome == "applied"
    assert await lille.state(lille.amel.uri, REMISE) is State.ACCEPTED
    assert (accept["type"], accept["actor"], accept["to"]) == ("Accept", REMISE, [lille.amel.uri])
    assert accept["object"] == {name: follow[name] for name in ("id", "type", "actor", "object")}


@on_each_engine
async def test_follower_sees_what_followers_see(lille: Town) -> None:
    await lille.hear(lille.amel, lille.amel.activity("Follow", REMISE))
    db, here, now = lille.house.db, lille.house.here, lille.house.clock.now()
    remise, amel = await lille.actor(REMISE), await lille.actor(lille.amel.uri)
    tomasz = await lille.meet(lille.tomasz)

    circle = await db.write(circles.followers_of, remise.id, here, now)

    assert await db.read(circles.sees, circle, amel.id)
    assert await db.read(circles.sees, circle, remise.id)
    assert not await db.read(circles.sees, circle, tomasz.id)
    assert not await db.read(circles.sees, circle, circles.ANYONE)


@on_each_engine
async def test_five_hundred_ids_are_one_follow(lille: Town) -> None:
    """A103."""
    for _ in range(5):
        await lille.hear(lille.amel, lille.amel.activity("Follow", REMISE))
        lille.house.clock.advance(SECOND)

    counts = await lille.house.db.read(store.counts, (await lille.actor(REMISE)).id)
    assert counts.followers == 1
    assert len(await lille.sent(lille.amel)) == 1


async def test_repeated_follow_is_accepted_again_after_a_minute(lille: Town) -> None:
    for wait in (0, MINUTE - SECOND, 2 * SECOND):
        lille.house.clock.advance(wait)
        last = lille.amel.activity("Follow", REMISE)
        await lille.hear(lille.amel, last)

    accepts = await lille.sent(lille.amel)
    assert len(accepts) == 2
    assert accepts[-1]["object"]["id"] == last["id"]


@on_each_engine
async def test_undo_ends_it_whatever_the_id_inside(lille: Town) -> None:
    """Lemmy embeds a Follow that it has just made up."""
    await lille.hear(lille.amel, lille.amel.activity("Follow", REMISE))
    made_up = lille.amel.activity("Follow", REMISE)

    outcome = await lille.hear(lille.amel, lille.amel.activity("Undo", made_up))

    assert outcome == "applied"
    assert await lille.state(lille.amel.uri, REMISE) is State.UNDONE


@on_each_engine
async def test_undo_may_name_the_follow_by_its_id_alone(lille: Town) -> None:
    """Mitra and Pleroma do."""
    follow = lille.amel.activity("Follow", REMISE)
    await lille.hear(lille.amel, follow)

    outcome = await lille.hear(lille.amel, lille.amel.activity("Undo", follow["id"]))

    assert outcome == "applied"
    assert await lille.state(lille.amel.uri, REMISE) is State.UNDONE


async def test_nobody_undoes_for_another(lille: Town) -> None:
    """A085, A086."""
    follow = lille.amel.activity("Follow", REMISE)
    await lille.hear(lille.amel, follow)

    forged = lille.tomasz.activity("Undo", follow)
    named = lille.tomasz.activity("Undo", follow["id"])
    other_type = lille.amel.activity("Undo", {**follow, "type": "Like"})

    assert [await lille.hear(lille.tomasz, forged), await lille.hear(lille.tomasz, named)] == ["dropped", "dropped"]
    assert await lille.hear(lille.amel, other_type) == "dropped"
    assert await lille.state(lille.amel.uri, REMISE) is State.ACCEPTED


async def test_replay_of_a_follow_after_its_undo_does_nothing(lille: Town) -> None:
    """A022: the date of the signature tells, and within one second the id."""
    follow = lille.amel.activity("Follow", REMISE)
    old = lille.house.clock.now()
    body_of_old = await lille.amel.post(lille.house.inbox, follow, now=old)
    await lille.house.apply()
    lille.house.clock.advance(SECOND)
    await lille.hear(lille.amel, lille.amel.activity("Undo", follow))

    await lille.amel.post(lille.house.inbox, {**follow, "again": 1}, now=old)
    await lille.house.apply()

    assert body_of_old.status_code == 202
    assert await lille.state(lille.amel.uri, REMISE) is State.UNDONE
    assert len(await lille.sent(lille.amel)) == 1


async def test_later_follow_outweighs_an_undo_also_with_the_same_id(lille: Town) -> None:
    """Misskey gives each Follow of a pair one id for ever."""
    follow = {**lille.tomasz.activity("Follow", REMISE), "id": "https://misskey.example/follows/a/b"}
    await lille.hear(lille.tomasz, follow)
    lille.house.clock.advance(SECOND)
    await lille.hear(lille.tomasz, lille.tomasz.activity("Undo", follow))
    lille.house.clock.advance(SECOND)

    outcome = await lille.hear(lille.tomasz, follow)

    assert outcome == "applied"
    assert await lille.state(lille.tomasz.uri, REMISE) is State.ACCEPTED
    assert [letter["type"] for letter in await lille.sent(lille.tomasz)] == ["Accept", "Accept"]


async def test_undo_that_was_overtaken_changes_nothing(lille: Town) -> None:
    old = lille.house.clock.now()
    lille.house.clock.advance(MINUTE)
    await lille.hear(lille.amel, lille.amel.activity("Follow", REMISE))

    await lille.amel.post(
        lille.house.inbox, lille.amel.activity("Undo", lille.amel.activity("Follow", REMISE)), now=old
    )
    await lille.house.apply()

    assert await lille.state(lille.amel.uri, REMISE) is State.ACCEPTED


@on_each_engine
async def test_undo_that_came_before_its_follow_ends_it(lille: Town) -> None:
    """A retry brought the Follow late; the next one counts again."""
    follow, old = lille.amel.activity("Follow", REMISE), lille.house.clock.now()
    lille.house.clock.advance(SECOND)
    await lille.hear(lille.amel, lille.amel.activity("Undo", follow))

    await lille.amel.post(lille.house.inbox, follow, now=old)
    await lille.house.apply()

    assert await lille.state(lille.amel.uri, REMISE) is State.UNDONE
    assert await lille.sent(lille.amel) == []
    lille.house.clock.advance(SECOND)
    assert await lille.hear(lille.amel, lille.amel.activity("Follow", REMISE)) == "applied"
    assert await lille.state(lille.amel.uri, REMISE) is State.ACCEPTED


async def test_latest_of_two_undos_counts_in_whatever_order_they_come(lille: Town) -> None:
    first, later = lille.amel.activity("Follow", REMISE), lille.amel.activity("Follow", REMISE)
    await lille.hear(lille.amel, first)
    lille.house.clock.advance(SECOND)
    await lille.hear(lille.amel, lille.amel.activity("Undo", first))
    lille.house.clock.advance(SECOND)
    between = lille.house.clock.now()
    lille.house.clock.advance(SECOND)
    await lille.hear(lille.amel, lille.amel.activity("Undo", later))

    await lille.amel.post(lille.house.inbox, later, now=between)
    await lille.house.apply()

    assert await lille.state(lille.amel.uri, REMISE) is State.UNDONE


@on_each_engine
async def test_who_approves_followers_is_asked_first(lille: Town) -> None:
    await _approves(lille, NADIA)
    await lille.hear(lille.amel, lille.amel.activity("Follow", NADIA))
    nadia, amel = await lille.actor(NADIA), await lille.actor(lille.amel.uri)
    waiting = await lille.house.db.read(store.followers, nadia.id, state=State.PENDING)
    assert await lille.sent(lille.amel) == []

    await lille.do(operations.accept, amel, nadia)

    assert [relation.uri for relation in waiting] == [amel.uri]
    assert await lille.state(amel.uri, NADIA) is State.ACCEPTED
    assert [letter["type"] for letter in await lille.sent(lille.amel)] == ["Accept"]


async def test_follower_can_be_refused_and_removed(lille: Town) -> None:
    follow = lille.amel.activity("Follow", REMISE)
    await lille.hear(lille.amel, follow)
    remise, amel = await lille.actor(REMISE), await lille.actor(lille.amel.uri)

    await lille.do(operations.remove_follower, amel, remise)

    reject = (await lille.sent(lille.amel))[-1]
    assert (reject["type"], reject["to"], reject["object"]["id"]) == ("Reject", [amel.uri], follow["id"])
    assert await lille.state(amel.uri, REMISE) is State.REJECTED


async def test_who_was_removed_may_ask_again(lille: Town) -> None:
    follow = lille.amel.activity("Follow", REMISE)
    await lille.hear(lille.amel, follow)
    await lille.do(operations.remove_follower, await lille.actor(lille.amel.uri), await lille.actor(REMISE))
    lille.house.clock.advance(SECOND)

    await lille.hear(lille.amel, lille.amel.activity("Follow", REMISE))

    assert await lille.state(lille.amel.uri, REMISE) is State.ACCEPTED


async def test_nobody_here_can_be_followed_who_is_not_here(lille: Town) -> None:
    nadia = await lille.actor(NADIA)
    await lille.house.db.write(actors.erase, nadia.id, now=lille.house.clock.now())

    for whom in (NADIA, f"{REMISE}x", lille.tomasz.uri, "https://www.w3.org/ns/activitystreams#Public"):
        assert await lille.hear(lille.amel, lille.amel.activity("Follow", whom)) == "dropped"
    assert await lille.sent(lille.amel) == []


@on_each_engine
async def test_who_follows_the_instance_follows_the_association(lille: Town) -> None:
    """flohmarkt knows no other address, and gives every Follow the id `#follows/42`."""
    follow = {**lille.amel.activity("Follow", INSTANCE), "id": "#follows/42"}

    await lille.hear(lille.amel, follow)

    (accept,) = await lille.sent(lille.amel)
    assert (accept["actor"], accept["object"]["id"]) == (INSTANCE, "#follows/42")
    assert await lille.state(lille.amel.uri, INSTANCE) is State.ACCEPTED
    assert await lille.state(lille.amel.uri, REMISE) is State.ACCEPTED


async def test_what_began_with_the_instance_ends_with_it(lille: Town) -> None:
    follow = lille.amel.activity("Follow", INSTANCE)
    await lille.hear(lille.amel, follow)

    await lille.hear(lille.amel, lille.amel.activity("Undo", follow))

    assert await lille.state(lille.amel.uri, INSTANCE) is State.UNDONE
    assert await lille.state(lille.amel.uri, REMISE) is State.UNDONE


async def test_own_follow_of_the_association_outlives_that_of_the_instance(lille: Town) -> None:
    await lille.hear(lille.amel, lille.amel.activity("Follow", REMISE))
    follow = lille.amel.activity("Follow", INSTANCE)
    await lille.hear(lille.amel, follow)

    await lille.hear(lille.amel, lille.amel.activity("Undo", follow))

    assert await lille.state(lille.amel.uri, REMISE) is State.ACCEPTED


async def test_follow_from_an_hour_ago_still_counts(lille: Town) -> None:
    """Mastodon retries for days; what was signed then is applied now."""
    before = lille.house.clock.now()
    lille.house.clock.advance(HOUR)
    await lille.amel.post(lille.house.inbox, lille.amel.activity("Follow", REMISE), now=before)
    await lille.house.apply()

    assert await lille.state(lille.amel.uri, REMISE) is State.ACCEPTED


async def _approves(lille: Town, uri: str) -> None:
    actor = await lille.actor(uri)
    await lille.house.db.write(
        actors.change_profile,
        actor.id,
        display_name=actor.display_name,
        summary="",
        approves_followers=True,
        discoverable=True,
        indexable=False,
        now=lille.house.clock.now(),
    )
