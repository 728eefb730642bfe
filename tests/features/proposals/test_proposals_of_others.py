"""What is kept of what others offer: from those followed here, by their word alone, once, never older, never undead."""

from typing import Any

import pytest

from fedishare.features.proposals import operations, store
from fedishare.features.proposals.store import Wanted
from fedishare.federation.following.operations import unfollow
from fedishare.federation.vocabulary.reading import PUBLIC
from fedishare.foundation.values.errors import NotFound
from tests.engines import on_each_engine
from tests.features.proposals.hangar import bike, known
from tests.features.town import Town
from tests.remote import Person


@on_each_engine
async def test_offer_of_somebody_followed_is_kept_with_its_home(town: Town, hangar: Person) -> None:
    await town.follows(hangar)

    state, _ = await town.creates(hangar, bike(hangar))

    (card,) = await known(town)
    assert (state, card.title, card.origin) == ("applied", "Vélo cargo", "hangar.example")
    page = await town.asks("/search", accept="text/html")
    assert "hangar.example" in page.text
    assert f'href="{card.path}"' in page.text


@on_each_engine
async def test_offer_of_a_stranger_is_dropped(town: Town, hangar: Person) -> None:
    state, _ = await town.creates(hangar, bike(hangar))

    assert state == "dropped"
    assert await known(town) == []


@on_each_engine
async def test_offer_of_a_member_of_a_followed_association_is_kept(town: Town, hangar: Person) -> None:
    await town.follows(hangar)
    member = hangar.server.person("thuy")

    state, _ = await town.creates(member, bike(member))

    assert state == "applied"
    assert [card.owner_local_name for card in await known(town)] == ["thuy"]


@on_each_engine
async def test_same_offer_twice_is_one(town: Town, hangar: Person) -> None:
    await town.follows(hangar)
    await town.creates(hangar, bike(hangar))

    await town.creates(hangar, bike(hangar))

    assert len(await known(town)) == 1


async def test_offer_until_the_end_of_time_breaks_no_page(town: Town, hangar: Person) -> None:
    await town.follows(hangar)

    await town.creates(hangar, bike(hangar, hasEnd="9999-12-31T23:59:59Z", updated="9999-12-31T23:59:59Z"))

    (card,) = await known(town)
    for path in ("/search", "/search.atom", card.path):
        assert (await town.asks(path, accept="text/html")).status_code == 200, path


@on_each_engine
async def test_only_a_later_update_by_its_owner_counts(town: Town, hangar: Person) -> None:
    await town.follows(hangar)
    await town.creates(hangar, bike(hangar))
    eve = hangar.server.person("eve")

    async def says(by: Person, title: str, updated: str) -> None:
        changed = bike(hangar, content=f"<p><strong>{title}</strong></p>", updated=updated)
        await town.gets(by, by.activity("Update", changed, to=changed["to"]))

    await says(hangar, "Nouveau", "2026-11-23T11:30:00Z")
    await says(hangar, "Ancien", "2026-11-23T11:20:00Z")
    await says(eve, "Volé", "2026-11-23T11:50:00Z")

    assert [card.title for card in await known(town)] == ["Nouveau"]


@on_each_engine
@pytest.mark.parametrize("left", ["followers", "somebody"])
async def test_offer_that_becomes_private_is_taken_from_everybody_else(town: Town, hangar: Person, left: str) -> None:
    await town.follows(hangar)
    await town.creates(hangar, bike(hangar))
    to = [f"{hangar.uri}/followers"] if left == "followers" else ["https://elsewhere.example/users/x"]
    private = bike(hangar, updated="2026-11-23T11:30:00Z", to=to, cc=[])

    await town.gets(hangar, hangar.activity("Update", private, to=to))

    assert await known(town) == await known(town, viewer=town.amel.id) == []
    assert len(await known(town, viewer=town.remise.id)) == (1 if left == "followers" else 0)
    public = bike(hangar, updated="2026-11-23T11:45:00Z")
    await town.gets(hangar, hangar.activity("Update", public, to=public["to"]))
    assert await known(town) == [], "what was taken back is not handed out again"


@on_each_engine
async def test_finished_offer_leaves_the_list(town: Town, hangar: Person) -> None:
    await town.follows(hangar)
    await town.creates(hangar, bike(hangar))
    intent = {**bike(hangar)["publishes"], "finished": True}
    closed = bike(hangar, publishes=intent, updated="2026-11-23T11:30:00Z")

    await town.gets(hangar, hangar.activity("Update", closed, to=closed["to"]))

    assert await known(town) == []


@on_each_engine
@pytest.mark.parametrize("form", ["tombstone", "id"])
async def test_deleted_offer_is_gone_and_does_not_come_back(town: Town, hangar: Person, form: str) -> None:
    await town.follows(hangar)
    await town.creates(hangar, bike(hangar))
    uri = bike(hangar)["id"]
    about: Any = uri if form == "id" else {"id": uri, "type": "Tombstone"}

    await town.gets(hangar, hangar.activity("Delete", about, to=[PUBLIC]))
    await town.creates(hangar, bike(hangar, updated="2026-11-23T11:50:00Z"))

    assert await known(town) == []


