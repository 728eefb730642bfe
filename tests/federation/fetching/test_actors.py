"""Somebody elsewhere: asked for once, kept, and asked again when a day has passed."""

import asyncio

import pytest

from fedishare.federation.actors import store
from fedishare.foundation.values.clock import DAY, HOUR
from fedishare.foundation.values.errors import Malformed, RemotelyGone, Unreachable, Untrusted
from tests.engines import on_each_engine
from tests.house import BASE_URL, House
from tests.remote import Person, Reply, Server


def times_asked(elsewhere: Server, path: str) -> int:
    return sum(asked.path == path for asked in elsewhere.asked)


@on_each_engine
async def test_somebody_new_is_fetched_and_kept(remise: House, elsewhere: Server, amel: Person) -> None:
    actor = await remise.fetcher.actor(amel.uri)

    assert (actor.uri, actor.name, actor.domain, actor.local) == (amel.uri, "amel", "mastodon.example", False)
    assert await remise.db.read(store.by_uri, amel.uri) == actor
    assert (await remise.db.read(store.key_of, amel.key.id)).actor_id == actor.id


async def test_somebody_known_is_not_asked_for_again_before_a_day(
    remise: House, elsewhere: Server, amel: Person
) -> None:
    first = await remise.fetcher.actor(amel.uri)
    remise.clock.advance(23 * HOUR)
    assert await remise.fetcher.actor(amel.uri) == first
    assert times_asked(elsewhere, "/users/amel") == 1

    remise.clock.advance(2 * HOUR)
    elsewhere.serve("/users/amel", {**amel.document, "name": "Amel B."})
    changed = await remise.fetcher.actor(amel.uri)

    assert (changed.id, changed.display_name) == (first.id, "Amel B.")


async def test_somebody_known_can_be_asked_for_at_once(remise: House, elsewhere: Server, amel: Person) -> None:
    await remise.fetcher.actor(amel.uri)

    await remise.fetcher.actor(amel.uri, fresh=True)

    assert times_asked(elsewhere, "/users/amel") == 2


async def test_somebody_who_cannot_be_asked_now_is_as_they_were(remise: House, elsewhere: Server, amel: Person) -> None:
    first = await remise.fetcher.actor(amel.uri)
    remise.clock.advance(2 * DAY)
    elsewhere.serve("/users/amel", Reply(503))

    assert await remise.fetcher.actor(amel.uri) == first
    with pytest.raises(Unreachable):
        await remise.fetcher.actor(amel.uri, fresh=True)


async def test_a_stranger_who_cannot_be_asked_is_unreachable(remise: House, elsewhere: Server) -> None:
    with pytest.raises(Unreachable):
        await remise.fetcher.actor(elsewhere.url("/users/nobody"))


async def test_somebody_who_has_gone_is_gone(remise: House, elsewhere: Server, amel: Person) -> None:
    await remise.fetcher.actor(amel.uri)
    remise.clock.advance(2 * DAY)
    elsewhere.serve("/users/amel", Reply(410))

    with pytest.raises(RemotelyGone):
        await remise.fetcher.actor(amel.uri)


async def test_many_who_ask_at_once_cause_one_request(remise: House, elsewhere: Server, amel: Person) -> None:
    found = await asyncio.gather(*(remise.fetcher.actor(amel.uri) for _ in range(30)))

    assert {actor.id for actor in found} == {found[0].id}
    assert times_asked(elsewhere, "/users/amel") == 1


async def test_an_alias_leads_to_the_actor(remise: House, elsewhere: Server, amel: Person) -> None:
    elsewhere.serve("/@amel", Reply(302, b"", {"location": "/users/amel"}))

    assert (await remise.fetcher.actor(elsewhere.url("/@amel"))).uri == amel.uri


async def test_a_note_is_nobody(remise: House, elsewhere: Server, amel: Person) -> None:
    note = elsewhere.note("/notes/1", amel)

    with pytest.raises(Malformed, match="not an actor"):
        await remise.fetcher.actor(note["id"])


async def test_an_inbox_on_another_server_is_refused(remise: House, elsewhere: Server, amel: Person) -> None:
    elsewhere.serve("/users/amel", {**amel.document, "inbox": "https://victim.example/inbox"})

    with pytest.raises(Malformed):
        await remise.fetcher.actor(amel.uri)


async def test_our_own_people_are_found_without_a_request(remise: House) -> None:
    assert await remise.fetcher.actor(f"{BASE_URL}/users/remise") == remise.remise
    assert remise.network.connections == 0


async def test_nobody_of_ours_is_made_up(remise: House) -> None:
    with pytest.raises(Untrusted, match="nobody here"):
        await remise.fetcher.actor(f"{BASE_URL}/users/nobody")

    tomasz = await remise.lives("tomasz")
    await remise.db.write(store.erase, tomasz.id, now=remise.clock.now())
    with pytest.raises(Untrusted, match="nobody here"):
        await remise.fetcher.actor(tomasz.uri)


@pytest.mark.parametrize("uri", ["", "42", "file:///etc/passwd", "https://good.example@evil.example/x"])
async def test_what_is_no_address_is_nobody(remise: House, uri: str) -> None:
    with pytest.raises(Untrusted):
        await remise.fetcher.actor(uri)


async def test_one_who_was_deleted_and_is_there_again_is_believed(
    remise: House, elsewhere: Server, amel: Person
) -> None:
    first = await remise.fetcher.actor(amel.uri)
    await remise.db.write(store.erase, first.id, now=remise.clock.now())

    again = await remise.fetcher.actor(amel.uri)

    assert (again.id, again.deleted_at) == (first.id, None)
