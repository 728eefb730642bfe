"""Who follows me: a page that only the one who is followed sees."""

from fedishare.features.people.model import Person
from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.following import operations as following
from fedishare.federation.following import store as follows
from tests.front_door import FrontDoor, Reader


async def actor_of(site: FrontDoor, name: str) -> Actor:
    found = await site.db.read(actors.local_by_name, name)
    assert found is not None
    return found


async def follow(site: FrontDoor, follower: Person, followed: str) -> None:
    one, other = await actor_of(site, follower.name), await actor_of(site, followed)
    await site.db.write(following.follow, one, other, here=site.here, now=site.clock.now())


async def signed_in(site: FrontDoor, name: str) -> Reader:
    reader = site.reader()
    await reader.signs_in(name)
    await reader.go("/settings/followers")
    return reader


async def test_who_administers_sees_who_follows_the_association(site: FrontDoor) -> None:
    zoe = await site.moves_in("zoe")
    await follow(site, zoe, "laremise")

    nadia, amel = await signed_in(site, "nadia"), await signed_in(site, "amel")

    assert "@zoe@remise.test" in nadia.page.text
    assert "@zoe@remise.test" not in amel.page.text
    assert (await site.reader().go("/settings/followers")).status_code == 303


async def test_a_follower_is_removed_by_a_button(site: FrontDoor) -> None:
    zoe = await site.moves_in("zoe")
    await follow(site, zoe, "laremise")
    nadia = await signed_in(site, "nadia")
    values = {"followed": "laremise", "follower": str(zoe.actor_id), "answer": "remove"}

    answer = await nadia.send("/settings/followers", values)

    association = await actor_of(site, "laremise")
    assert answer.status_code == 303
    assert not await site.db.read(follows.follows, zoe.actor_id, association.id)


async def test_a_member_answers_for_nobody_else(site: FrontDoor) -> None:
    zoe = await site.moves_in("zoe")
    await follow(site, zoe, "laremise")
    amel = await signed_in(site, "amel")
    await amel.go("/settings/account")
    values = {"followed": "laremise", "follower": str(zoe.actor_id), "answer": "remove"}

    answer = await amel.send("/settings/followers", values)

    association = await actor_of(site, "laremise")
    assert answer.status_code == 404
    assert await site.db.read(follows.follows, zoe.actor_id, association.id)


async def test_follower_without_a_number_is_a_mistake_in_the_form(site: FrontDoor) -> None:
    amel = await signed_in(site, "amel")
    await amel.go("/settings/account")

    answer = await amel.send("/settings/followers", {"followed": "amel", "follower": "9" * 30, "answer": "remove"})

    assert answer.status_code == 422
