"""Documents that speak in somebody else's name, or from somebody else's address."""

import json

import pytest

from fedishare.features.conversations import operations as conversations
from fedishare.foundation.values.errors import Malformed, Untrusted
from tests.attacks.lines import attack
from tests.attacks.world import World
from tests.remote import ACTIVITY, Json, Reply

JRD = "application/jrd+json"


def pretending(world: World) -> Json:
    """Carol's document as mallory would like it to be."""
    return {**world.carol.document, "name": "Pwned", "publicKey": world.mallory.document["publicKey"]}


@attack("A116")
async def test_an_alias_is_left_for_the_id_it_declares(world: World) -> None:
    world.carol.server.serve("/media/x", pretending(world))

    actor = await world.instance.fetcher.actor(world.carol.server.url("/media/x"))

    assert (actor.uri, actor.display_name) == (world.carol.uri, "Carol")
    assert world.outbound[:2] == ["GET https://good.test/media/x", "GET https://good.test/users/carol"]
    assert world.outbound.count("GET https://good.test/users/carol") == 1


@attack("A117")
async def test_nobody_elsewhere_shows_carol(world: World) -> None:
    await world.meets(world.carol)
    world.forget_requests()
    world.mallory.server.serve("/a", pretending(world))

    async with world.unchanged():
        with pytest.raises(Untrusted):
            await world.instance.fetcher.actor("https://evil.test/a")

    assert world.outbound == ["GET https://evil.test/a"]


@attack("A118")
async def test_a_redirect_elsewhere_does_not_speak_for_where_it_began(world: World) -> None:
    await world.meets(world.carol)
    world.forget_requests()
    world.carol.server.serve("/open?u=x", Reply(302, b"", {"location": "https://evil.test/p"}))
    world.mallory.server.serve("/p", pretending(world))

    async with world.unchanged():
        with pytest.raises(Untrusted):
            await world.instance.fetcher.actor("https://good.test/open?u=x")

    assert world.outbound == ["GET https://good.test/open?u=x", "GET https://evil.test/p"]


@attack("A131")
@pytest.mark.parametrize(
    "inbox", ["https://victim.test/inbox", "https://good.test.evil.test/inbox", "http://good.test/"]
)
async def test_an_actor_whose_inbox_is_elsewhere_is_nobody(world: World, inbox: str) -> None:
    world.carol.server.serve("/users/carol", {**world.carol.document, "inbox": inbox})

    async with world.unchanged():
        with pytest.raises(Malformed):
            await world.instance.fetcher.actor(world.carol.uri)


@attack("A131")
async def test_a_shared_inbox_elsewhere_is_never_written_to(world: World) -> None:
    """Nor are the lists that an actor keeps elsewhere believed: the actor is kept without them."""
    world.network.server("victim.test")
    elsewhere = {name: f"https://victim.test/{name}" for name in ("outbox", "followers", "following", "featured")}
    shown = {**world.carol.document, **elsewhere, "endpoints": {"sharedInbox": "https://victim.test/inbox"}}
    world.carol.server.serve("/users/carol", shown)
    await world.takes(world.carol, world.carol.activity("Follow", world.alice.uri))

    await world.publishes("Bonjour")
    await world.work()

    assert [letter["type"] for letter in world.letters(world.carol)] == ["Accept", "Create"]
    stored = "select shared_inbox, outbox, followers, following, featured from actor where uri = :uri"
    assert await world.ask(stored, uri=world.carol.uri) == [(None,) * 5]
    assert "victim.test" not in world.looked_up


@attack("A143")
async def test_our_own_name_at_another_port_is_neither_ours_nor_anybodys(world: World) -> None:
    double = world.network.server("fedi.test:8443").person("alice")

    async with world.unchanged():
        with pytest.raises(Untrusted):
            await world.instance.fetcher.actor(double.uri)
        answer = await world.sends(double, double.activity("Delete", world.offer.uri))

    assert answer.status_code == 401
    assert world.dialled == []


@attack("A146")
async def test_a_note_attributed_to_another_host_is_nobodys(world: World) -> None:
    await world.hears(world.mallory)
    note = {"id": "https://evil.test/n/1", "type": "Note", "attributedTo": world.carol.uri, "content": "<p>Faux</p>"}
    world.mallory.server.serve("/n/1", {**note, "to": ["https://www.w3.org/ns/activitystreams#Public"]})

    async with world.unchanged(kept=True):
        with pytest.raises(Untrusted):
            await world.instance.fetcher.document("https://evil.test/n/1")
        answer = await world.sends(world.mallory, world.mallory.activity("Announce", "https://evil.test/n/1"))

    assert answer.status_code == 202

    assert (await world.last()).state == "dropped"


@attack("A148")
async def test_nobody_elsewhere_is_called_like_one_of_ours(world: World) -> None:
    server = world.mallory.server
    double = server.person("alice")
    links = [{"rel": "self", "type": ACTIVITY, "href": double.uri}]
    jrd = json.dumps({"subject": "acct:alice@fedi.test", "links": links}).encode()
    server.serve("/.well-known/webfinger", Reply(200, jrd, {"content-type": JRD}))
    reply = server.note("/n/1", double, inReplyTo=world.offer.uri, content="<p>Je suis Alice</p>")

    await world.instance.fetcher.actor(double.uri)
    await world.takes(double, double.activity("Create", reply))

    assert await world.ask("select name, domain from actor where uri = :uri", uri=double.uri) == [
        ("alice", "evil.test")
    ]
    ((post_id,),) = await world.ask("select id from post where uri = :uri", uri=reply["id"])
    now = world.clock.now()
    await world.db.write(conversations.approve, post_id, by=[world.alice.id], here=world.here, now=now)
    page = (await world.reader().go(f"/@alice/{world.offer.id}")).text
    assert "Je suis Alice" in page
    assert page.count("@alice@evil.test") == 1
    assert "@alice@fedi.test" not in page.split("Je suis Alice")[0].rpartition("<article")[2]
