"""Reports: a flood of them, and what they tell about who reports."""

import json

from fedishare.features.conversations.objects import object_by_uri
from fedishare.features.moderation.operations import report
from fedishare.foundation.values.clock import HOUR, MINUTE
from tests.attacks.inbox.saying import greeting
from tests.attacks.lines import attack
from tests.attacks.world import World

FLOOD = 1_000
BIG = 999_000
"""A text that, with the rest of its activity, is just below what the inbox takes."""


@attack("A100")
async def test_flood_of_reports_is_thirty_rows_and_one_notice(world: World) -> None:
    """From a server known for long, which is not on trial. There is no mail yet: what would be mailed is one notice,
    and no other while it is unread. The first hundred texts are of a megabyte, the others of what is cut already."""
    await world.meets(world.mallory)
    world.clock.advance(2 * HOUR)
    for number in range(FLOOD):
        flag = world.mallory.activity("Flag", [world.alice.uri], content="x" * (BIG if number < 100 else 10_000))
        answer = await world.sends(world.mallory, flag)
        assert answer.status_code == 202
        world.clock.advance(MINUTE // FLOOD)
        if number % 50 == 49:
            await world.work()

    reports = await world.ask("select host, length(content) from report")
    assert reports == [("evil.test", 5_000)] * 30
    assert len(await world.ask("select id from notification where kind = 'report'")) == 1
    assert await world.ask("select count(*) from activity_in where type = 'Flag' and length(body) > 0") == [(0,)]


@attack("A101")
async def test_report_that_is_passed_on_tells_no_name(world: World) -> None:
    await world.takes(world.carol, greeting(world, world.carol))
    about = await world.db.read(object_by_uri, world.carol.server.url("/n/carol"))
    assert about is not None
    world.forget_requests()

    await world.db.write(report, about, "Faux", by=world.alice, tell_home=True, here=world.here, now=world.clock.now())
    await world.work()

    (letter,) = world.letters(world.carol)
    (asked,) = [asked for asked in world.carol.server.asked if asked.method == "POST"]
    assert letter["actor"] == "https://fedi.test/users/instance"
    assert letter["content"] == "Faux"
    assert letter["object"] == [world.carol.uri, about.uri]
    assert 'keyId="https://fedi.test/users/instance#' in asked.headers["signature"]
    assert "alice" not in json.dumps(letter)
    assert "alice" not in json.dumps(asked.headers)


@attack("F001")
async def test_report_that_comes_again_is_one_report(world: World) -> None:
    flag = world.mallory.activity("Flag", [world.alice.uri], content="Faux")
    body = json.dumps(flag).encode()
    shared, own = (world.signed(world.mallory, body, to=to) for to in ("/inbox", "/users/alice/inbox"))

    for to, headers in (("/inbox", shared), ("/users/alice/inbox", own), ("/inbox", shared)):
        assert (await world.post(body, headers, to=to)).status_code == 202
        await world.work()

    assert await world.ask("select count(*) from report") == [(1,)]
    assert await world.ask("select count(*) from notification where kind = 'report'") == [(1,)]
    assert (await world.last()).outcome == "came before"
