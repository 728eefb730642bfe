"""Followers, followed and what was said, as lists that other servers walk (INTEROP A.7)."""

from fedishare.federation.following import operations
from fedishare.federation.outbox import send as outbox
from fedishare.federation.policy import circles
from fedishare.foundation.values.clock import SECOND
from tests.federation.doors import knock
from tests.federation.following.town import NADIA, REMISE, Town
from tests.remote import PUBLIC


async def test_followers_are_counted_and_listed_by_pages(lille: Town) -> None:
    people = [lille.amel.server.person(f"amel{n}") for n in range(21)]
    for person in people:
        await lille.hear(person, person.activity("Follow", REMISE))
        # Their keys are asked for one after the other: few of one server in a moment.
        lille.house.clock.advance(SECOND)

    collection = (await knock(lille.house, "/users/remise/followers")).json()
    first = (await knock(lille.house, collection["first"])).json()
    second = (await knock(lille.house, first["next"])).json()

    assert (collection["type"], collection["totalItems"]) == ("OrderedCollection", 21)
    assert first["partOf"] == second["partOf"] == collection["id"] == f"{REMISE}/followers"
    assert [*first["orderedItems"], *second["orderedItems"]] == [person.uri for person in reversed(people)]
    assert "next" not in second
    assert second["id"] == first["next"]


async def test_who_is_hidden_has_followers_that_are_only_counted(lille: Town) -> None:
    """A186: whoever asks for a page gets the number."""
    await lille.hear(lille.amel, lille.amel.activity("Follow", NADIA))

    for path in ("/users/nadia/followers", "/users/nadia/followers?page=true"):
        found = (await knock(lille.house, path)).json()
        assert found["totalItems"] == 1
        assert not {"first", "orderedItems"} & set(found)


async def test_whom_we_follow_is_listed_once_they_accept(lille: Town) -> None:
    await lille.do(operations.follow, await lille.actor(REMISE), await lille.meet(lille.amel))
    await lille.do(operations.follow, await lille.actor(REMISE), await lille.meet(lille.tomasz))
    await lille.hear(lille.amel, lille.amel.activity("Accept", (await lille.sent(lille.amel))[-1]))

    page = (await knock(lille.house, "/users/remise/following?page=true")).json()

    assert page["orderedItems"] == [lille.amel.uri]


async def test_nonsense_for_a_page_is_answered_by_the_collection(lille: Town) -> None:
    for query in ("?page=true&before=x", "?page=true&before=-1", "?page=true&before=" + "9" * 40):
        assert (await knock(lille.house, f"/users/remise/followers{query}")).json()["type"] == "OrderedCollection"


async def test_instance_actor_has_lists_too(lille: Town) -> None:
    """Lemmy and relays look at them."""
    for name in ("followers", "following", "outbox"):
        found = (await knock(lille.house, f"/users/instance/{name}")).json()
        assert (found["id"], found["totalItems"]) == (f"https://share.example/users/instance/{name}", 0)


async def test_pins_are_a_short_list_without_pages(lille: Town) -> None:
    found = (await knock(lille.house, "/users/remise/featured")).json()

    assert (found["type"], found["totalItems"], found["orderedItems"]) == ("OrderedCollection", 0, [])


async def announce(lille: Town, what: str, *, circle_id: int = circles.PUBLIC) -> str:
    activity = {"type": "Announce", "actor": REMISE, "to": [PUBLIC], "object": what}
    remise = await lille.actor(REMISE)
    here, now = lille.house.here, lille.house.clock.now()
    return await lille.house.db.write(outbox.send, activity, by=remise, here=here, now=now, circle_id=circle_id)


async def test_outbox_shows_what_was_said_in_public_newest_first(lille: Town) -> None:
    said = [await announce(lille, f"https://mastodon.example/notes/{n}") for n in range(22)]
    hidden = await announce(lille, "https://mastodon.example/notes/99", circle_id=circles.NOBODY)
    await lille.hear(lille.amel, lille.amel.activity("Follow", REMISE))

    collection = (await knock(lille.house, "/users/remise/outbox")).json()
    first = (await knock(lille.house, collection["first"])).json()
    second = (await knock(lille.house, first["next"])).json()
    shown = [item["id"] for item in [*first["orderedItems"], *second["orderedItems"]]]

    assert collection["totalItems"] == 22
    assert shown == list(reversed(said))
    assert hidden not in shown
    assert "@context" not in first["orderedItems"][0]


async def test_what_was_taken_back_is_not_in_the_outbox(lille: Town) -> None:
    uri = await announce(lille, "https://mastodon.example/notes/1")
    undo = {"type": "Undo", "actor": REMISE, "to": [PUBLIC], "object": {"id": uri, "type": "Announce"}}
    here, now = lille.house.here, lille.house.clock.now()
    await lille.house.db.write(outbox.send, undo, by=await lille.actor(REMISE), here=here, now=now)

    assert (await knock(lille.house, "/users/remise/outbox")).json()["totalItems"] == 0


async def test_activity_is_shown_at_its_id(lille: Town) -> None:
    uri = await announce(lille, "https://mastodon.example/notes/1")

    answer = await knock(lille.house, uri)
    page = await knock(lille.house, uri, accept="text/html")

    assert answer.headers["content-type"] == "application/activity+json"
    assert (answer.json()["id"], answer.json()["type"]) == (uri, "Announce")
    assert (page.status_code, page.headers["location"]) == (302, "https://share.example/@remise")


async def test_what_was_said_to_one_address_is_shown_to_nobody(lille: Town) -> None:
    """The same answer as for what never was."""
    await lille.do(operations.follow, await lille.actor(REMISE), await lille.meet(lille.amel))
    follow = (await lille.sent(lille.amel))[-1]

    hidden = await knock(lille.house, follow["id"])
    never = await knock(lille.house, "/activities/1")

    assert hidden.status_code == never.status_code == 404
