"""What a partner is said to have published before, when the list leads to somebody else's server (WIRE "Backfill")."""

from fedishare.foundation.values.clock import SECOND
from tests.attacks.lines import attack
from tests.attacks.world import World
from tests.remote import Json

SPEAKS = {"implements": [{"href": "https://w3id.org/fep/0837"}]}


async def publishes_a_list(world: World) -> str:
    """Mallory speaks as we do and is followed; the address of the list."""
    uri = f"{world.mallory.uri}/proposals"
    world.mallory.document |= {"proposals": uri, "generator": SPEAKS}
    world.mallory.server.serve("/users/mallory", world.mallory.document)
    return uri


def page(uri: str, items: list[str], following: str | None = None) -> Json:
    shown: Json = {"id": uri, "type": "OrderedCollectionPage", "orderedItems": items}
    return {**shown, "next": following} if following else shown


@attack("F129")
async def test_the_next_page_of_a_list_is_on_its_own_server(world: World) -> None:
    uri = await publishes_a_list(world)
    victim = world.network.server("victim.test")
    victim.serve("/list", page("https://victim.test/list", ["https://victim.test/n/1"]))
    world.mallory.server.serve("/users/mallory/proposals", page(uri, ["https://evil.test/n/0"], victim.url("/list")))

    await world.hears(world.mallory)
    world.clock.advance(1_000 * SECOND)
    await world.work()

    assert "GET https://evil.test/users/mallory/proposals" in world.outbound
    assert "victim.test" not in world.looked_up


@attack("F130")
async def test_a_list_of_somebody_elses_addresses_is_fetched_one_a_second(world: World) -> None:
    uri = await publishes_a_list(world)
    victim = world.network.server("victim.test")
    for number in range(10):
        items = [victim.url(f"/n/{number}-{item}") for item in range(20)]
        following = None if number == 9 else f"{uri}?page={number + 1}"
        path = "/users/mallory/proposals" + (f"?page={number}" if number else "")
        world.mallory.server.serve(path, page(f"https://evil.test{path}", items, following))

    await world.hears(world.mallory)
    for _ in range(10):
        world.clock.advance(SECOND)
        await world.work()

    assert 1 <= len(victim.asked) <= 11
