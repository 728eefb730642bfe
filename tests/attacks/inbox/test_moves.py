"""Actors that move in circles, or a hundred times an hour."""

import pytest

from fedishare.foundation.values.clock import MINUTE
from tests.attacks.lines import attack
from tests.attacks.world import World
from tests.remote import Json, Person


def follows_sent(world: World) -> list[str]:
    """Whom the association has asked to be followed, over all servers of evil.test."""
    return [letter["object"] for letter in world.letters(world.mallory) if letter["type"] == "Follow"]


def shows(person: Person, **properties: object) -> None:
    person.server.serve(f"/users/{person.name}", {**person.document, **properties})


@attack("A096")
async def test_move_back_and_forth_is_one_move(world: World) -> None:
    a, b = world.mallory, world.mallory.server.person("b")
    await world.hears(a)
    shows(a, alsoKnownAs=[b.uri])
    shows(b, alsoKnownAs=[a.uri])
    await world.takes(a, a.activity("Move", a.uri, target=b.uri))
    follow: Json = next(letter for letter in reversed(world.letters(a)) if letter["type"] == "Follow")
    assert follow["object"] == b.uri
    await world.takes(b, b.activity("Accept", follow))

    await world.takes(b, b.activity("Move", b.uri, target=a.uri))

    assert follows_sent(world) == [a.uri, b.uri]
    assert await world.ask(
        "select a.uri from follow f join actor a on a.id = f.followed_id where f.state = 'accepted'"
    ) == [(b.uri,)]


@attack("A065")
@pytest.mark.parametrize(("before", "followed"), [(19, True), (20, False), (40_000, False)])
async def test_of_many_aliases_twenty_are_believed(world: World, before: int, followed: bool) -> None:
    """Of her who moves to them, they say it as the last."""
    target = world.mallory.server.person("b")
    await world.hears(world.mallory)
    shows(target, alsoKnownAs=[*(f"https://a.b/{one:x}" for one in range(before)), world.mallory.uri])

    await world.takes(world.mallory, world.mallory.activity("Move", world.mallory.uri, target=target.uri))

    assert (target.uri in follows_sent(world)) is followed


@attack("A096")
async def test_hundred_moves_in_an_hour_are_one(world: World) -> None:
    await world.hears(world.mallory)
    targets = [world.mallory.server.person(f"t{number}") for number in range(100)]
    for target in targets:
        shows(target, alsoKnownAs=[world.mallory.uri])
        await world.takes(world.mallory, world.mallory.activity("Move", world.mallory.uri, target=target.uri))
        world.clock.advance(MINUTE * 6 // 10)

    assert follows_sent(world) == [world.mallory.uri, targets[0].uri]
    asked = [request for request in world.outbound if "/users/t" in request and request.startswith("GET")]
    assert {request.rpartition("/")[2] for request in asked} == {"t0"}
