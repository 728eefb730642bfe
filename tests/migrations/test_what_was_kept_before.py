"""A database that was filled before 0022 and 0023 means the same after them, and nothing is applied twice for it."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from shutil import copy

import asyncpg
import pytest

from fedishare.federation.inbox import store
from fedishare.foundation.db.access import Tx
from fedishare.foundation.db.database import open_database
from fedishare.foundation.db.migrations import migrate
from fedishare.foundation.db.steps import shipped_folder
from fedishare.foundation.values.clock import Instant
from tests.engines import on_each_engine

ORIGIN, URI = "https://hangar.example", "https://hangar.example/activities/é"
DIGEST = "0f" * 32
MADE_BEFORE = (
    "insert into applied (origin, uri, type, digest, applied_at) values "
    f"('{ORIGIN}', '{URI}', 'Like', '{DIGEST}', 7), ('{ORIGIN}', '{URI}', 'Undo', '{DIGEST} 1763900000000', 7), "
    f"('{ORIGIN}', '', 'Like', '{DIGEST}', 7)",
    "insert into activity_in (id, uri, type, actor_uri, signer_uri, origin, body, digest, signed_at, received_at, "
    "state, attempts, due_at, lease_until, outcome) values "
    f"(1, 'a', 'Like', 'x', 'x', '{ORIGIN}', '', 'd', 5, 6, 'applied', 1, 6, 0, ''), "
    f"(2, 'b', 'View', 'x', 'x', '{ORIGIN}', 'sent', 'd', 5, 6, 'dropped', 1, 6, 0, 'nobody counts'), "
    f"(3, 'c', 'Like', 'x', 'x', '{ORIGIN}', 'sent', 'd', 5, 6, 'dead', 5, 6, 0, 'broken'), "
    f"(4, 'd', 'Like', 'x', 'x', '{ORIGIN}', 'sent', 'd', 5, 6, 'waiting', 0, 6, 0, '')",
    "insert into actor (id, uri, local, kind, name, domain, display_name, summary, page_url, inbox, "
    "approves_followers, discoverable, indexable, speaks_fedishare, created_at, fetched_at) values "
    "(9, 'x', false, 'Person', 'x', 'hangar.example', '', '', '', '', false, false, false, false, 0, 0)",
    *(
        f"insert into object (id, uri, kind, owner_id, circle_id, json, published_at, updated_at) "
        f"values ({number}, 'o{number}', '{kind}', 9, 1, '{{\"id\":1}}', 0, 0)"
        for number, kind in ((11, "Proposal"), (12, "Proposal"), (13, "Note"))
    ),
    *(
        "insert into proposal (id, uri, origin, owner_id, circle_id, purpose, action, title, source, content, "
        "category, place_name, quantity, unit, conditions, state, language, page_url, live, "
        "published_at, updated_at, sent_at) "
        f"values ({number}, 'o{number}', '{origin}', 9, 1, 'offer', 'use', 'Vélo', '', '', '', '', '1', 'one', '', "
        "'open', 'fr', '', true, 0, 0, 0)"
        for number, origin in ((11, "hangar.example"), (12, "here"))
    ),
)


async def run(url: str, statements: Sequence[str]) -> list[tuple[object, ...]]:
    """What the last of them gives."""
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite://")) as file:
            found = [file.execute(statement).fetchall() for statement in statements]
        file.close()
        return found[-1]
    connection = await asyncpg.connect(url)
    found = [[tuple(row) for row in await connection.fetch(statement)] for statement in statements]
    await connection.close()
    return found[-1]


@pytest.fixture
async def upgraded(empty_url: str, tmp_path: Path) -> str:
    """Made by what there was before, filled, and brought to the schema of today."""
    before = tmp_path / "before"
    before.mkdir()
    for path in shipped_folder().glob("*.sql"):
        if int(path.name[:4]) < 21:
            copy(path, before)
    await migrate(empty_url, say=lambda text, values: None, folder=before)
    await run(empty_url, MADE_BEFORE)
    await migrate(empty_url, say=lambda text, values: None)
    return empty_url


@on_each_engine
async def test_what_had_its_effect_before_has_none_again(upgraded: str) -> None:
    async def first(tx: Tx, *, kind: str, uri: str, digest: str) -> bool:
        said = store.Said(origin=ORIGIN, uri=uri, type=kind, digest=digest)
        return await store.count_once(tx, said, now=Instant(8))

    db = await open_database(upgraded)
    again = [
        await db.write(first, kind="Like", uri=URI, digest=DIGEST),
        await db.write(first, kind="Undo", uri=URI, digest=f"{DIGEST} 1763900000000"),
        await db.write(first, kind="Like", uri="", digest=DIGEST),
    ]
    new = [
        await db.write(first, kind="Undo", uri=URI, digest=f"{DIGEST} 1763900000001"),
        await db.write(first, kind="Like", uri=URI, digest="1f" * 32),
    ]
    said = await db.read(store.said_under, origin=ORIGIN, uri=URI)
    nothing = await db.read(store.said_under, origin="https://other.example", uri=URI)
    forgotten = await db.write(store.forget_counted, before=Instant(8))
    await db.close()

    assert (again, new) == ([False] * 3, [True] * 2)
    assert (said, nothing, forgotten) == ({"Like", "Undo"}, set(), 3)


@on_each_engine
async def test_what_can_still_be_looked_at_or_tried_again_is_whole(upgraded: str) -> None:
    looked_at = "select id, uri, actor_uri, signer_uri, length(body), received_at, state, outcome from activity_in"

    rows = await run(upgraded, [f"{looked_at} order by id"])

    assert rows == [
        (1, "a", "x", "", 0, 6, "applied", ""),
        (2, "b", "x", "x", 4, 6, "dropped", "nobody counts"),
        (3, "c", "x", "x", 4, 6, "dead", "broken"),
        (4, "d", "x", "x", 4, 6, "waiting", ""),
    ]


@on_each_engine
async def test_only_the_documents_of_others_listings_go(upgraded: str) -> None:
    assert await run(upgraded, ["select id, json from object order by id"]) == [
        (11, "{}"),
        (12, '{"id":1}'),
        (13, '{"id":1}'),
    ]
