"""Lists elsewhere: walked page by page, on one origin, never without end (attacks A136, A137)."""

from typing import Any

import pytest

from fedishare.federation.fetching.collections import vouched
from fedishare.foundation.values.errors import RemotelyGone, Unreachable, Untrusted
from tests.house import House
from tests.remote import Json, Person, Reply, Server


def numbers(*items: int) -> list[Json]:
    return [{"id": f"https://mastodon.example/notes/{number}", "type": "Note"} for number in items]


def page(server: Server, number: int, items: list[Any], *, last: int = 10**6, **more: Any) -> Json:
    following = {} if number >= last else {"next": server.url(f"/outbox?page={number + 1}")}
    document = {"id": server.url(f"/outbox?page={number}"), "type": "OrderedCollectionPage", **following}
    return {**document, "orderedItems": items, **more}


def serve_pages(server: Server, count: int, *, size: int = 2) -> str:
    """A collection of so many pages; where it is."""
    server.serve(
        "/outbox", {"id": server.url("/outbox"), "totalItems": count * size, "first": server.url("/outbox?page=1")}
    )
    for number in range(1, count + 1):
        items = numbers(*range((number - 1) * size, number * size))
        server.serve(f"/outbox?page={number}", page(server, number, items, last=count))
    return server.url("/outbox")


async def walked(remise: House, uri: str, **how: Any) -> list[str]:
    found = [item async for item in remise.fetcher.collection(uri, **how)]
    return [item if isinstance(item, str) else item["id"].rpartition("/")[2] for item in found]


async def test_all_pages_are_walked_in_their_order(remise: House, elsewhere: Server) -> None:
    assert await walked(remise, serve_pages(elsewhere, 3)) == ["0", "1", "2", "3", "4", "5"]
    assert all("signature" in asked.headers for asked in elsewhere.asked)


async def test_a_walk_is_taken_up_at_any_page(remise: House, elsewhere: Server) -> None:
    serve_pages(elsewhere, 3)

    assert await walked(remise, elsewhere.url("/outbox?page=2")) == ["2", "3", "4", "5"]


async def test_each_page_tells_where_the_next_one_is(remise: House, elsewhere: Server) -> None:
    found = [one async for one in remise.fetcher.pages(serve_pages(elsewhere, 2))]

    assert [(one.uri, one.next) for one in found] == [
        (elsewhere.url("/outbox?page=1"), elsewhere.url("/outbox?page=2")),
        (elsewhere.url("/outbox?page=2"), None),
    ]


@pytest.mark.parametrize(("limit", "requests"), [(1, 2), (2, 2), (3, 3), (4, 3), (100, 4)])
async def test_no_more_is_asked_for_than_is_wanted(remise: House, elsewhere: Server, limit: int, requests: int) -> None:
    assert len(await walked(remise, serve_pages(elsewhere, 3), limit=limit)) == min(limit, 6)
    assert len(elsewhere.asked) == requests


async def test_ten_requests_are_enough_unless_told_otherwise(remise: House, elsewhere: Server) -> None:
    uri = serve_pages(elsewhere, 20)

    assert len(await walked(remise, uri)) == 18
    assert len(elsewhere.asked) == 10
    assert len(await walked(remise, uri, pages=30)) == 40


async def test_two_hundred_items_are_enough(remise: House, elsewhere: Server) -> None:
    assert len(await walked(remise, serve_pages(elsewhere, 9, size=100))) == 200


async def test_a_page_of_thousands_is_cut(remise: House, elsewhere: Server) -> None:
    elsewhere.serve("/outbox", page(elsewhere, 1, numbers(*range(5_000)), last=1))

    assert len(await walked(remise, elsewhere.url("/outbox"), limit=10_000)) == 200


@pytest.mark.parametrize("name", ["items", "orderedItems"])
async def test_items_may_stand_in_the_collection_itself(remise: House, elsewhere: Server, name: str) -> None:
    elsewhere.serve("/featured", {"id": elsewhere.url("/featured"), name: numbers(1, 2)})

    assert await walked(remise, elsewhere.url("/featured")) == ["1", "2"]


async def test_a_first_page_may_be_embedded(remise: House, elsewhere: Server) -> None:
    serve_pages(elsewhere, 2)
    first = page(elsewhere, 1, numbers(0, 1))
    elsewhere.serve("/outbox", {"id": elsewhere.url("/outbox"), "totalItems": 4, "first": first})

    assert await walked(remise, elsewhere.url("/outbox")) == ["0", "1", "2", "3"]
    assert len(elsewhere.asked) == 2


