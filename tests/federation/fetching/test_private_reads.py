"""What is for few is shown to who signs as one of them, whether or not the instance wants signatures of all."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from fedishare.federation.policy.domains import Rule, Verdict
from fedishare.federation.policy.ruling import decide
from fedishare.federation.signatures import cavage
from tests.attacks.world import World, opened_world
from tests.remote import ACTIVITY, Person


@pytest.fixture(params=[False, True], ids=["open", "signed"])
async def world(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """An instance that shows what is public to everybody, and one that wants a signature of each server that reads."""
    url = f"sqlite://{tmp_path}/fedishare.db"
    async with opened_world(tmp_path / "data", database_url=url, signed_only=request.param) as made:
        yield made


@pytest.fixture
async def word(world: World) -> str:
    """The address of what alice answered carol in private."""
    note = world.carol.server.note("/n/1", world.carol, to=[world.alice.uri], cc=[])
    await world.takes(world.carol, world.carol.activity("Create", note))
    alice = world.reader()
    await alice.signs_in("alice")
    ((thread,),) = await world.ask("select thread_id from post")
    await alice.go(f"/messages/{thread}")
    assert (await alice.send(f"/messages/{thread}", {"text": "Entre nous"})).status_code == 303
    await world.work()
    ((uri,),) = await world.ask("select uri from post where author_id = :alice", alice=world.alice.id)
    return str(uri)


async def reads(world: World, url: str, *, by: Person) -> httpx.Response:
    headers = {"Accept": ACTIVITY, **cavage.sign("GET", url, body=None, key=by.key, now=world.clock.now())}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=world.asgi)) as client:
        return await client.get(url, headers=headers)


async def test_whom_it_is_for_reads_it_and_another_does_not(world: World, word: str) -> None:
    assert "Entre nous" in (await reads(world, word, by=world.carol)).text
    assert (await reads(world, word, by=world.mallory)).status_code == 404


async def test_whom_it_was_for_reads_it_no_more_once_blocked(world: World, word: str) -> None:
    rule = Rule(subject=world.carol.uri, severity=Verdict.BLOCK)
    await world.db.write(decide, [rule], here=world.here, now=world.clock.now())

    answer = await reads(world, word, by=world.carol)

    assert answer.status_code in (403, 404)
    assert "Entre nous" not in answer.text


async def test_whose_key_cannot_be_had_reads_nothing_and_may_ask_again(
    world: World, word: str, request: pytest.FixtureRequest
) -> None:
    stranger = world.network.server("far.test").person("zoe")
    world.network.cut_off("far.test")

    answer = await reads(world, word, by=stranger)

    assert "Entre nous" not in answer.text
    wants_signatures = request.node.callspec.params["world"]
    assert (answer.status_code, "retry-after" in answer.headers) == ((503, True) if wants_signatures else (404, False))