@on_each_engine
async def test_delete_that_comes_first_keeps_the_offer_out(town: Town, hangar: Person) -> None:
    await town.follows(hangar)
    await town.gets(hangar, hangar.activity("Delete", {"id": bike(hangar)["id"], "type": "Tombstone"}, to=[PUBLIC]))

    state, _ = await town.creates(hangar, bike(hangar))

    assert state == "dropped"
    assert await known(town) == []


@on_each_engine
async def test_nobody_else_deletes_it(town: Town, hangar: Person) -> None:
    await town.follows(hangar)
    await town.creates(hangar, bike(hangar))
    eve = hangar.server.person("eve")

    state, _ = await town.gets(eve, eve.activity("Delete", bike(hangar)["id"], to=[PUBLIC]))

    assert state == "dropped"
    assert len(await known(town)) == 1


@on_each_engine
async def test_announced_offer_of_an_unknown_member_is_fetched(town: Town, hangar: Person) -> None:
    await town.follows(hangar)
    thuy = hangar.server.person("thuy")
    hangar.server.serve("/proposals/9", {"@context": "https://www.w3.org/ns/activitystreams", **bike(thuy, 9)})

    announce = hangar.activity("Announce", hangar.server.url("/proposals/9"), to=[PUBLIC])
    await town.gets(hangar, announce)
    await town.works()

    assert [(card.title, card.owner_local_name) for card in await known(town)] == [("Vélo cargo", "thuy")]


async def test_announce_by_a_stranger_fetches_nothing_to_keep(town: Town, hangar: Person) -> None:
    thuy = hangar.server.person("thuy")
    hangar.server.serve("/proposals/9", {"@context": "https://www.w3.org/ns/activitystreams", **bike(thuy, 9)})

    state, _ = await town.gets(hangar, hangar.activity("Announce", hangar.server.url("/proposals/9"), to=[PUBLIC]))
    await town.works()

    assert state == "dropped"
    assert await known(town) == []


@on_each_engine
async def test_what_a_deleted_actor_published_goes_with_them(town: Town, hangar: Person) -> None:
    await town.follows(hangar)
    await town.creates(hangar, bike(hangar))

    await town.gets(hangar, hangar.activity("Delete", hangar.uri, to=[PUBLIC]))

    assert await known(town) == []


@on_each_engine
async def test_neighbour_on_the_same_server_does_not_take_an_offer_over(town: Town, hangar: Person) -> None:
    await town.follows(hangar)
    await town.creates(hangar, bike(hangar))
    eve = hangar.server.person("eve")
    taken = bike(eve, name="À moi", updated="2026-11-23T12:30:00Z")

    for kind in ("Update", "Create"):
        await town.gets(eve, eve.activity(kind, taken, to=taken["to"]))

    assert [(card.title, card.owner_local_name) for card in await known(town)] == [("Vélo cargo", "hangar")]


async def test_offer_for_followers_is_seen_by_followers_alone(town: Town, hangar: Person) -> None:
    await town.follows(hangar, by=town.amel)
    private = bike(hangar, to=[f"{hangar.uri}/followers"], cc=[])

    await town.creates(hangar, private)

    assert town.nadia.id != town.amel.id, "needs somebody else to mean anything"
    assert [card.title for card in await known(town, viewer=town.amel.id)] == ["Vélo cargo"]
    assert await known(town, viewer=town.nadia.id) == []
    assert await known(town) == []


@on_each_engine
async def test_offer_for_followers_is_for_others_as_if_it_were_not_there(town: Town, hangar: Person) -> None:
    await town.follows(hangar, by=town.amel)
    private = bike(hangar, to=[f"{hangar.uri}/followers"], cc=[])
    await town.creates(hangar, private)
    (card,) = await known(town, viewer=town.amel.id)
    paths = (
        "/@hangar@hangar.example/{}",
        *(f"/proposals/{{}}{end}" for end in ("", "/proposal", "/replies", "/context")),
    )

    for reader in (None, town.nadia):
        town.viewer = None if reader is None else town.signs_in(reader)
        for accept in ("text/html", "application/activity+json"):
            for path in paths:
                hidden = await town.asks(path.format(card.id), accept=accept)
                absent = await town.asks(path.format(card.id + 1), accept=accept)
                assert (hidden.status_code, absent.status_code) == (404, 404), path
        counted = await town.db.read(store.count_open, Wanted(), viewer=reader.id if reader else 0, now=town.now)
        assert counted == 0
    with pytest.raises(NotFound):
        await town.db.read(operations.changeable, card.id, by=[town.nadia.id])
    town.signs_in(town.amel)
    assert (await town.asks(card.path, accept="text/html")).status_code == 200


@on_each_engine
async def test_whoever_follows_no_longer_sees_no_longer_what_is_for_followers(town: Town, hangar: Person) -> None:
    followed = await town.follows(hangar, by=town.amel)
    await town.creates(hangar, bike(hangar, to=[f"{hangar.uri}/followers"], cc=[]))
    assert len(await known(town, viewer=town.amel.id)) == 1

    await town.db.write(unfollow, town.amel, followed, here=town.here, now=town.now)

    assert await known(town, viewer=town.amel.id) == []
