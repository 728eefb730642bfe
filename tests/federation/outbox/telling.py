"""Saying something from La Remise, and looking at what waits to be told."""

from collections.abc import Callable
from typing import Any

from fedishare.federation.actors.model import Actor
from fedishare.federation.outbox import listing, send
from tests.house import BASE_URL, House
from tests.remote import Asked, Person, Reply

REMISE = f"{BASE_URL}/users/remise"
FOLLOWERS = f"{REMISE}/followers"


async def meet(house: House, *people: Person) -> list[Actor]:
    """The house knows these people from now on."""
    return [await house.fetcher.actor(person.uri) for person in people]


def people(house: House, count: int, host: str = "host{}.example") -> list[Person]:
    return [house.network.server(host.format(number)).person("amel") for number in range(count)]


async def say(house: House, *, to: list[str], about: str = "", kind: str = "Create", **also: Any) -> str:
    """The association says something."""
    about = about or f"{BASE_URL}/proposals/{house.here.ids.new(house.clock.now())}"
    activity = {"type": kind, "actor": REMISE, "object": about, "to": to}
    return await house.db.write(send.send, activity, by=house.remise, here=house.here, now=house.clock.now(), **also)


async def queue(house: House, **filters: Any) -> list[listing.Listed]:
    found = await house.db.read(listing.listing, size=1_000, **{"state": None, "host": None, **filters})
    return list(reversed(found))


async def states(house: House) -> list[tuple[str, str]]:
    return [(row.host, row.state) for row in await queue(house)]


def answering(*statuses: int) -> Callable[[Asked], Reply]:
    """These in turn, and the last one for ever."""
    left = list(statuses)
    return lambda asked: Reply(left.pop(0) if len(left) > 1 else left[0])
