"""What goes to a server for followers tells it which of its people we count among them (FEP-8fcf)."""

from fedishare.federation.following.inbox import receive_follow, receive_undo_follow
from fedishare.federation.vocabulary.synchronization import Claim, digest, read_claim
from fedishare.foundation.values.clock import MINUTE
from tests.engines import on_each_engine
from tests.federation.belonging import belongs_to
from tests.federation.outbox.telling import FOLLOWERS, REMISE, meet, people, say
from tests.house import House
from tests.remote import PUBLIC, Person

URL = f"{REMISE}/followers_synchronization"


async def follow(remise: House, *persons: Person, kind: str = "Follow") -> None:
    remise.handlers |= {("Follow", "*"): receive_follow, ("Undo", "*"): receive_undo_follow}
    for person in persons:
        about = REMISE if kind == "Follow" else person.activity("Follow", REMISE)
        await person.post(remise.inbox, person.activity(kind, about), now=remise.clock.now())
    await remise.apply()
    await remise.deliver()


def told(person: Person) -> Claim | None:
    """With the last thing that reached their server."""
    asked = [asked for asked in person.server.asked if asked.method == "POST"][-1]
    said = asked.headers.get("collection-synchronization")
    return read_claim(said) if said is not None else None


@on_each_engine
async def test_each_server_is_told_of_its_own_people_alone(remise: House) -> None:
    await belongs_to(remise, "remise")
    amel, tomasz = people(remise, 2)
    neighbour = amel.server.person("neighbour")
    await follow(remise, amel, tomasz, neighbour)
    await say(remise, to=[PUBLIC, FOLLOWERS])

    await remise.deliver()

    assert told(amel) == Claim(collection=FOLLOWERS, url=URL, digest=digest([amel.uri, neighbour.uri]))
    assert told(tomasz) == Claim(collection=FOLLOWERS, url=URL, digest=digest([tomasz.uri]))


@on_each_engine
async def test_who_has_left_is_not_counted_a_minute_later(remise: House) -> None:
    await belongs_to(remise, "remise")
    (amel,) = people(remise, 1)
    neighbour = amel.server.person("neighbour")
    await follow(remise, amel, neighbour)
    await say(remise, to=[FOLLOWERS])
    await remise.deliver()
    remise.clock.advance(2 * MINUTE)

    await follow(remise, neighbour, kind="Undo")
    await say(remise, to=[FOLLOWERS])
    await remise.deliver()

    assert told(amel) == Claim(collection=FOLLOWERS, url=URL, digest=digest([amel.uri]))


async def test_what_is_for_one_person_tells_nothing_of_followers(remise: House) -> None:
    (amel,) = people(remise, 1)
    await meet(remise, amel)
    await say(remise, to=[amel.uri])

    await remise.deliver()

    assert told(amel) is None


async def test_a_server_without_followers_learns_that_it_has_none(remise: House) -> None:
    (amel,) = people(remise, 1)
    await meet(remise, amel)
    await say(remise, to=[FOLLOWERS, amel.uri])

    await remise.deliver()

    assert told(amel) == Claim(collection=FOLLOWERS, url=URL, digest="0" * 64)
