"""GETs that are signed, or should be: relayed, out of date, and what is left lying about on the way."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from fedishare.federation.following.operations import accept as let_follow
from fedishare.federation.following.operations import remove_follower
from fedishare.federation.signatures import cavage, rfc9421
from tests.attacks.lines import attack
from tests.attacks.world import BASE_URL, World, opened_world
from tests.remote import ACTIVITY, Person

HTML_FIRST = "text/html, application/activity+json;q=0.9"


@pytest.fixture
async def strict(tmp_path: Path, database_url: str) -> AsyncIterator[World]:
    """An instance that wants a signature of each server that reads."""
    async with opened_world(tmp_path / "data", database_url=database_url, signed_only=True) as made:
        yield made


async def reads(
    world: World, url: str, *, by: Person | None = None, signed_for: str = "", accept: str | None = ACTIVITY
) -> httpx.Response:
    """A GET of `url` with a signature that was made for `signed_for`, in either scheme of ours."""
    headers = {} if accept is None else {"Accept": accept}
    if by is not None:
        headers |= cavage.sign("GET", signed_for or url, body=None, key=by.key, now=world.clock.now())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=world.asgi)) as client:
        client.headers.clear()
        return await client.get(url, headers=headers)


async def private_word(world: World) -> str:
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


@attack("F119")
async def test_what_carol_signed_for_another_server_opens_nothing_here(world: World) -> None:
    uri = await private_word(world)
    assert "Entre nous" in (await reads(world, uri, by=world.carol)).text
    there = uri.replace(BASE_URL, "https://evil.test")

    relayed = await reads(world, uri, by=world.carol, signed_for=there)
    with_our_name = rfc9421.sign("GET", there, body=None, key=world.carol.key, now=world.clock.now())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=world.asgi)) as client:
        renamed = await client.get(uri, headers={**with_our_name, "Host": "fedi.test", "Accept": ACTIVITY})

    assert (relayed.status_code, renamed.status_code) == (421, 404)
    assert "Entre nous" not in relayed.text + renamed.text


@attack("F120")
async def test_who_was_taken_off_the_list_reads_no_more(world: World) -> None:
    await world.takes(world.carol, world.carol.activity("Follow", world.bob.uri))
    bob = world.reader()
    await bob.signs_in("bob")
    carol = await world.knows(world.carol)
    path = f"{world.bob.uri}/followers_synchronization"
    await world.db.write(let_follow, carol, world.bob, here=world.here, now=world.clock.now())
    assert world.carol.uri in (await reads(world, path, by=world.carol)).text

    await world.db.write(remove_follower, carol, world.bob, here=world.here, now=world.clock.now())

    for reader in (world.carol, world.mallory):
        shown = await reads(world, path, by=reader)
        assert shown.json()["orderedItems"] == []
    assert (await reads(world, path)).status_code == 401


@attack("F121")
@pytest.mark.parametrize(
    "accept", [None, "*/*", HTML_FIRST, "application/*", "application/json", "APPLICATION/ACTIVITY+JSON", "a/b"]
)
async def test_no_way_of_asking_makes_a_signature_needless(strict: World, accept: str | None) -> None:
    await strict.publishes("Bonjour")
    ((post,),) = await strict.ask("select uri from post")
    ((said,),) = await strict.ask("select uri from activity_out where type = 'Create' order by id limit 1")
    lists = ("outbox", "outbox?page=true", "followers", "following", "featured", "followers_synchronization")
    addresses = [*(f"{strict.alice.uri}/{name}" for name in lists), f"{strict.remise.uri}/proposals"]
    strict.forget_requests()

    for address in (*addresses, post, said, strict.offer.uri, f"{strict.offer.uri}/context"):
        answer = await reads(strict, address, accept=accept)
        kind = answer.headers.get("content-type", "")
        assert "json" not in kind or answer.status_code in (401, 404), address
        assert "orderedItems" not in answer.text, address
    assert strict.outbound == []


@attack("F122")
async def test_what_a_signed_reader_was_given_is_kept_by_nobody_on_the_way(strict: World) -> None:
    for address in (strict.alice.uri, f"{strict.alice.uri}/outbox", strict.offer.uri):
        answer = await reads(strict, address, by=strict.carol)

        assert answer.status_code == 200, address
        assert answer.headers["cache-control"] == "private, no-store", address
    stub = await reads(strict, strict.alice.uri)
    assert stub.status_code == 200
    assert "published" not in stub.json()
