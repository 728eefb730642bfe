"""Which software another server runs, by its own word."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedishare.federation.fetching.nodeinfo import _place
from fedishare.foundation.values.errors import Malformed, RemoteTrouble, Unreachable, Untrusted
from tests.house import House
from tests.remote import Json, Person, Reply, Server

SCHEMA = "http://nodeinfo.diaspora.software/ns/schema/"


def says(server: Server, name: object) -> None:
    server.serve("/.well-known/nodeinfo", links(server, "2.0"))
    server.serve("/nodeinfo/2.0", {"version": "2.0", "software": {"name": name, "version": "1"}})


def links(server: Server, *versions: str) -> Json:
    return {"links": [{"rel": SCHEMA + version, "href": server.url(f"/nodeinfo/{version}")} for version in versions]}


async def test_name_of_the_software_is_read_in_small_letters(remise: House, elsewhere: Server, amel: Person) -> None:
    says(elsewhere, "Flohmarkt")

    assert await remise.fetcher.software(amel.uri) == "flohmarkt"


async def test_newest_version_is_the_one_that_is_read(remise: House, elsewhere: Server, amel: Person) -> None:
    elsewhere.serve("/.well-known/nodeinfo", links(elsewhere, "2.1", "1.0", "2.0"))
    elsewhere.serve("/nodeinfo/2.1", {"software": {"name": "mitra"}})

    assert await remise.fetcher.software(amel.uri) == "mitra"


@pytest.mark.parametrize("name", ["", None, 7, [], {}])
async def test_server_without_a_name_says_nothing(remise: House, elsewhere: Server, amel: Person, name: object) -> None:
    says(elsewhere, name)

    with pytest.raises(Malformed):
        await remise.fetcher.software(amel.uri)


async def test_document_on_another_server_is_not_asked_for(remise: House, elsewhere: Server, amel: Person) -> None:
    elsewhere.serve("/.well-known/nodeinfo", {"links": [{"rel": f"{SCHEMA}2.0", "href": "https://inside.example/x"}]})

    with pytest.raises(Malformed):
        await remise.fetcher.software(amel.uri)


async def test_answer_by_way_of_another_server_is_not_believed(remise: House, elsewhere: Server, amel: Person) -> None:
    other = remise.network.server("elsewhere.example")
    says(other, "flohmarkt")
    elsewhere.serve("/.well-known/nodeinfo", Reply(302, headers={"location": other.url("/.well-known/nodeinfo")}))

    with pytest.raises(Untrusted):
        await remise.fetcher.software(amel.uri)


async def test_server_that_has_none_says_so_by_its_status(remise: House, amel: Person) -> None:
    with pytest.raises(Unreachable) as trouble:
        await remise.fetcher.software(amel.uri)

    assert trouble.value.status == 404


@pytest.mark.parametrize("uri", ["https://share.example/users/remise", "mailto:amel@mastodon.example", ""])
async def test_nobody_asks_this_server_or_what_is_none(remise: House, uri: str) -> None:
    with pytest.raises(Untrusted):
        await remise.fetcher.software(uri)


@given(
    st.recursive(st.none() | st.text(max_size=20), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
)
def test_whatever_the_links_are_they_are_read_or_refused(found: Any) -> None:
    try:
        place = _place({"links": found}, "https://mastodon.example")
    except RemoteTrouble:
        return
    assert place.startswith("https://mastodon.example/")
