"""Pages about proposals: what a visitor reads, what a member can do, and what is refused with words kept."""

import pytest

from fedishare.features.proposals import store
from fedishare.features.proposals.model import Proposal
from fedishare.features.proposals.store import Cursor, Wanted
from fedishare.foundation.values.clock import SECOND
from tests.features.proposals.hangar import bike, known
from tests.features.town import Town
from tests.remote import Person

FORM = {"purpose": "request", "action": "use", "title": "Une échelle", "place": "lille", "text": "Pour la façade."}


async def page_of(town: Town, proposal: Proposal) -> str:
    answer = await town.asks(f"/@remise/{proposal.id}", accept="text/html")
    assert answer.status_code == 200
    return answer.text


async def newest(town: Town) -> Proposal:
    cards = await town.db.read(store.open_proposals, Wanted(), viewer=0, now=town.now, before=Cursor(), size=1)
    found = await town.db.read(store.proposal_by_id, cards[0].id)
    assert found is not None
    return found


async def test_page_says_what_where_until_when_and_links_its_id(town: Town) -> None:
    drill = await town.publishes(town.remise, until="2027-01-31", conditions="un gâteau")

    answer = await town.asks(f"/@remise/{drill.id}", accept="text/html")

    for words in ("Perceuse", "<strong>mèches</strong>", "Offre · prêt", "Lille", "31 janvier 2027", "un gâteau"):
        assert words in answer.text
    assert answer.headers["link"] == f'<{drill.uri}>; rel="alternate"; type="application/activity+json"'
    assert answer.text.count("<h1") == 1


async def test_server_that_asks_for_the_page_is_sent_to_the_id(town: Town) -> None:
    drill = await town.publishes(town.remise)

    answer = await town.asks(f"/@remise/{drill.id}")

    assert (answer.status_code, answer.headers["location"]) == (302, drill.uri)


async def test_page_under_another_name_leads_to_the_right_one(town: Town) -> None:
    drill = await town.publishes(town.remise)

    answer = await town.asks(f"/@amel/{drill.id}", accept="text/html")

    assert answer.headers["location"] == f"/@remise/{drill.id}"


async def test_member_publishes_with_the_form(town: Town) -> None:
    town.signs_in(town.amel)

    answer = await town.asks("/new", data=FORM)

    made = await newest(town)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/@amel/{made.id}")
    assert (made.title, made.purpose, made.place_name) == ("Une échelle", "request", "Lille")
    assert made.author_id == town.amel.id


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("title", "", "Donnez-lui un titre"),
        ("place", "Atlantis", "pas dans la liste"),
        ("place", "Saint-Denis", "Plusieurs communes"),
        ("until", "hier", "pas une date"),
        ("until", "2026-11-22", "Ce jour est passé"),
        ("quantity", "beaucoup", "un nombre"),
        ("quantity", "NaN", "plus grande que zéro"),
    ],
)
async def test_refused_form_names_the_problem_and_keeps_the_words(
    town: Town, field: str, value: str, says: str
) -> None:
    town.signs_in(town.amel)

    answer = await town.asks("/new", data={**FORM, field: value})

    assert answer.status_code == 422
    assert says in answer.text
    assert "Pour la façade." in answer.text
    assert await known(town) == []


async def test_visitor_is_asked_to_sign_in_before_publishing(town: Town) -> None:
    answer = await town.asks("/new", accept="text/html")

    assert "/sign-in" in answer.headers.get("location", "") or answer.status_code == 401


async def test_only_admins_speak_for_the_association(town: Town) -> None:
    town.signs_in(town.amel)
    refused = await town.asks("/new", data={**FORM, "owner": "remise"})
    town.signs_in(town.nadia, admin=True)
    done = await town.asks("/new", data={**FORM, "owner": "remise"})

    assert (refused.status_code, done.status_code) == (422, 303)
    made = await newest(town)
    assert (made.owner_id, made.author_id) == (town.remise.id, town.nadia.id)


