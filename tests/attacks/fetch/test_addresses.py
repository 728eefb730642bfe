"""Addresses that are none of our business, wherever they stand."""

from typing import Any

import httpx
import pytest

from fedishare.foundation.net.resolving import Guard
from fedishare.foundation.net.transport import GuardedTransport
from fedishare.foundation.values.errors import Untrusted
from tests.attacks.lines import attack
from tests.attacks.world import World
from tests.remote import Json

IPV6 = [
    *("[::]", "[::1]", "[::ffff:127.0.0.1]", "[::127.0.0.1]", "[::10.0.0.1]", "[::ffff:0:127.0.0.1]"),
    *("[64:ff9b::7f00:1]", "[64:ff9b:1::a00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[3fff::1]", "[fec0::1]"),
    *("[fe80::1%25eth0]", "[fd00:ec2::254]", "[ff02::1]"),
]


@attack("A126")
@pytest.mark.parametrize("host", IPV6)
async def test_an_inner_address_is_refused_before_it_is_called(world: World, host: str) -> None:
    world.network.elsewhere["inner.test"] = [host.strip("[]").replace("%25", "%")]

    async with world.unchanged():
        for url in (f"https://{host}/users/x", "https://inner.test/users/x"):
            with pytest.raises(Untrusted):
                await world.instance.fetcher.actor(url)

    assert world.dialled == []


@attack("A126")
async def test_one_inner_address_beside_a_good_one_is_enough(world: World) -> None:
    world.network.elsewhere["half.test"] = ["93.184.215.14", "::ffff:127.0.0.1"]

    with pytest.raises(Untrusted):
        await world.instance.fetcher.actor("https://half.test/users/x")

    assert world.dialled == []


@attack("A129")
@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "[::1]", "inner.test"])
async def test_a_probe_has_the_same_guard(world: World, host: str) -> None:
    """Nothing of ours asks with HEAD; whoever does one day has this transport, there is no other."""
    world.network.elsewhere["inner.test"] = ["192.168.1.1"]
    transport = GuardedTransport(Guard(world.network.resolver, {}, ()), world.network.connector)

    async with httpx.AsyncClient(transport=transport) as client:
        for method in ("HEAD", "GET"):
            with pytest.raises(Untrusted):
                await client.request(method, f"https://{host}/photo.png")

    assert world.dialled == []


@attack("A130")
@pytest.mark.parametrize("inner", ["http://127.0.0.1/", "https://127.0.0.1/", "https://inner.test/"])
async def test_no_address_inside_a_document_leads_us_inside(world: World, inner: str) -> None:
    """Whatever is said of mallory: pictures, lists, emoji, previews, the description of the server."""
    world.network.elsewhere["inner.test"] = ["127.0.0.1"]
    server = world.mallory.server
    profile = {**world.mallory.document, **pointing_inside(inner)}
    server.serve("/users/mallory", profile)
    server.serve(
        "/.well-known/nodeinfo", {"links": [{"rel": "http://nodeinfo.diaspora.software/ns/schema/2.0", "href": inner}]}
    )
    server.serve("/.well-known/host-meta", {"links": [{"rel": "lrdd", "template": inner + "{uri}"}]})
    page = f'<meta property="og:image" content="{inner}"><link type="application/json+oembed" href="{inner}">'
    note = server.note("/n/1", world.mallory, inReplyTo=world.offer.uri, content=page, **parts_inside(inner))

    await world.hears(world.mallory)
    await world.takes(world.mallory, world.mallory.activity("Create", note))
    await world.takes(world.mallory, world.mallory.activity("Update", profile))
    await world.publishes("Bonjour")
    await world.work()

    assert len(await world.posts()) == 2
    assert {address.partition(" ")[0] for address in world.dialled} == {"93.184.215.14:443"}


def pointing_inside(inner: str) -> Json:
    picture = {"type": "Image", "url": inner + "x.png", "mediaType": "image/png"}
    lists = {
        name: inner + name for name in ("outbox", "followers", "following", "featured", "featuredTags", "proposals")
    }
    return {"icon": picture, "image": [picture], "endpoints": {"sharedInbox": inner + "inbox"}, **lists}


def parts_inside(inner: str) -> dict[str, Any]:
    picture = {"type": "Document", "mediaType": "image/png", "url": inner + "x.png", "name": ""}
    return {
        "attachment": [picture, {"type": "Link", "href": inner}],
        "tag": [{"type": "Emoji", "name": ":x:", "icon": picture}, {"type": "Mention", "href": inner + "users/x"}],
        "replies": inner + "replies",
        "quoteUrl": inner + "quoted",
        "preview": {"type": "Link", "href": inner},
        "context": inner + "context",
    }
