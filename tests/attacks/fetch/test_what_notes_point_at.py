"""Notes that point at a thousand others: threads, quotes and mentions are no orders to us.

Nothing that a kept note points at is fetched today: not what it answers, not what answers it, not what it quotes, not
whom it names. So the bounds of these lines are none at all; whoever begins to fetch them meets these tests.
"""

import pytest

from tests.attacks.lines import attack
from tests.attacks.world import World
from tests.remote import Json

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"


@pytest.fixture
async def heard(world: World) -> World:
    """Mallory is followed here, so that whatever she writes is kept."""
    await world.hears(world.mallory)
    world.forget_requests()
    return world


async def writes(world: World, **properties: object) -> Json:
    """Mallory writes a note; everything that follows from it is done."""
    note = world.mallory.server.note("/n/1", world.mallory, **properties)
    await world.takes(world.mallory, world.mallory.activity("Create", note))
    assert note["id"] in [uri for uri, _ in await world.posts()]
    return note


@attack("A139")
async def test_a_chain_of_ten_thousand_answers_is_not_climbed(heard: World) -> None:
    for number in range(2, 10_001):
        server = heard.network.server(f"s{number}.deep.test")
        above = f"https://s{number + 1}.deep.test/n"
        server.serve(
            "/n", {"id": server.url("/n"), "type": "Note", "inReplyTo": above, "attributedTo": server.url("/u")}
        )

    await writes(heard, inReplyTo="https://s2.deep.test/n")

    assert [host for host in heard.looked_up if host.endswith("deep.test")] == []


@attack("A140")
async def test_a_hundred_thousand_replies_are_not_fetched(heard: World) -> None:
    server = heard.mallory.server
    replies = [server.url(f"/r/{number}") for number in range(100_000)]
    server.serve("/replies", {"id": server.url("/replies"), "type": "Collection", "items": replies})

    await writes(heard, replies=server.url("/replies"))

    assert [request for request in heard.outbound if "/r" in request.removeprefix("GET https://evil.test")] == []


@attack("A140")
async def test_a_hundred_thousand_replies_in_the_note_are_too_much(heard: World) -> None:
    replies = {"type": "Collection", "items": [f"https://evil.test/r/{number}" for number in range(100_000)]}
    note = heard.mallory.server.note("/n/1", heard.mallory, replies=replies)

    async with heard.unchanged():
        answer = await heard.sends(heard.mallory, heard.mallory.activity("Create", note))

    assert answer.status_code == 413
    assert heard.outbound == []


@attack("A141")
async def test_quotes_of_quotes_are_not_followed(heard: World) -> None:
    server = heard.mallory.server
    for number in range(1_000):
        quoted = server.url(f"/q/{number + 1}")
        server.note(
            f"/q/{number}", heard.mallory, quote=quoted, quoteUrl=quoted, quoteUri=quoted, _misskey_quote=quoted
        )

    await writes(heard, quote=server.url("/q/0"), quoteUrl=server.url("/q/0"))

    assert [request for request in heard.outbound if "/q/" in request] == []


@attack("A142")
async def test_a_thousand_names_are_not_looked_up(heard: World) -> None:
    hosts = [f"m{number}.bomb.test" for number in range(1_000)]
    for host in hosts:
        heard.network.server(host)
    tags = [{"type": "Mention", "href": f"https://{host}/users/x", "name": f"@x@{host}"} for host in hosts]
    note = heard.mallory.server.note("/n/1", heard.mallory, tag=tags, cc=[f"https://{host}/users/x" for host in hosts])

    answer = await heard.sends(heard.mallory, heard.mallory.activity("Create", note))
    in_the_request = list(heard.looked_up)
    await heard.work()

    assert answer.status_code == 202
    assert in_the_request == []
    assert [host for host in heard.looked_up if host.endswith("bomb.test")] == []
    assert note["id"] in [uri for uri, _ in await heard.posts()]
