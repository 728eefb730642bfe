"""Ways round somebody's no: through the instance, through a partnership, through a move."""

from typing import Any

from fedishare.features.partners import store as partners
from fedishare.features.partners.model import State
from fedishare.features.partners.operations import accept
from fedishare.federation.actors import store as actors
from fedishare.federation.following.blocking import block
from fedishare.federation.following.own_changes import update_profile
from tests.attacks.lines import attack
from tests.attacks.world import World
from tests.remote import Json, Person

RELATIONSHIP = "http://purl.org/vocab/relationship/collaboratesWith"


async def follows_of(world: World, person: Person) -> list[tuple[Any, ...]]:
    """Whom they follow here, and how that stands."""
    return await world.ask(
        "select f.state, b.name from follow f join actor a on a.id = f.follower_id "
        "join actor b on b.id = f.followed_id where a.uri = :uri order by b.id",
        uri=person.uri,
    )


async def circles_of(world: World, person: Person) -> list[tuple[Any, ...]]:
    """What they may read that is not for everybody: whose circle of followers they are in."""
    return await world.ask(
        "select o.name from circle_member m join circle c on c.id = m.circle_id join actor o on o.id = c.owner_id "
        "join actor a on a.id = m.actor_id where a.uri = :uri and not a.id = o.id and not o.kind = 'Application'",
        uri=person.uri,
    )


def offer_of(person: Person, us: str) -> Json:
    relationship = {"type": "Relationship", "subject": person.uri, "relationship": RELATIONSHIP, "object": us}
    return person.activity("Offer", relationship, to=[us])


async def become_partners(world: World, person: Person) -> None:
    await world.takes(person, offer_of(person, world.remise.uri))
    known = await world.knows(person)
    await world.db.write(accept, known, here=world.here, now=world.clock.now())
    await world.work()


@attack("F102")
async def test_who_is_blocked_by_the_association_does_not_follow_it_through_the_instance(world: World) -> None:
    await world.meets(world.mallory)
    mallory, instance = await world.knows(world.mallory), await world.db.read(actors.instance_actor)
    await world.db.write(block, world.remise, mallory, here=world.here, now=world.clock.now())
    await world.work()

    await world.takes(world.mallory, world.mallory.activity("Follow", instance.uri))

    assert await circles_of(world, world.mallory) == []


@attack("F103")
async def test_association_that_wants_to_be_asked_is_not_followed_through_the_instance(world: World) -> None:
    await world.db.write(
        update_profile,
        world.remise,
        display_name="La Remise",
        summary="",
        approves_followers=True,
        discoverable=True,
        indexable=True,
        here=world.here,
        now=world.clock.now(),
    )
    instance = await world.db.read(actors.instance_actor)
    follow = world.mallory.activity("Follow", instance.uri)

    await world.takes(world.mallory, follow)

    assert await circles_of(world, world.mallory) == []
    assert ("pending", "remise") in await follows_of(world, world.mallory)
    await world.takes(world.mallory, world.mallory.activity("Undo", follow))
    assert [state for state, _ in await follows_of(world, world.mallory)] == ["undone", "undone"]


@attack("F104")
async def test_partner_asks_a_member_like_everybody_else(world: World) -> None:
    await become_partners(world, world.mallory)
    known = await world.knows(world.mallory)
    bond = await world.db.read(partners.partnership, known.id)
    assert bond is not None
    assert bond.state is State.PARTNER

    await world.takes(world.mallory, world.mallory.activity("Follow", world.bob.uri))

    assert ("pending", "bob") in await follows_of(world, world.mallory)
    assert ("bob",) not in await circles_of(world, world.mallory)


@attack("F105")
async def test_nobody_follows_on_to_whom_they_have_blocked(world: World) -> None:
    old, new = world.carol, world.mallory
    follow = await world.follows(world.alice, old)
    await world.takes(old, old.activity("Accept", follow))
    await world.meets(new)
    await world.db.write(block, world.alice, await world.knows(new), here=world.here, now=world.clock.now())
    new.server.serve("/users/mallory", {**new.document, "alsoKnownAs": [old.uri]})

    await world.takes(old, old.activity("Move", old.uri, target=new.uri))
    asked = {"type": "Follow", "actor": world.alice.uri, "object": new.uri}
    await world.takes(new, new.activity("Accept", asked))

    assert (
        await world.ask(
            "select f.state from follow f join actor a on a.id = f.followed_id where a.uri = :uri", uri=new.uri
        )
        == []
    )
    assert "Follow" not in [letter["type"] for letter in world.letters(new)]


@attack("F106")
async def test_partner_who_moves_takes_no_partnership_along(world: World) -> None:
    old, new = world.mallory, world.network.server("elsewhere.test").person("eve")
    await become_partners(world, old)
    follow = next(letter for letter in world.letters(old) if letter["type"] == "Follow")
    await world.takes(old, old.activity("Accept", follow))
    new.server.serve("/users/eve", {**new.document, "alsoKnownAs": [old.uri]})

    await world.takes(old, old.activity("Move", old.uri, target=new.uri))
    await world.takes(new, new.activity("Follow", world.bob.uri))

    assert [letter["type"] for letter in world.letters(new)] == ["Follow"]
    assert await world.ask(
        "select a.name from circle_member m join actor a on a.id = m.actor_id "
        "join circle c on c.id = m.circle_id where c.kind = 'partners' and not a.local"
    ) == [("mallory",)]
    assert await follows_of(world, new) == [("pending", "bob")]
