"""More of everything than anybody reads: each list and each text ends at its own number."""

import json

import pytest

from fedishare.federation.vocabulary import limits
from tests.attacks.costs import compare
from tests.attacks.inbox.saying import as_bytes, greeting
from tests.attacks.lines import attack
from tests.attacks.world import World
from tests.figures import Figure
from tests.remote import Json


async def kept(world: World, note: Json) -> Json:
    """Its document on the disk; of an offer there is none, but columns."""
    ((text,),) = await world.ask("select json from object where uri = :uri", uri=note["id"])
    return dict(json.loads(text))


def offer(note: Json) -> Json:
    """The same note, which is also somebody's offer."""
    intent = {"type": "Intent", "id": f"{note['id']}#primary", "action": "transfer"}
    return {**note, "purpose": "offer", "publishes": intent}


@attack("A060")
@pytest.mark.parametrize("an_offer", [False, True])
async def test_of_ten_thousand_hashtags_fifty_are_kept(world: World, an_offer: bool) -> None:
    await world.hears(world.carol)
    note = world.carol.server.note("/n/1", world.carol)
    note["tag"] = [
        {"type": "Hashtag", "name": f"#tag{number}", "href": "https://good.test/t"} for number in range(10_000)
    ]
    note = offer(note) if an_offer else note

    await world.takes(world.carol, world.carol.activity("Create", note))

    most = 0 if an_offer else 50
    assert [tag["name"] for tag in (await kept(world, note)).get("tag", [])] == [f"#tag{n}" for n in range(most)]


@attack("A060")
async def test_hashtag_of_a_megabyte_is_cut(world: World) -> None:
    await world.hears(world.carol)
    note = world.carol.server.note("/n/1", world.carol)
    huge = {"type": "Hashtag", "name": "#" + "a" * 1_000_000, "href": "https://good.test/t"}
    almost = {**huge, "name": "#" + "a" * 990_000}
    async with world.unchanged():
        answer = await world.sends(world.carol, world.carol.activity("Create", {**note, "tag": [huge]}))
    assert answer.status_code == 413

    await world.takes(world.carol, world.carol.activity("Create", {**note, "tag": [almost]}))
    thing = offer({**world.carol.server.note("/n/2", world.carol), "tag": [almost]})
    await world.takes(world.carol, world.carol.activity("Create", thing))

    assert [len(tag["name"]) for tag in (await kept(world, note))["tag"]] == [limits.TAG] == [100]
    assert await world.ask("select category from proposal where uri = :uri", uri=thing["id"]) == [("a" * 60,)]
    assert await kept(world, thing) == {}


@attack("A061")
async def test_of_ten_thousand_options_twenty_are_shown(world: World, figure: Figure) -> None:
    reader = world.reader()
    await reader.signs_in("alice")
    pages: list[str] = []

    async def read() -> None:
        pages.append((await reader.go("/notifications")).text)

    async def calm() -> None:
        usual = greeting(world, world.mallory, content=f"<p>{'mot ' * 10_000}</p>")
        await world.takes(world.mallory, usual)
        await read()

    async def poll() -> None:
        options = [{"type": "Note", "name": f"Choix {number}."} for number in range(10_000)]
        question = greeting(world, world.carol, type="Question", content="<p>Lequel ?</p>", oneOf=options)
        await world.takes(world.carol, question)
        await read()

    await compare(figure, "a poll of 10,000 options, taken and shown", hostile=poll, harmless=calm)

    assert pages[1].count("Choix ") == limits.OPTIONS == 20


