"""Answers that are no ActivityPub document, whatever is inside of them."""

import json
from collections.abc import Awaitable, Callable

import pytest

from fedishare.foundation.values.errors import RemoteTrouble, Unreachable, Untrusted
from tests.attacks.costs import compare
from tests.attacks.lines import attack
from tests.attacks.world import World
from tests.figures import Figure
from tests.remote import ACTIVITY, Json, Reply

LD = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'


def served(document: Json, kind: str, status: int = 200) -> Reply:
    return Reply(status, json.dumps(document).encode(), {"content-type": kind})


@attack("A114")
@pytest.mark.parametrize("kind", ["text/plain", "application/json", "application/octet-stream", ""])
@pytest.mark.parametrize("what", ["Person", "Note"])
async def test_an_upload_passes_for_no_document(world: World, kind: str, what: str) -> None:
    url = world.carol.server.url("/media/x.json")
    note = {"type": "Note", "attributedTo": world.carol.uri, "content": "<p>Faux</p>"}
    document = {**(world.carol.document if what == "Person" else note), "id": url}
    world.carol.server.serve("/media/x.json", served(document, kind))

    async with world.unchanged():
        with pytest.raises(Untrusted):
            await world.instance.fetcher.document(url)
        with pytest.raises(Untrusted):
            await world.instance.fetcher.actor(url)

    assert world.outbound == ["GET https://good.test/media/x.json"]


@attack("A114")
async def test_an_upload_passes_for_nobodys_key(world: World) -> None:
    url = world.carol.server.url("/media/x.json")
    document = {**world.mallory.document, "id": url, "inbox": f"{url}/inbox"}
    liar = world.carol.server.person("liar", document=document, key_id=f"{url}#main-key")
    world.carol.server.serve("/media/x.json", served(liar.document, "application/json"))

    async with world.unchanged():
        answer = await world.sends(liar, liar.activity("Follow", world.alice.uri))

    assert answer.status_code == 401


@attack("A115")
@pytest.mark.parametrize(
    "kind",
    [
        "application/ld+json",
        'application/ld+json; profile="https://evil.test/ns"',
        'application/ld+json; profile="https://www.w3.org/ns/activitystreams#evil"',
        "text/html; https://www.w3.org/ns/activitystreams",
    ],
)
async def test_linked_data_without_the_profile_is_not_read(world: World, kind: str) -> None:
    world.carol.server.serve("/users/carol", served(world.carol.document, kind))

    async with world.unchanged():
        with pytest.raises(Untrusted):
            await world.instance.fetcher.actor(world.carol.uri)


@attack("A115")
async def test_linked_data_with_the_profile_is_read(world: World) -> None:
    """What is refused above is refused for its type alone."""
    world.carol.server.serve("/users/carol", served(world.carol.document, LD))

    assert (await world.instance.fetcher.actor(world.carol.uri)).uri == world.carol.uri


@attack("A149")
async def test_a_document_in_another_encoding_is_none(world: World) -> None:
    body = json.dumps(world.carol.document).encode("utf-16")
    kind = "application/activity+json; charset=utf-16"
    world.carol.server.serve("/users/carol", Reply(200, body, {"content-type": kind}))

    async with world.unchanged():
        with pytest.raises(RemoteTrouble, match="utf-8"):
            await world.instance.fetcher.actor(world.carol.uri)


@attack("A150")
@pytest.mark.parametrize("status", [201, 202, 203, 204, 205, 206, 226, 300, 304, 404, 500])
async def test_only_200_brings_a_document(world: World, status: int) -> None:
    body = b"" if status == 204 else json.dumps(world.carol.document).encode()
    world.carol.server.serve("/users/carol", Reply(status, body, {"content-type": ACTIVITY}))

    async with world.unchanged():
        with pytest.raises(Unreachable) as refused:
            await world.instance.fetcher.actor(world.carol.uri)

    assert refused.value.status == status


@attack("A150")
@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_that_leads_nowhere_brings_no_document(world: World, status: int) -> None:
    body = json.dumps(world.carol.document).encode()
    world.carol.server.serve("/users/carol", Reply(status, body, {"content-type": ACTIVITY}))

    async with world.unchanged():
        with pytest.raises(Unreachable):
            await world.instance.fetcher.actor(world.carol.uri)


@attack("A144")
async def test_a_page_full_of_half_links_is_not_parsed(world: World, figure: Figure) -> None:
    link = b"<link rel=alternate type=application/activity+json "
    world.mallory.server.serve("/links", Reply(200, (link * 50_000)[:990_000], {"content-type": "text/html"}))
    world.mallory.server.serve("/words", Reply(200, b"x" * 990_000, {"content-type": "text/html"}))

    def asking(path: str) -> Callable[[], Awaitable[object]]:
        async def ask() -> None:
            with pytest.raises(Untrusted):
                await world.instance.fetcher.document(world.mallory.server.url(path))

        return ask

    await compare(figure, "a page of links", hostile=asking("/links"), harmless=asking("/words"))

    assert world.outbound == ["GET https://evil.test/words", "GET https://evil.test/links"]


@attack("A145")
async def test_a_page_names_nobody_elsewhere(world: World) -> None:
    """Pages are not parsed for alternates at all."""
    page = f'<link rel=alternate type=application/activity+json href="{world.carol.uri}">'.encode()
    world.mallory.server.serve("/page", Reply(200, page, {"content-type": "text/html"}))

    async with world.unchanged():
        with pytest.raises(Untrusted):
            await world.instance.fetcher.actor(world.mallory.server.url("/page"))

    assert world.outbound == ["GET https://evil.test/page"]
