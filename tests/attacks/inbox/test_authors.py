"""Words put into another's mouth: only an author speaks for what is theirs, and only from their own server."""

import pytest

from fedishare.foundation.values.clock import HOUR
from tests.attacks.inbox.saying import greeting, naming_alice
from tests.attacks.lines import attack
from tests.attacks.world import World
from tests.remote import PUBLIC, Json, Person, Reply


async def keeps(world: World, author: Person) -> Json:
    """A note of theirs that is kept here, naming alice."""
    activity = greeting(world, author)
    await world.takes(author, activity)
    assert (activity["object"]["id"], "public") in await world.posts()
    return dict(activity["object"])


@attack("A070")
@pytest.mark.parametrize("home", ["good.test", "evil.test"])
async def test_note_attributed_to_somebody_else_is_not_kept(world: World, home: str) -> None:
    author = world.carol if home == "good.test" else world.network.server(home).person("trent")
    await world.meets(author, world.mallory)
    note = naming_alice(world, world.mallory.server.note("/n/1", author))

    async with world.unchanged(kept=True):
        answer = await world.sends(world.mallory, world.mallory.activity("Create", note))

    assert answer.status_code == 202
    assert await world.posts() == []


@attack("A071")
@pytest.mark.parametrize("served", [True, False])
async def test_note_with_an_id_elsewhere_is_not_kept(world: World, served: bool) -> None:
    """Asked about it, its server says that it is not there, or that carol has written something else."""
    await world.meets(world.carol, world.mallory)
    if served:
        world.carol.server.note("/notes/1", world.carol)
    note = naming_alice(world, world.mallory.server.note("/n/1", world.mallory))
    note["id"] = "https://good.test/notes/1"
    world.forget_requests()

    async with world.unchanged(kept=True):
        answer = await world.sends(world.mallory, world.mallory.activity("Create", note))

    assert answer.status_code == 202
    assert await world.posts() == []
    assert world.outbound == ["GET https://good.test/notes/1"]


@attack("A073")
async def test_page_on_another_server_is_not_the_notes_page(world: World) -> None:
    elsewhere = "https://good.test/@carol/1"
    activity = greeting(world, world.mallory, url=elsewhere)

    await world.takes(world.mallory, activity)

    note = activity["object"]
    assert await world.ask("select uri, page_url from post") == [(note["id"], note["id"])]
    assert await world.ask("select id from object where uri = :uri", uri=elsewhere) == []
    reader = world.reader()
    await reader.signs_in("alice")
    assert elsewhere not in (await reader.go("/notifications")).text
    answer = greeting(world, world.carol, inReplyTo=elsewhere)
    await world.takes(world.carol, answer)
    assert await world.ask("select thread_id = id from post where uri = :uri", uri=answer["object"]["id"]) in (
        [(True,)],
        [(1,)],
    ), "an answer to carol's page does not find mallory's note"


TRICKS = [
    "https://good.test\\@evil.test/n/1",
    "https://good.test@evil.test/n",
    "https://mallory@evil.test/n/1",
    "https://good.test%2eevil.test/n/1",
    "https://evil.test#@good.test/",
    "https://evil.test?@good.test/",
]


@attack("A074")
@pytest.mark.parametrize("uri", TRICKS)
async def test_id_that_two_readers_read_differently_is_refused(world: World, uri: str) -> None:
    await world.meets(world.mallory)
    activity = greeting(world, world.mallory)
    activity["object"]["id"] = uri

    async with world.unchanged(kept=True):
        answer = await world.sends(world.mallory, activity)

    assert answer.status_code == 202
    assert await world.posts() == []


@attack("A074")
@pytest.mark.parametrize("uri", TRICKS)
async def test_actor_that_two_readers_read_differently_is_nobody(world: World, uri: str) -> None:
    await world.meets(world.mallory)

    async with world.unchanged():
        answer = await world.sends(world.mallory, {**greeting(world, world.mallory), "actor": uri})

    assert answer.status_code == 400


@attack("A074")
@pytest.mark.parametrize("uri", TRICKS)
async def test_activity_whose_id_two_readers_read_differently_is_refused(world: World, uri: str) -> None:
    await world.meets(world.mallory)

    async with world.unchanged():
        answer = await world.sends(world.mallory, {**greeting(world, world.mallory), "id": uri})

    assert answer.status_code == 400


@attack("A075")
@pytest.mark.parametrize(
    "uri",
    [
        "https://GOOD.test/users/carol",
        "https://good.test:443/users/carol",
        "https://good.test./users/carol",
        "HTTPS://good.TEST.:443/users/carol",
    ],
)
@pytest.mark.parametrize("known", [True, False])
async def test_other_spellings_of_an_address_are_the_same_person(world: World, uri: str, known: bool) -> None:
    if known:
        await world.meets(world.carol)
    activity = greeting(world, world.carol, attributedTo=uri)

    await world.takes(world.carol, {**activity, "actor": uri})

    assert await world.ask("select uri from actor where not local") == [(world.carol.uri,)]
    assert await world.posts() == [(activity["object"]["id"], "public")]


@attack("A078")
@pytest.mark.parametrize("heard", [True, False])
async def test_edit_of_what_never_came_makes_nothing(world: World, heard: bool) -> None:
    await world.meets(world.carol, world.mallory)
    if heard:
        await world.hears(world.mallory)
    world.carol.server.serve("/n/9", Reply(404))
    note = naming_alice(world, world.carol.server.note("/n/9", world.mallory, updated="2026-11-23T11:30:00Z"))
    world.carol.server.serve("/n/9", Reply(404))

    async with world.unchanged(kept=True):
        answer = await world.sends(world.mallory, world.mallory.activity("Update", note))

    assert answer.status_code == 202
    assert await world.posts() == []


@attack("A079")
async def test_nobody_elsewhere_edits_what_is_written_here(world: World) -> None:
    post = await world.publishes("Je prête mon vélo.")
    await world.work()
    world.clock.advance(2 * HOUR)  # or the edit would be no later than what it edits
    await world.meets(world.carol)
    for uri in (post.uri, world.offer.uri):
        edit = {
            "id": uri,
            "type": "Note",
            "attributedTo": world.alice.uri,
            "content": "<p>scam</p>",
            "to": [PUBLIC],
            "updated": "2026-11-23T13:00:00Z",
        }
        for said in (edit, {**edit, "attributedTo": world.carol.uri}, uri):
            async with world.unchanged(kept=True):
                answer = await world.sends(world.carol, world.carol.activity("Update", said))
            assert answer.status_code == 202


@attack("A081")
async def test_note_does_not_become_a_person(world: World) -> None:
    note = await keeps(world, world.carol)
    person = {
        **world.carol.document,
        "id": note["id"],
        "inbox": f"{note['id']}/inbox",
        "updated": "2026-11-23T13:00:00Z",
    }

    async with world.unchanged(kept=True):
        answer = await world.sends(world.carol, world.carol.activity("Update", person))

    assert answer.status_code == 202


@attack("A081")
async def test_person_does_not_become_a_note(world: World) -> None:
    await keeps(world, world.carol)
    note = {
        **world.carol.server.note("/users/carol/n", world.carol),
        "id": world.carol.uri,
        "updated": "2026-11-23T13:00:00Z",
    }

    async with world.unchanged(kept=True):
        answer = await world.sends(world.carol, world.carol.activity("Update", naming_alice(world, note)))

    assert answer.status_code == 202
    assert await world.ask("select kind from actor where uri = :uri", uri=world.carol.uri) == [("Person",)]