@attack("A062")
async def test_of_two_hundred_attachments_sixteen_are_kept_and_none_is_fetched(world: World) -> None:
    await world.hears(world.carol)
    pictures = [
        {"type": "Image", "url": f"https://good.test/{number}.jpg", "mediaType": "image/jpeg"} for number in range(200)
    ]
    note = {**world.carol.server.note("/n/1", world.carol), "attachment": pictures}
    thing = offer({**world.carol.server.note("/n/2", world.carol), "attachment": pictures})
    world.forget_requests()

    await world.takes(world.carol, world.carol.activity("Create", note))
    await world.takes(world.carol, world.carol.activity("Create", thing))

    assert len((await kept(world, note))["attachment"]) == 16
    assert await kept(world, thing) == {}
    assert len(await world.ask("select url from proposal_photo")) == 16
    assert world.outbound == world.dialled == []


@attack("A063")
@pytest.mark.parametrize("an_offer", [False, True])
async def test_each_text_is_cut_at_its_own_limit(world: World, an_offer: bool) -> None:
    await world.hears(world.carol)
    texts = {name: name[0] * 300_000 for name in ("name", "summary", "content")}
    note = world.carol.server.note("/n/1", world.carol, **texts)
    note = offer(note) if an_offer else note

    await world.takes(world.carol, world.carol.activity("Create", note))

    table, title = ("proposal", "title") if an_offer else ("post", "warning")
    ((content, short),) = await world.ask(f"select content, {title} from {table} where uri = :uri", uri=note["id"])
    assert 0 < len(content) <= limits.CONTENT == 65_536
    assert 0 < len(short) <= limits.WARNING
    on_disk = await kept(world, note)
    if an_offer:
        assert on_disk == {}
    else:
        assert len(on_disk["content"]) == limits.CONTENT
        assert len(on_disk["name"]) <= 20_000
        assert len(on_disk["summary"]) <= 20_000


async def weight(world: World, uri: str) -> int:
    """All that the tables hold of a profile, in characters."""
    (row,) = await world.ask("select * from actor where uri = :uri", uri=uri)
    return sum(len(str(value)) for value in row)


@attack("A064")
async def test_five_thousand_fields_leave_no_trace(world: World) -> None:
    await world.meets(world.carol)
    light = await weight(world, world.carol.uri)
    fields = [{"type": "PropertyValue", "name": f"n{number}", "value": "v"} for number in range(5_000)]

    await world.takes(world.carol, world.carol.activity("Update", {**world.carol.document, "attachment": fields}))

    assert (await world.last()).state == "applied"
    assert abs(await weight(world, world.carol.uri) - light) < 20


@attack("A064")
async def test_bio_of_a_megabyte_is_cut(world: World) -> None:
    await world.meets(world.carol)
    bio = {**world.carol.document, "summary": "b" * 900_000}

    await world.takes(world.carol, world.carol.activity("Update", bio))

    ((summary,),) = await world.ask("select summary from actor where uri = :uri", uri=world.carol.uri)
    assert len(summary) == limits.SUMMARY == 20_000


@attack("A064")
async def test_both_at_once_are_not_read(world: World) -> None:
    await world.meets(world.carol)
    fields = [{"type": "PropertyValue", "name": f"n{number}", "value": "v"} for number in range(5_000)]
    profile = {**world.carol.document, "attachment": fields, "summary": "b" * 900_000}

    async with world.unchanged():
        answer = await world.sends(world.carol, world.carol.activity("Update", profile))

    assert answer.status_code == 413


@attack("A065")
@pytest.mark.parametrize(("number", "status"), [(100_000, 413), (45_000, 202)])
async def test_hundred_thousand_aliases_leave_no_trace(world: World, number: int, status: int) -> None:
    """They are read when somebody moves, twenty of them, and never kept."""
    await world.meets(world.carol)
    light = await weight(world, world.carol.uri)
    aliases = [f"https://a.b/{one:x}" for one in range(number)]
    body = as_bytes(world.carol.activity("Update", {**world.carol.document, "alsoKnownAs": aliases}))

    answer = await world.sends(world.carol, body)
    await world.work()

    assert answer.status_code == status
    assert abs(await weight(world, world.carol.uri) - light) < 20