async def test_owner_changes_closes_and_deletes_from_the_pages(town: Town) -> None:
    town.signs_in(town.amel)
    await town.asks("/new", data=FORM)
    made = await newest(town)
    shown = await town.asks(f"/proposals/{made.id}/edit", accept="text/html")
    assert 'value="Une échelle"' in shown.text

    await town.asks(f"/proposals/{made.id}/edit", data={**FORM, "title": "Une grande échelle"})
    changed = await town.db.read(store.proposal_by_id, made.id)
    await town.asks(f"/proposals/{made.id}/close", data={})
    closed = await town.db.read(store.proposal_by_id, made.id)
    mine = await town.asks("/settings/listings", accept="text/html")
    await town.asks(f"/proposals/{made.id}/delete", data={})
    deleted = await town.db.read(store.proposal_by_id, made.id)

    assert changed is not None
    assert changed.title == "Une grande échelle"
    assert closed is not None
    assert closed.state == "closed"
    assert "Une grande échelle" in mine.text
    assert deleted is not None
    assert deleted.deleted_at is not None


async def test_others_find_no_way_to_change_it(town: Town) -> None:
    drill = await town.publishes(town.remise)
    town.signs_in(town.amel)
    assert town.amel.id != drill.owner_id, "needs somebody else to mean anything"

    answers = [await town.asks(f"/proposals/{drill.id}/{what}", data={}) for what in ("close", "delete")]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert f"/proposals/{drill.id}/edit" not in await page_of(town, drill)


async def test_owner_is_not_asked_to_ask_for_their_own_thing(town: Town) -> None:
    drill = await town.publishes(town.remise)
    town.signs_in(town.amel)
    others = await page_of(town, drill)
    town.signs_in(town.nadia, admin=True)
    own = await page_of(town, drill)

    assert "Demander" in others
    assert "Demander" not in own
    assert "Répondre à la vue de tout le monde" in own


async def test_member_answers_from_the_page_and_is_told_that_it_waits(town: Town) -> None:
    drill = await town.publishes(town.remise)
    town.signs_in(town.amel)

    answer = await town.asks(f"/proposals/{drill.id}/reply", data={"text": "Je la prends."})
    empty = await town.asks(f"/proposals/{drill.id}/reply", data={"text": ""})

    assert (answer.status_code, empty.status_code) == (303, 422)
    assert "Je la prends." not in await page_of(town, drill)
    town.signs_in(town.nadia, admin=True)
    assert "Je la prends." in await page_of(town, drill)


async def test_remote_offer_has_a_page_here_that_names_its_home(town: Town, hangar: Person) -> None:
    await town.follows(hangar)
    await town.creates(hangar, bike(hangar))
    (card,) = await known(town)
    town.signs_in(town.amel)

    answer = await town.asks(card.path, accept="text/html")

    assert "depuis hangar.example" in answer.text
    assert "Deux enfants y tiennent." in answer.text
    assert f'action="/proposals/{card.id}/reply"' in answer.text
    assert "noindex" in answer.headers["x-robots-tag"]


async def test_profile_of_the_association_lists_everything_from_here(town: Town, hangar: Person) -> None:
    await town.follows(hangar)
    await town.creates(hangar, bike(hangar))
    await town.publishes(town.remise)
    town.clock.advance(SECOND)
    await town.publishes(town.amel, title="Échelle")

    whole = await town.asks("/@remise", accept="text/html")
    hers = await town.asks("/@amel", accept="text/html")

    assert "Perceuse" in whole.text
    assert "Échelle" in whole.text
    assert "Vélo cargo" not in whole.text
    assert "Échelle" in hers.text
    assert "Perceuse" not in hers.text
    assert (await town.asks("/@remise")).headers["location"] == town.remise.uri


async def test_unknown_numbers_and_names_are_not_found(town: Town) -> None:
    for path in ("/@remise/7", "/proposals/7", "/posts/7", "/@nobody", "/@nobody@nowhere.example"):
        assert (await town.asks(path, accept="text/html")).status_code == 404
