"""How else one becomes a partner or stops being one: by a follow, by a rule, by leaving; and who may decide it."""

import pytest

from fedishare.features.partners import operations
from fedishare.features.partners.model import State
from fedishare.federation.actors import store as actors
from fedishare.federation.following import own_changes
from fedishare.federation.following.own_changes import update_profile
from fedishare.federation.policy.domains import Rule, Verdict
from fedishare.federation.policy.ruling import decide
from fedishare.foundation.values.errors import Conflict, NotAllowed
from tests.engines import on_each_engine
from tests.features.partners.test_handshake import shake_hands
from tests.features.partners.towns import Town, settle
from tests.remote import Person


@on_each_engine
async def test_other_software_is_a_partner_once_asked_and_following_back(remise: Town, mallory: Person):
    """A mutual follow alone makes nobody a partner, and neither does the question."""
    await remise.hears(mallory, mallory.activity("Follow", remise.uri))
    assert await remise.stands(mallory) is None

    assert await remise.asks(mallory) is State.ASKED
    await remise.work()
    assert [letter["type"] for letter in mallory.server.letters] == ["Accept", "Follow"], "no Offer it does not know"
    assert not await remise.shares_with(mallory)
    await remise.hears(mallory, mallory.activity("Accept", mallory.server.letters[-1]["id"]))

    assert await remise.stands(mallory) is State.PARTNER
    assert await remise.shares_with(mallory)

    await remise.does(operations.end, mallory)
    await remise.work()
    assert mallory.server.letters[-1]["type"] == "Undo"
    assert mallory.server.letters[-1]["object"]["type"] == "Follow"
    assert not await remise.shares_with(mallory)


@on_each_engine
async def test_who_is_blocked_is_no_partner_and_cannot_be_asked(remise: Town, hangar: Town):
    await shake_hands(remise, hangar)
    told = len(hangar.heard("Undo"))

    rule = Rule(subject=hangar.here.host, severity=Verdict.BLOCK)
    await remise.db.write(decide, [rule], here=remise.here, now=remise.clock.now())
    await settle(remise, hangar)

    assert await remise.stands(hangar) is State.ENDED
    assert not await remise.shares_with(hangar)
    assert len(hangar.heard("Undo")) == told, "nothing is said to them any more"
    them = await remise.db.read(actors.by_uri, hangar.uri)
    with pytest.raises(NotAllowed):
        await remise.db.write(operations.ask, them, here=remise.here, now=remise.clock.now())


@on_each_engine
async def test_an_association_that_is_gone_is_no_partner(remise: Town, hangar: Town):
    await shake_hands(remise, hangar)

    await hangar.db.write(own_changes.leave, hangar.us, here=hangar.here, now=hangar.clock.now())
    await settle(hangar, remise)

    assert await remise.stands(hangar) is State.ENDED
    assert not await remise.shares_with(hangar)


@on_each_engine
async def test_who_approves_followers_need_not_approve_a_partner_again(remise: Town, hangar: Town):
    for town in (remise, hangar):
        await town.db.write(
            update_profile,
            town.us,
            display_name=town.name,
            summary="",
            approves_followers=True,
            discoverable=True,
            indexable=True,
            here=town.here,
            now=town.clock.now(),
        )

    await shake_hands(remise, hangar)

    assert await remise.follows(hangar)
    assert await hangar.follows(remise)


@on_each_engine
async def test_nobody_is_a_partner_of_their_own_instance(remise: Town):
    for actor in (remise.us, remise.amel):
        with pytest.raises(Conflict):
            await remise.db.write(operations.ask, actor, here=remise.here, now=remise.clock.now())


@on_each_engine
async def test_administrators_answer_on_their_page_and_members_do_not(remise: Town, hangar: Town):
    await remise.asks(hangar)
    await settle(remise, hangar)
    remise_there = str((await hangar.db.read(actors.by_uri, remise.uri)).id)
    nadia, amel = await hangar.reader("nadia"), await hangar.reader("amel")

    assert (await amel.go("/admin/partners")).status_code == 403
    await amel.go("/settings/account")
    refused = await amel.send("/admin/partners", {"partner": remise_there, "answer": "accept"})
    assert refused.status_code == 403
    assert await hangar.stands(remise) is State.WAITING

    notices = await nadia.go("/notifications")
    assert "demande à être partenaire" in notices.text
    shown = await nadia.go("/admin/partners")
    assert "@remise@remise.example" in shown.text
    answered = await nadia.send("/admin/partners", {"partner": remise_there, "answer": "accept"})
    assert answered.status_code == 303
    assert await hangar.stands(remise) is State.PARTNER
    assert "https://remise.example/@remise" in (await nadia.go("/about")).text

    await nadia.go("/admin/partners")
    await nadia.send("/admin/partners", {"partner": remise_there, "answer": "remove"})
    assert await hangar.stands(remise) is State.ENDED
    await nadia.go("/settings/account")  # a page that has a form
    missing = await nadia.send("/admin/partners", {"partner": "1", "answer": "remove"})
    assert missing.status_code == 404
    again = await nadia.send("/admin/partners", {"partner": remise_there, "answer": "accept"})
    assert again.status_code == 409


@on_each_engine
async def test_a_refusal_on_the_page_is_told(remise: Town, hangar: Town):
    await remise.asks(hangar)
    await settle(remise, hangar)
    nadia = await hangar.reader("nadia")
    await nadia.go("/admin/partners")

    number = str((await hangar.db.read(actors.by_uri, remise.uri)).id)
    await nadia.send("/admin/partners", {"partner": number, "answer": "refuse"})
    await settle(remise, hangar)

    assert await remise.stands(hangar) is State.REFUSED
    stranger = await (await remise.reader("nobody")).go("/admin/partners")
    assert stranger.status_code in (302, 303, 401)
