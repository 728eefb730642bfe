"""Handles that others answer for: whose they are, where the answer comes from, how much of it is read."""

import json

import pytest

from fedishare.foundation.values.errors import Malformed, Unreachable, Untrusted
from tests.attacks.costs import compare
from tests.attacks.lines import attack
from tests.attacks.world import World
from tests.figures import Figure
from tests.remote import ACTIVITY, Json, Network, Person, Reply

PATH = "/.well-known/webfinger"
JRD = "application/jrd+json"


def answers(network: Network, host: str, subject: str, actor: str, *, also: tuple[Json, ...] = ()) -> None:
    """Whatever `host` is asked, it means `actor`, called `subject`."""
    links = [*also, {"rel": "self", "type": ACTIVITY, "href": actor}]
    document = json.dumps({"subject": f"acct:{subject}", "links": links}).encode()
    network.server(host).serve(PATH, Reply(200, document, {"content-type": JRD}))


def at_evil(world: World) -> Person:
    return world.network.server("evil.test").person("x")


@attack("A152")
async def test_a_handle_that_its_actor_does_not_claim_is_not_its_name(world: World) -> None:
    person = at_evil(world)
    answers(world.network, "good.test", "x@good.test", person.uri)

    actor = await world.instance.fetcher.actor_by_handle("x@good.test")

    assert (actor.uri, actor.handle) == (person.uri, "x@evil.test")


@attack("A152")
async def test_a_handle_that_its_domain_does_not_grant_is_not_its_name(world: World) -> None:
    person = at_evil(world)
    answers(world.network, "evil.test", "x@good.test", person.uri)
    answers(world.network, "good.test", "x@good.test", world.carol.uri)

    actor = await world.instance.fetcher.actor(person.uri)

    assert actor.handle == "x@evil.test"


@attack("A152")
@pytest.mark.parametrize("claimed", ["", "x@good.test"])
async def test_a_handle_that_both_say_is_its_name(world: World, claimed: str) -> None:
    """Its own server says so by WebFinger, or the actor in its document (FEP-2c59)."""
    person = at_evil(world)
    answers(world.network, "good.test", "x@good.test", person.uri)
    if claimed:
        person.server.serve("/users/x", {**person.document, "webfinger": claimed})
    else:
        answers(world.network, "evil.test", "x@good.test", person.uri)

    actor = await world.instance.fetcher.actor_by_handle("x@good.test")

    assert actor.handle == "x@good.test"


@attack("A153")
@pytest.mark.parametrize("where", ["http://10.0.0.1/", "https://10.0.0.1/", "https://inner.test/"])
async def test_an_answer_from_inside_is_not_fetched(world: World, where: str) -> None:
    world.network.elsewhere["inner.test"] = ["10.0.0.1"]
    world.carol.server.serve(PATH, Reply(302, b"", {"location": where}))

    async with world.unchanged():
        with pytest.raises(Untrusted):
            await world.instance.fetcher.actor_by_handle("carol@good.test")

    assert world.dialled == ["93.184.215.14:443 (good.test)"]


@attack("A154")
async def test_an_answer_that_moves_for_ever_is_left(world: World) -> None:
    world.carol.server.serve(PATH, Reply(302, b"", {"location": "https://good.test/.well-known/webfinger?resource=x"}))

    async with world.unchanged():
        with pytest.raises(Malformed):
            await world.instance.fetcher.actor_by_handle("carol@good.test")

    assert len(world.outbound) == 1 + 3


BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY x SYSTEM "file:///etc/passwd">%s]>
<XRD><Link rel="lrdd" template="&z;&x;"/></XRD>""" % b"".join(
    b'<!ENTITY %c "%s">' % (letter, (b"&%c;" % (letter - 1)) * 10) for letter in range(ord("b"), ord("z") + 1)
)


@attack("A155")
async def test_xml_is_never_asked_for(world: World) -> None:
    world.carol.server.serve("/.well-known/host-meta", Reply(200, BOMB, {"content-type": "application/xrd+xml"}))

    async with world.unchanged():
        with pytest.raises(Unreachable):
            await world.instance.fetcher.actor_by_handle("carol@good.test")

    assert [request for request in world.outbound if "host-meta" in request] == []


@attack("A155")
async def test_xml_where_json_belongs_is_not_parsed(world: World, figure: Figure) -> None:
    async def asking() -> None:
        with pytest.raises(Malformed):
            await world.instance.fetcher.actor_by_handle("carol@good.test")

    async def harmless() -> None:
        world.carol.server.serve(PATH, Reply(200, b"x" * len(BOMB), {"content-type": JRD}))
        await asking()

    async def hostile() -> None:
        world.carol.server.serve(PATH, Reply(200, BOMB, {"content-type": "application/xrd+xml"}))
        await asking()

    async with world.unchanged():
        await compare(figure, "XML in the place of JSON", hostile=hostile, harmless=harmless)


@attack("A156")
async def test_five_megabytes_of_links_are_not_read(world: World) -> None:
    links: tuple[Json, ...] = ({"rel": "x", "href": "https://good.test/" + "x" * 480},) * 10_000
    answers(world.network, "good.test", "carol@good.test", world.carol.uri, also=links)

    async with world.unchanged():
        with pytest.raises(Malformed):
            await world.instance.fetcher.actor_by_handle("carol@good.test")


@attack("A156")
@pytest.mark.parametrize("size", [65_537, 200_000, 5_000_000])
async def test_nothing_beyond_64_kb_is_read(world: World, size: int) -> None:
    """The actor would be in the first link: the rest is blanks."""
    whole = behind(0, world.carol.uri)
    world.carol.server.serve(PATH, Reply(200, whole.body.ljust(size), whole.headers))

    async with world.unchanged():
        with pytest.raises(Malformed):
            await world.instance.fetcher.actor_by_handle("carol@good.test")

    world.carol.server.serve(PATH, Reply(200, whole.body.ljust(64_000), whole.headers))
    assert (await world.instance.fetcher.actor_by_handle("carol@good.test")).uri == world.carol.uri


@attack("A156")
async def test_the_actor_is_found_among_the_first_fifty_links(world: World) -> None:
    world.carol.server.serve(PATH, behind(49, world.carol.uri))

    assert (await world.instance.fetcher.actor_by_handle("carol@good.test")).uri == world.carol.uri


@attack("A156")
@pytest.mark.parametrize("before", [50, 10_000])
async def test_no_link_after_the_fiftieth_is_looked_at(world: World, before: int) -> None:
    world.carol.server.serve(PATH, behind(before, world.carol.uri))

    async with world.unchanged():
        with pytest.raises(Malformed):
            await world.instance.fetcher.actor_by_handle("carol@good.test")


def behind(before: int, actor: str) -> Reply:
    """An answer whose link to the actor comes after others that say nothing: ten thousand of them are still short."""
    links = ",".join(["0"] * before + [json.dumps({"rel": "self", "type": ACTIVITY, "href": actor})])
    document = f'{{"subject":"acct:carol@good.test","links":[{links}]}}'
    return Reply(200, document.encode(), {"content-type": JRD})
