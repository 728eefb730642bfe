"""Each form that a listing has elsewhere, seen where people see it: in the list and on its own page."""

from typing import Any

import httpx
import pytest

from fedishare.features.proposals import operations as proposals
from fedishare.features.proposals import places
from fedishare.features.proposals.model import Action, Draft, Proposal, Purpose
from tests.engines import on_each_engine
from tests.payloads.town import BASE_URL, Town
from tests.remote import ACTIVITY, Json, Reply

pytestmark = on_each_engine

FRED = "https://flohmarkt.example/users/fred"
BOB = "https://epicyon.example/users/bob"
_SCHEMA = "http://nodeinfo.diaspora.software/ns/schema/2.0"


async def page(share: Town, path: str) -> str:
    """What a person reads there, in French; its non-breaking spaces as plain ones."""
    transport = httpx.ASGITransport(app=share.instance.asgi)
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
        answer = await client.get(path, headers={"accept": "text/html", "accept-language": "fr"})
    assert answer.status_code == 200, answer.text
    return answer.text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


async def seen(share: Town, title: str, *said: str) -> None:
    """Both the list and the page of the listing with this title say all of that."""
    found = await share.ask("select p.id, a.name, a.domain from proposal p join actor a on a.id = p.owner_id "
                            "where p.title = :title", title=title)  # fmt: skip
    ((number, name, domain),) = found
    listed, own = await page(share, "/search"), await page(share, f"/@{name}@{domain}/{number}")
    row = next(part for part in listed.split('<li class="notice">') if title in part)
    for words in (title, *said):
        assert words in row, f"{words} in the list"
        assert words in own, f"{words} on its page"


async def listings(share: Town) -> list[tuple[Any, ...]]:
    return await share.ask("select uri, purpose, state from proposal where origin <> 'here' order by id")


def runs(share: Town, uri: str, software: str) -> None:
    """The server behind an id says what it is."""
    server = share.person(uri).server
    links = {"links": [{"rel": _SCHEMA, "href": server.url("/nodeinfo/2.0")}]}
    server.serve("/.well-known/nodeinfo", links)
    server.serve("/nodeinfo/2.0", {"version": "2.0", "software": {"name": software, "version": "1.7.0"}})


async def test_flohmarkts_listing_is_an_offer_with_its_price_and_where_it_is(share: Town) -> None:
    listing = share.payload("flohmarkt/create_note.json")
    assert "purpose" not in listing["object"]
    await share.hears(listing["actor"])

    await share.receives(listing, kind="application/json")

    await seen(share, "Kinderfahrrad", "Offre · don", "15 EUR", "51.34, 12.37")
    assert await share.ask("select count(*) from post") == [(0,)]


async def test_whoever_follows_a_flohmarkt_hears_what_its_people_offer(share: Town) -> None:
    await share.hears("https://flohmarkt.example/users/instance")
    fred = share.person(FRED)
    post = fred.server.note("/users/fred/statuses/1", fred)

    await share.receives("flohmarkt/create_note.json", kind="application/json")
    await share.receives(fred.activity("Create", post))

    await seen(share, "Kinderfahrrad", "Offre · don", "15 EUR")
    assert await share.ask("select count(*) from post") == [(0,)], "what else they write is not for us"


async def test_user_called_instance_on_another_server_speaks_for_nobody_else(share: Town) -> None:
    instance = "https://flohmarkt.example/users/instance"
    runs(share, instance, "mastodon")
    await share.hears(instance)

    await share.receives("flohmarkt/create_note.json", kind="application/json")

    assert await listings(share) == []


async def test_flohmarkts_gift_is_free_and_near_a_town_that_we_know(share: Town) -> None:
    listing = share.payload("flohmarkt/create_note_currency.json")
    assert listing["object"]["flohmarkt:data"]["price"] == "0"
    await share.hears(FRED)

    await share.receives("flohmarkt/create_note_currency.json", kind="application/json")

    await seen(share, "Bücherregal", "Offre · don", "Lille")
    assert "gratuit" in await page(share, "/search")
    assert await share.ask("select conditions from proposal where origin <> 'here'") == [("",)]


async def test_flohmarkts_update_without_a_date_of_its_own_counts(share: Town) -> None:
    await share.hears(FRED)
    await share.receives("flohmarkt/create_note_currency.json")
    update = share.payload("flohmarkt/update_note_currency.json")
    created = share.payload("flohmarkt/create_note_currency.json")
    assert (update["id"], update["object"]["published"]) == (created["id"], created["object"]["published"])
    assert "updated" not in update["object"]
    share.clock.advance(60_000)

    await share.receives("flohmarkt/update_note_currency.json")

    await seen(share, "Bücherregal", "12,50 EUR")


async def test_flohmarkts_older_form_signed_before_does_not_come_back(share: Town) -> None:
    await share.hears(FRED)
    await share.receives("flohmarkt/create_note_currency.json")
    share.clock.advance(60_000)
    await share.receives("flohmarkt/update_note_currency.json")

    await share.receives("flohmarkt/create_note_currency.json")

    await seen(share, "Bücherregal", "12,50 EUR")