async def test_ids_and_single_items_are_items_too(remise: House, elsewhere: Server) -> None:
    elsewhere.serve("/replies", {"items": "https://mastodon.example/notes/1"})
    elsewhere.serve("/others", {"items": [7, None, ["x"], "https://mastodon.example/notes/1"]})

    assert await walked(remise, elsewhere.url("/replies")) == ["https://mastodon.example/notes/1"]
    assert await walked(remise, elsewhere.url("/others")) == ["https://mastodon.example/notes/1"]


@pytest.mark.parametrize("document", [{}, {"first": 7}, {"first": None}, {"orderedItems": None, "next": {}}])
async def test_an_empty_collection_is_empty(remise: House, elsewhere: Server, document: Json) -> None:
    elsewhere.serve("/outbox", document)

    assert await walked(remise, elsewhere.url("/outbox")) == []


@pytest.mark.parametrize(
    ("given", "total"), [(3, 3), (0, 0), (-5, None), ("x", None), (True, None), (1.5, None), (None, None)]
)
async def test_a_total_is_a_number_or_nothing(
    remise: House, elsewhere: Server, given: object, total: int | None
) -> None:
    elsewhere.serve("/outbox", {"totalItems": given, "items": numbers(1)})

    assert [one.total async for one in remise.fetcher.pages(elsewhere.url("/outbox"))] == [total]


# --- walks that would not end, or would lead elsewhere


async def test_a_page_that_leads_to_itself_is_read_once(remise: House, elsewhere: Server) -> None:
    elsewhere.serve("/outbox", {"items": numbers(1), "next": elsewhere.url("/outbox")})
    elsewhere.serve("/circle", {"first": elsewhere.url("/circle")})

    assert await walked(remise, elsewhere.url("/outbox")) == ["1"]
    assert await walked(remise, elsewhere.url("/circle")) == []
    assert len(elsewhere.asked) == 2


@pytest.mark.parametrize("name", ["first", "next"])
async def test_a_page_of_another_server_is_not_fetched(remise: House, elsewhere: Server, name: str) -> None:
    victim = remise.network.server("victim.example")
    elsewhere.serve("/outbox", {name: victim.url("/p1"), **({"items": numbers(1)} if name == "next" else {})})

    with pytest.raises(Untrusted, match="goes on elsewhere"):
        await walked(remise, elsewhere.url("/outbox"))
    assert not victim.asked


async def test_a_collection_answered_by_another_server_is_refused(remise: House, elsewhere: Server) -> None:
    victim = remise.network.server("victim.example")
    victim.serve("/p1", {"items": numbers(1)})
    elsewhere.serve("/outbox", Reply(302, b"", {"location": victim.url("/p1")}))

    with pytest.raises(Untrusted, match="is answered by"):
        await walked(remise, elsewhere.url("/outbox"))


@pytest.mark.parametrize(("status", "trouble"), [(410, RemotelyGone), (403, Unreachable), (500, Unreachable)])
async def test_trouble_in_the_middle_is_told(
    remise: House, elsewhere: Server, status: int, trouble: type[Exception]
) -> None:
    uri = serve_pages(elsewhere, 3)
    elsewhere.serve("/outbox?page=2", Reply(status))
    walk = remise.fetcher.collection(uri)

    assert [await anext(walk), await anext(walk)] == numbers(0, 1)
    with pytest.raises(trouble):
        await anext(walk)


# --- which embedded items need no fetch


async def test_an_item_counts_where_its_collection_lives(amel: Person) -> None:
    outbox = amel.document["outbox"]
    note = {"id": "https://mastodon.example/notes/1", "attributedTo": amel.uri}

    assert vouched(note, outbox)
    assert vouched({"id": note["id"]}, outbox)


@pytest.mark.parametrize(
    "item",
    [
        "https://mastodon.example/notes/1",
        {},
        {"id": 7},
        {"id": "https://good.example/notes/1"},
        {"id": "https://mastodon.example/notes/1", "attributedTo": "https://good.example/users/carol"},
        {
            "id": "https://mastodon.example/notes/1",
            "attributedTo": ["https://mastodon.example/users/amel", {"id": "https://good.example/users/carol"}],
        },
    ],
)
async def test_any_other_item_must_be_fetched(amel: Person, item: Any) -> None:
    assert not vouched(item, amel.document["outbox"])


@pytest.mark.parametrize(("claimed", "total"), [(10**17, 10**8), (7, 7), (-5, None), ("x", None), ({"a": 1}, None)])
async def test_number_that_a_list_claims_is_believed_up_to_a_point(
    remise: House, elsewhere: Server, claimed: object, total: int | None
) -> None:
    elsewhere.serve("/outbox", {"id": elsewhere.url("/outbox"), "totalItems": claimed, "orderedItems": numbers(1)})

    (found,) = [one async for one in remise.fetcher.pages(elsewhere.url("/outbox"))]

    assert found.total == total
