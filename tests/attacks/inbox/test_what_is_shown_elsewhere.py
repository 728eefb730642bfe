"""Words, names and numbers that are harmless at the inbox, and not where they are written out later."""

import asyncio
import json
import os
import random
import sys
import tracemalloc
from xml.etree.ElementTree import fromstring

import pytest

from tests.attacks.inbox.saying import as_bytes
from tests.attacks.lines import attack
from tests.attacks.render.writing import offer
from tests.attacks.world import World
from tests.processes import ROOT

NOBODY = "\u200b\u3164\u2800"
OBEYED = "\x1b]0;owned\x07\x1b[2J\x9b31mrouge\b\b\r\u202eoff\u2066"
TINY = {"resourceQuantity": {"hasUnit": "one", "hasNumericalValue": "1E-99999999"}}


@attack("F203")
async def test_a_remote_quantity_is_no_longer_than_it_looks(world: World) -> None:
    await world.hears(world.mallory)
    said = offer(world.mallory.server.url("/p/1"), "Vélo", "<p>Bleu</p>")
    said["publishes"] = {**said["publishes"], **TINY}
    said["reciprocal"] = {"type": "Intent", "action": "transfer", **TINY}
    tracemalloc.start()
    try:
        await world.takes(
            world.mallory,
            world.mallory.activity("Create", world.mallory.server.note("/p/1", world.mallory, **said)),
        )
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert await world.ask("select quantity, conditions from proposal where origin = 'evil.test'") == [("1", "")]
    assert most < 20_000_000


@attack("F204")
async def test_an_id_that_no_index_can_keep_is_no_id(world: World) -> None:
    await world.meets(world.carol, world.mallory)
    chance = random.Random(7)
    wild = "".join(chr(chance.randrange(0x10000, 0x1FFF0)) for _ in range(1_900))
    url = f"https://evil.test/{wild}"
    note = {**world.mallory.server.note("/n/1", world.mallory, inReplyTo=world.offer.uri), "id": url}
    hostile = [
        {**world.mallory.activity("Like", world.offer.uri), "id": url},
        {**world.mallory.activity("Like", world.offer.uri), "id": wild},
        world.mallory.activity("Create", note),
        world.mallory.activity("Like", url),
        world.mallory.activity("Follow", f"https://fedi.test/{wild}"),
    ]
    honest = world.carol.activity("Announce", world.offer.uri)

    answers = await asyncio.gather(
        *(world.sends(world.mallory, as_bytes(activity)) for activity in hostile), world.sends(world.carol, honest)
    )
    await world.work()

    assert [answer.status_code for answer in answers] == [400] + [202] * 5
    assert await world.ask("select count(*) from activity_in where state not in ('applied', 'dropped')") == [(0,)]
    assert await world.ask("select count(*) from post") == [(0,)]
    assert await world.ask("select count(*) from reaction where kind = 'announce'") == [(1,)]


@attack("F212")
async def test_a_terminal_obeys_nobody_elsewhere(world: World) -> None:
    await world.takes(world.mallory, world.mallory.activity("Flag", [world.alice.uri], content=OBEYED + "lisible"))
    settings = world.instance.settings
    env = {**os.environ, "FEDISHARE_DATA": str(settings.data), "FEDISHARE_DATABASE_URL": settings.database_url}

    async def typed(*words: str) -> str:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "fedishare", *words), cwd=ROOT, env=env, stdout=asyncio.subprocess.PIPE
        )
        out, _ = await process.communicate()
        assert process.returncode == 0
        return out.decode()

    table, lines = await typed("report", "list"), await typed("report", "list", "--json")

    assert "lisible" in table
    assert table.replace("\n", "").isprintable()
    assert lines.replace("\n", "").isprintable()
    assert json.loads(lines)["words"].endswith("lisible")


@attack("F214")
async def test_whom_nobody_can_see_has_a_handle(world: World) -> None:
    world.carol.server.serve("/users/carol", {**world.carol.document, "name": NOBODY})
    note = world.carol.server.note("/n/1", world.carol, inReplyTo=world.offer.uri)
    await world.takes(world.carol, world.carol.activity("Create", note))

    assert (await world.knows(world.carol)).display_name == ""
    alice = world.reader()
    await alice.signs_in("alice")
    page = (await alice.go("/notifications")).text
    assert not set(NOBODY) & set(page)
    assert "carol" in page


@attack("F225")
@pytest.mark.parametrize(
    "letters", ["\ufffe", "\uffff", "\x01", "\x0b", "\x85", "]]>", "&", "<!--", "\ufdd0", "\U0001ffff"]
)
async def test_the_feed_can_be_read_whatever_others_write(world: World, letters: str) -> None:
    said = offer(world.mallory.server.url("/p/1"), f"Vé{letters}lo", f"<p>Ble{letters}u</p>")
    said |= {"name": f"Vé{letters}lo", "contentMap": {f"fr{letters}": "<p>x</p>"}}
    server = world.mallory.server
    server.serve("/users/mallory", {**world.mallory.document, "name": f"Mal{letters}lory"})
    await world.hears(world.mallory)
    await world.takes(world.mallory, world.mallory.activity("Create", server.note("/p/1", world.mallory, **said)))

    answer = await world.reader().go("/search.atom")

    assert answer.status_code == 200
    titles = [entry.findtext("{*}title") or "" for entry in fromstring(answer.text).findall("{*}entry")]
    assert len(titles) == 2
    assert any("Vélo cargo" in title for title in titles)