async def test_proposal_attached_to_a_post_is_read_with_price_and_quantity(share: Town) -> None:
    listing = share.payload("flohmarkt/create_note_with_proposal.json")
    attached = listing["object"]["attachment"][1]
    assert (attached["type"], attached["reciprocal"]["resourceQuantity"]["hasUnit"]) == ("Proposal", "EUR")
    await share.hears(FRED)

    await share.receives("flohmarkt/create_note_with_proposal.json")

    await seen(share, "Nähmaschine", "Offre · don", "25 EUR", "2 × pièce", "51.34, 12.37")
    assert await listings(share) == [(listing["object"]["id"], "offer", "open")]
    photos = await share.ask("select url, name from proposal_photo")
    assert photos == [("https://flohmarkt.example/api/v1/image/9f31", "Die Maschine von vorn")]
    assert "flohmarkt.example/api" not in await page(share, "/search"), "readers are led to no address of others"


async def test_proposal_attached_in_another_name_is_nobodys_offer(share: Town) -> None:
    listing = share.payload("flohmarkt/create_note_with_proposal.json")
    del listing["object"]["flohmarkt:data"]
    listing["object"]["attachment"][1]["attributedTo"] = "https://mastodon.example/users/alice"
    await share.hears(FRED)

    await share.receives(listing)

    assert await listings(share) == []
    assert await share.ask("select uri from post") == [(listing["object"]["id"],)]


@pytest.mark.parametrize(
    "file",
    ["create_note.json", "create_note_with_proposal.json", "create_note_currency.json"],
)
async def test_flohmarkts_delete_takes_the_listing_out_of_every_list(share: Town, file: str) -> None:
    listing = share.payload(f"flohmarkt/{file}")
    await share.hears(FRED)
    await share.receives(listing)
    assert len(await listings(share)) == 1
    delete = share.payload("flohmarkt/delete_note.json")
    delete["object"]["id"] = listing["object"]["id"]

    await share.receives(delete, kind="application/json")

    assert listing["object"]["flohmarkt:data"]["name"] not in await page(share, "/search")
    assert await share.ask("select count(*) from proposal_photo") == [(0,)]


async def test_mitras_proposal_is_found_through_the_profile_that_links_it(share: Town) -> None:
    proposal = share.payload("mitra/proposal.json")
    assert isinstance(proposal["publishes"]["resourceQuantity"]["hasNumericalValue"], str)
    mia = share.person(proposal["attributedTo"])
    mia.document["attachment"] = [_link(proposal["id"], "Pay for subscription")]
    mia.server.serve("/users/mia", mia.document)
    mia.server.serve("/users/mia/proposals/monero:418015bb9ae982a1975da7d79277c270", proposal)

    await share.hears(mia.uri)

    await seen(share, "Pay for subscription", "Offre · service", "0.00000002 XMR / second", "1 × seconde")
    assert await listings(share) == [(proposal["id"], "offer", "open")]


async def test_stand_alone_proposal_that_is_sent_is_kept(share: Town) -> None:
    proposal = share.payload("mitra/proposal.json")
    mia = share.person(proposal["attributedTo"])
    await share.hears(mia.uri)

    await share.receives(mia.activity("Create", proposal, to=proposal["to"]))

    assert await listings(share) == [(proposal["id"], "offer", "open")]


async def test_stand_alone_proposal_of_a_stranger_is_not_kept(share: Town) -> None:
    proposal = share.payload("mitra/proposal.json")
    mia = share.person(proposal["attributedTo"])
    await share.is_met(mia.uri)
    before = await share.dump()

    await share.receives(mia.activity("Create", proposal, to=proposal["to"]))

    assert await share.dump() == before


async def test_epicyons_lists_are_read_to_their_empty_page(share: Town) -> None:
    offers, wanted = share.payload("epicyon/offers_page.json"), share.payload("epicyon/wanted_page.json")
    assert offers["orderedItems"][0]["attributedTo"] == f"{BOB}/offers", "the list as the author of what is in it"
    assert "next" not in offers
    _serve_lists(share, offers=[offers], wanted=[wanted])

    await share.hears(BOB)

    await seen(share, "Bicycle pump", "Offre · don", "Leeds", "3 × pièce", "4.5 EUR")
    await seen(share, "Runner beans", "Offre · don", "12 × pièce", "ratuit")
    await seen(share, "Ladder", "Besoin · don", "Leeds", "10 GBP")
    categories = await share.ask("select category from proposal where origin <> 'here' order by category")
    assert categories == [("food",), ("tools",), ("tools",)]
    assert len(await share.ask("select url from proposal_photo")) == 1
    assert await share.ask("select software from host where host = 'epicyon.example'") == [("epicyon",)]


async def test_epicyons_lists_are_read_again_since_nothing_is_sent(share: Town) -> None:
    offers = share.payload("epicyon/offers_page.json")
    pump, beans = offers["orderedItems"]
    _serve_lists(share, offers=[{**offers, "orderedItems": [pump]}], wanted=[])
    await share.hears(BOB)
    assert len(await listings(share)) == 1

    _serve_lists(share, offers=[{**offers, "orderedItems": [beans, pump]}], wanted=[])
    share.clock.advance(61 * 60_000)
    await share.work()

    assert len(await listings(share)) == 2


