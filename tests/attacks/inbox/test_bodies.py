"""Bodies that are no activity: packed, nested, not text, or readable in two ways."""

import gzip
import json
from typing import Any

import pytest

from tests.attacks.inbox.saying import as_bytes, greeting
from tests.attacks.lines import attack
from tests.attacks.world import World
from tests.remote import Person


async def good_activity_is_taken(world: World, person: Person) -> None:
    """The instance is alive, door and worker."""
    await world.takes(person, greeting(world, person, content="<p>still here</p>"))
    assert await world.ask("select content from post") == [("<p>still here</p>",)]


async def pages_are_there(world: World) -> None:
    reader = world.reader()
    await reader.signs_in("alice")
    for path in ("/", "/search", "/notifications", "/messages", "/@alice"):
        assert (await reader.go(path)).status_code == 200, path


def with_raw(world: World, name: str, text: str) -> bytes:
    """A greeting of mallory's whose note has this property, given as it stands in JSON."""
    activity = greeting(world, world.mallory)
    activity["object"][name] = "@@"
    return json.dumps(activity).replace('"@@"', text).encode()


@attack("A049")
async def test_packed_body_is_not_unpacked(world: World) -> None:
    await world.meets(world.mallory)
    bomb = gzip.compress(b"a" * 4_000_000) * 100  # members of one file: 400 MB
    assert 300_000 < len(bomb) < 500_000
    headers = {**world.signed(world.mallory, bomb), "Content-Encoding": "gzip"}

    async with world.unchanged():
        answer = await world.post(bomb, headers)

    assert answer.status_code == 415


@attack("A050")
async def test_hundred_thousand_levels_harm_nobody(world: World) -> None:
    await world.meets(world.mallory)
    body = b'{"a":' * 100_000 + b"1" + b"}" * 100_000

    async with world.unchanged():
        answer = await world.sends(world.mallory, body)

    assert answer.status_code == 400
    await good_activity_is_taken(world, world.mallory)


@attack("A051")
@pytest.mark.parametrize(("levels", "status"), [(900, 400), (32, 400), (31, 202)])
async def test_levels_beyond_32_are_too_many(world: World, levels: int, status: int) -> None:
    """The activity itself is the first of them."""
    await world.meets(world.mallory)
    activity = greeting(world, world.mallory)
    deep: Any = 1
    for _ in range(levels):
        deep = {"a": deep}

    answer = await world.sends(world.mallory, {**activity, "deep": deep})
    await world.work()

    assert answer.status_code == status
    assert len(await world.posts()) == (1 if status == 202 else 0)


@attack("A052")
@pytest.mark.parametrize("body", [b"[]", b'"x"', b"null", b"7"])
async def test_json_that_is_no_object_is_refused(world: World, body: bytes) -> None:
    await world.meets(world.mallory)

    async with world.unchanged():
        answer = await world.sends(world.mallory, body)

    assert answer.status_code == 400


@attack("A053")
async def test_bytes_that_are_no_utf8_are_refused(world: World) -> None:
    await world.meets(world.mallory)
    body = as_bytes(greeting(world, world.mallory, content="@@")).replace(b"@@", b"\xff\xfe")

    async with world.unchanged():
        answer = await world.sends(world.mallory, body)

    assert answer.status_code == 400


@attack("A054")
async def test_half_a_character_is_refused_and_breaks_no_page(world: World) -> None:
    await world.meets(world.mallory)

    async with world.unchanged():
        answer = await world.sends(world.mallory, with_raw(world, "content", r'"\ud800"'))

    assert answer.status_code == 400
    await pages_are_there(world)


@attack("A055")
async def test_nul_in_a_text_is_refused(world: World) -> None:
    await world.meets(world.mallory)

    async with world.unchanged():
        answer = await world.sends(world.mallory, with_raw(world, "content", r'"a\u0000b"'))

    assert answer.status_code == 400
    assert await world.ask("select id from activity_in where state = 'waiting'") == []
    await good_activity_is_taken(world, world.mallory)


@attack("A056")
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("width", "NaN"),
        ("width", "Infinity"),
        ("width", "-Infinity"),
        ("x", "1e999"),
        ("x", "1" * 5_000),
    ],
    ids=["NaN", "Infinity", "-Infinity", "1e999", "5000 digits"],
)
async def test_numbers_that_are_none_are_refused(world: World, name: str, text: str) -> None:
    await world.meets(world.mallory)

    async with world.unchanged():
        answer = await world.sends(world.mallory, with_raw(world, name, text))

    assert answer.status_code == 400


@attack("A057")
async def test_key_that_stands_twice_is_refused(world: World) -> None:
    await world.meets(world.carol, world.mallory)
    one = f'"actor": "{world.mallory.uri}"'
    body = as_bytes(greeting(world, world.mallory)).decode()
    assert one in body

    async with world.unchanged():
        answer = await world.sends(world.mallory, body.replace(one, f'"actor": "{world.carol.uri}", {one}').encode())

    assert answer.status_code == 400


@attack("A058")
@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"actor": 7}, 400),
        ({"object": [[]]}, 202),
        ({"type": ["Create", "Delete"]}, 400),
        ({"to": 7}, 400),
        ({"id": None}, 400),
        ({"to": {}}, 400),
        ({"object.id": None}, 202),
        ({"object.to": {}}, 202),
        ({"object.type": ["Create", "Delete"]}, 202),
        ({"object.content": {"x": 1}}, 202),
        ({"object.tag": "x"}, 202),
        ({"object.attachment": 5}, 202),
    ],
    ids=str,
)
async def test_value_of_another_kind_has_no_effect(world: World, changes: dict[str, Any], status: int) -> None:
    await world.meets(world.mallory)
    activity = greeting(world, world.mallory, cc=[world.alice.uri])
    for name, value in changes.items():
        about, _, inner = name.rpartition(".")
        (activity["object"] if about else activity)[inner] = value

    async with world.unchanged(kept=status == 202):
        answer = await world.sends(world.mallory, activity)

    assert answer.status_code == status
    await good_activity_is_taken(world, world.mallory)
