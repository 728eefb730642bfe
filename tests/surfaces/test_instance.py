"""One instance built from its settings: what the doors answer, and how it starts and stops."""

import asyncio
import sqlite3
import threading
from pathlib import Path

import httpx
import msgspec
import pytest

from fedishare import app
from fedishare.foundation.config.settings import Settings
from fedishare.foundation.db.migrations import migrate
from fedishare.foundation.db.steps import shipped_folder
from fedishare.foundation.values.clock import DAY, later
from fedishare.foundation.values.errors import Misconfigured


def settings(folder: Path, **chosen: object) -> Settings:
    return msgspec.structs.replace(Settings(data=folder, base_url="http://localhost:8000"), **chosen)


def visitor(instance: app.Instance) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(instance.asgi), base_url="http://localhost:8000")


async def test_a_new_instance_answers_its_watchers_before_anybody_set_it_up(tmp_path: Path) -> None:
    instance = await app.build(settings(tmp_path))
    try:
        await instance.start_worker()
        async with visitor(instance) as watcher:
            live, ready = await watcher.get("/health/live"), await watcher.get("/health/ready")
    finally:
        await instance.stop()

    assert (live.status_code, ready.status_code) == (200, 200)
    assert ready.json() == {"database": True, "worker": True}
    assert ready.headers["cache-control"] == "no-store"


async def test_a_server_whose_work_has_ended_is_not_ready(tmp_path: Path) -> None:
    broken = asyncio.Event()
    instance = await app.build(settings(tmp_path))
    await instance.start_worker(when_broken=broken.set)
    await instance.stop()
    await asyncio.wait_for(broken.wait(), 5)

    async with visitor(instance) as watcher:
        ready = await watcher.get("/health/ready")

    assert ready.status_code == 503
    assert ready.json() == {"database": False, "worker": False}


async def test_two_instances_live_in_one_process(tmp_path: Path) -> None:
    first, second = await app.build(settings(tmp_path / "a")), await app.build(settings(tmp_path / "b"))
    try:
        assert first.db is not second.db
        assert first.secret.subkey("csrf") != second.secret.subkey("csrf")
    finally:
        await first.stop()
        await second.stop()


async def test_the_inbox_of_a_closed_instance_takes_nothing(tmp_path: Path) -> None:
    instance = await app.build(settings(tmp_path, mode="closed"))
    try:
        async with visitor(instance) as stranger:
            answer = await stranger.post("/inbox", content=b"{}")
    finally:
        await instance.stop()

    assert answer.status_code == 403


async def test_an_older_database_is_only_brought_up_to_date_when_asked(tmp_path: Path) -> None:
    chosen, older = settings(tmp_path / "data"), tmp_path / "older"
    steps = sorted(shipped_folder().iterdir())
    for folder in (older, chosen.data):
        folder.mkdir()
    for step in steps[:-1]:
        (older / step.name).write_bytes(step.read_bytes())
    await migrate(chosen.database_url, say=lambda msgid, values: None, folder=older)

    with pytest.raises(Misconfigured, match="fedishare db migrate"):
        await app.build(chosen)
    told: list[str] = []
    instance = await app.build(chosen, migrate=True, say=lambda msgid, values: told.append(msgid % values))
    await instance.stop()

    assert any(steps[-1].name.split("_")[0] in line for line in told)


async def test_ids_go_on_when_the_clock_falls_back(tmp_path: Path) -> None:
    first = await app.build(settings(tmp_path))
    ahead = first.here.ids.new(later(first.clock.now(), 365 * DAY))
    await first.stop()
    with sqlite3.connect(tmp_path / "fedishare.db") as database:
        database.execute(
            "insert into object (id, uri, kind, owner_id, circle_id, json, published_at, updated_at) "
            "values (?, 'https://remise.example/posts/1', 'Note', 1, 1, '{}', 0, 0)",
            (ahead,),
        )

    second = await app.build(settings(tmp_path))
    given = second.here.ids.new(second.clock.now())
    await second.stop()

    assert given == ahead + 1


def own_threads() -> set[str]:
    """asyncio's own helper ends with its loop."""
    return {each.name for each in threading.enumerate() if not each.name.startswith("asyncio_")}


async def test_a_start_that_fails_leaves_nothing_open(tmp_path: Path) -> None:
    """An open database is a thread, and that keeps the process for ever."""
    hosts = tmp_path / "hosts"
    hosts.write_text("not an address\n")
    before = own_threads()

    with pytest.raises(Misconfigured, match="FEDISHARE_HOSTS_FILE"):
        await app.build(settings(tmp_path, hosts_file=hosts))

    assert own_threads() <= before