async def test_what_leaves_epicyons_list_is_closed_and_open_again_when_it_is_back(share: Town) -> None:
    offers = share.payload("epicyon/offers_page.json")
    pump, beans = offers["orderedItems"]
    _serve_lists(share, offers=[offers], wanted=[share.payload("epicyon/wanted_page.json")])
    await share.hears(BOB)

    async def an_hour_later(items: list[Json]) -> list[str]:
        _serve_lists(share, offers=[{**offers, "orderedItems": items}] if items else [])
        share.clock.advance(61 * 60_000)
        await share.work()
        return [row[0].rpartition("/")[2] for row in await listings(share) if row[2] == "open"]

    assert await an_hour_later([beans]) == ["runnerbeans", "ladder"]
    assert await an_hour_later([]) == ["ladder"], "what is wanted stands in another list"
    assert await an_hour_later([beans, pump]) == ["bicyclepump", "runnerbeans", "ladder"]


async def test_list_that_cannot_be_read_closes_nothing(share: Town) -> None:
    offers = share.payload("epicyon/offers_page.json")
    _serve_lists(share, offers=[offers], wanted=[])
    await share.hears(BOB)

    share.person(BOB).server.serve("/users/bob/offers?page=1", Reply(200, b"[]", {"content-type": ACTIVITY}))
    share.clock.advance(61 * 60_000)
    await share.work()

    assert [row[2] for row in await listings(share)] == ["open", "open"]
    _serve_lists(share, offers=[{**offers, "orderedItems": offers["orderedItems"][:1]}])
    share.clock.advance(25 * 60 * 60_000)
    await share.work()
    assert [row[2] for row in await listings(share)] == ["open", "closed"], "the next day it is read again"


async def test_needs_are_found_under_their_other_name(share: Town) -> None:
    _serve_lists(share, offers=[], requests=[share.payload("epicyon/wanted_page.json")])

    await share.hears(BOB)

    await seen(share, "Ladder", "Besoin · don")


async def test_list_that_never_ends_is_left_after_twenty_pages(share: Town) -> None:
    offers = share.payload("epicyon/offers_page.json")
    runs(share, BOB, "epicyon")
    share.person(BOB).server.serve("/users/bob/offers", offers)

    await share.hears(BOB)

    asked = [asked.path for asked in share.person(BOB).server.asked if asked.path.startswith("/users/bob/offers")]
    assert len(asked) == 20


async def test_nobody_else_is_asked_for_lists_that_no_profile_names(share: Town) -> None:
    runs(share, BOB, "mastodon")

    await share.hears(BOB)

    assert not [asked for asked in share.person(BOB).server.asked if "page=" in asked.path]


async def test_flohmarkt_is_told_an_offer_that_it_can_read_and_that_it_is_over(share: Town) -> None:
    await share.receives("flohmarkt/follow_instance.json", kind="application/json")
    fred = share.person("https://flohmarkt.example/users/instance")
    bike = await offers(share, "Vélo d’enfant", place="Lille")
    (create,) = [said for said in fred.server.letters if said["type"] == "Create"]
    listing = create["object"]["flohmarkt:data"]

    await share.db.write(proposals.close, bike.id, by=[bike.owner_id], here=share.here, now=share.clock.now())
    await share.work()

    told = [said for said in fred.server.letters if said["type"] in ("Create", "Update", "Delete")]
    assert (listing["name"], listing["price"], listing["currency"]) == ("Vélo d’enfant", "0 EUR", "EUR")
    assert listing["original_id"] == bike.uri.rpartition("/")[2]
    assert listing["coordinates"] == {"lat": 50.635, "lng": pytest.approx(3.06, abs=0.02)}
    assert [said["type"] for said in told] == ["Create", "Delete"]
    assert told[1]["object"] == {"id": bike.uri, "type": "Tombstone"}


async def offers(share: Town, title: str, *, place: str) -> Proposal:
    (found,) = places.find(place)
    draft = Draft(purpose=Purpose.OFFER, action=Action.TRANSFER, title=title, place=found)
    kept = await share.db.write(
        proposals.publish, draft, owner=share.werkstatt, author_id=None, here=share.here, now=share.clock.now()
    )
    await share.work()
    return kept


def _link(uri: str, name: str) -> Json:
    kind = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
    rel = ["payment", "https://w3id.org/valueflows/ont/vf#Proposal"]
    return {"type": "Link", "name": name, "mediaType": kind, "href": uri, "rel": rel}


def _serve_lists(share: Town, **lists: list[Json]) -> None:
    runs(share, BOB, "epicyon")
    server = share.person(BOB).server
    for name, pages in lists.items():
        empty = {**share.payload("epicyon/offers_page.json"), "orderedItems": []}
        for number, shown in enumerate([*pages, empty], start=1):
            server.serve(f"/users/bob/{name}?page={number}", shown)
