"""The beginning of an instance: by `init`, and by the one-time link in a browser."""

from typing import Any

import pytest

from fedishare.features.people import first_run, operations, store
from fedishare.features.people.model import AlreadySetUp, LinkIsOver
from fedishare.federation.actors import store as actors
from fedishare.foundation.values.clock import DAY
from fedishare.foundation.web.sessions import token_hash
from tests.engines import on_each_engine
from tests.front_door import FrontDoor, Reader

ANSWERS = {
    "association": "La Remise",
    "handle": "laremise",
    "place": "Lille",
    "admin": "nadia",
    "email": "nadia@example.org",
    "password": "un vélo bleu sous la pluie",
}


async def with_the_link(site: FrontDoor, link: str = "the-link") -> Reader:
    await site.db.write(first_run.renew_first_run, token_hash(link), site.clock.now())
    nadia = site.reader()
    await nadia.go(f"/first-run?token={link}")
    return nadia


@on_each_engine
async def test_init_makes_the_instance_the_association_and_who_administers(unborn: FrontDoor) -> None:
    person = await unborn.opens()

    association = await unborn.db.read(actors.association)
    instance = await unborn.db.read(actors.instance_actor)
    assert (association.name, association.kind, association.display_name) == ("laremise", "Organization", "La Remise")
    assert (instance.kind, instance.name) == ("Application", "remise.test")
    assert (person.name, person.role) == ("nadia", "admin")
    assert await unborn.db.read(store.setting, "base_url") == "https://remise.test"
    assert await unborn.db.read(store.setting, "handle_domain") == "remise.test"


@on_each_engine
async def test_an_instance_begins_once(site: FrontDoor) -> None:
    with pytest.raises(AlreadySetUp):
        await site.opens()


async def test_before_the_beginning_the_home_page_says_where_the_link_is(unborn: FrontDoor) -> None:
    answer = await unborn.reader().go("/")

    assert answer.status_code == 200
    assert "Ouvrez le lien que le serveur a affiché" in answer.text


async def test_the_link_leads_to_a_site_and_to_its_first_listing(unborn: FrontDoor) -> None:
    nadia = await with_the_link(unborn)

    answer = await nadia.send("/first-run", {"token": "the-link", **ANSWERS})

    assert (answer.status_code, answer.headers["location"]) == (303, "/new")
    assert await nadia.is_signed_in()
    assert "La Remise" in (await unborn.reader().go("/")).text


async def test_the_link_opens_once(unborn: FrontDoor) -> None:
    nadia, second = await with_the_link(unborn), unborn.reader()
    await second.go("/first-run?token=the-link")
    await nadia.send("/first-run", {"token": "the-link", **ANSWERS})

    answer = await second.send("/first-run", {"token": "the-link", **ANSWERS, "handle": "autre", "admin": "autre"})

    assert answer.status_code == 409
    assert (await second.go("/first-run?token=the-link")).status_code == 409


async def test_the_link_lives_for_a_day_and_until_the_next_start(unborn: FrontDoor) -> None:
    nadia = await with_the_link(unborn)
    assert nadia.page.status_code == 200

    await unborn.db.write(first_run.renew_first_run, token_hash("next-start"), unborn.clock.now())
    assert (await nadia.go("/first-run?token=the-link")).status_code == 410

    unborn.clock.advance(DAY + 1)
    assert (await nadia.go("/first-run?token=next-start")).status_code == 410


async def test_without_the_link_nobody_begins(unborn: FrontDoor) -> None:
    stranger = await with_the_link(unborn)

    answer = await stranger.send("/first-run", {"token": "guessed", **ANSWERS})

    assert answer.status_code == 410
    assert not await unborn.db.read(first_run.is_set_up)


async def test_two_who_send_the_form_at_once_do_not_both_begin(unborn: FrontDoor) -> None:
    await with_the_link(unborn)
    kept: dict[str, Any] = {"link_hash": token_hash("the-link"), "session_hash": token_hash("a session")}
    begin: dict[str, Any] = {
        "association": operations.NewAssociation(name="La Remise"),
        "admin": await unborn.new_person("nadia"),
        "keys": (unborn.keys,) * 3,
        "secret": unborn.secret,
        "here": unborn.here,
        "now": unborn.clock.now(),
    }
    await unborn.db.write(first_run.init_by_link, **kept, **begin)

    with pytest.raises(AlreadySetUp):
        await unborn.db.write(first_run.init_by_link, **kept, **begin)


async def test_a_link_replaced_while_the_form_was_on_its_way_begins_nothing(unborn: FrontDoor) -> None:
    await with_the_link(unborn, "the-next-link")

    with pytest.raises(LinkIsOver):
        await unborn.db.write(
            first_run.init_by_link,
            link_hash=token_hash("the-link"),
            session_hash=token_hash("a session"),
            association=operations.NewAssociation(name="La Remise"),
            admin=await unborn.new_person("nadia"),
            keys=(unborn.keys, unborn.keys, unborn.keys),
            secret=unborn.secret,
            here=unborn.here,
            now=unborn.clock.now(),
        )
    assert not await unborn.db.read(first_run.is_set_up)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"association": ""}, "association"),
        ({"handle": "La Remise"}, "handle"),
        ({"handle": "admin"}, "handle"),
        ({"admin": "laremise"}, "admin"),
        ({"email": "nowhere"}, "email"),
        ({"password": "court"}, "password"),
    ],
)
async def test_a_refused_beginning_names_the_field_and_keeps_the_rest(
    unborn: FrontDoor, changed: dict[str, str], field: str
) -> None:
    nadia = await with_the_link(unborn)

    answer = await nadia.send("/first-run", {"token": "the-link", **ANSWERS, **changed})

    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}-error"' in answer.text
    kept = "Lille" if field != "place" else "La Remise"
    assert f'value="{kept}"' in answer.text
    assert "un vélo bleu sous la pluie" not in answer.text
    assert not await unborn.db.read(first_run.is_set_up)
