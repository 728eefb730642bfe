"""Two associations become partners by saying yes twice, over the wire, and stop being partners by one no."""

from pathlib import Path
from typing import Any

import pytest

from fedishare.features.partners import operations
from fedishare.features.partners.activities import COLLABORATES
from fedishare.features.partners.model import State
from fedishare.federation.outbox.send import send
from fedishare.federation.policy import circles, domains
from fedishare.foundation.db.access import Tx
from fedishare.foundation.values.clock import DAY, MINUTE
from fedishare.foundation.values.errors import Conflict, NotFound
from tests.engines import on_each_engine
from tests.features.partners.towns import Town, settle, towns


async def shake_hands(remise: Town, hangar: Town) -> None:
    await remise.asks(hangar)
    await settle(remise, hangar)
    await hangar.does(operations.accept, remise)
    await settle(remise, hangar)


@on_each_engine
async def test_who_is_asked_waits_for_its_administrator_and_nobody_shares_yet(remise: Town, hangar: Town):
    await remise.asks(hangar)
    await settle(remise, hangar)

    assert (await remise.stands(hangar), await hangar.stands(remise)) == (State.ASKED, State.WAITING)
    assert await hangar.notices() == ["partner_request"]
    assert not await remise.shares_with(hangar)
    assert not await hangar.shares_with(remise)
    (offer,) = hangar.heard("Offer")
    assert offer.json["object"] == {
        "type": "Relationship",
        "subject": remise.uri,
        "relationship": COLLABORATES,
        "object": hangar.uri,
    }


@on_each_engine
async def test_a_yes_makes_partners_on_both_sides_with_what_they_had_published(remise: Town, hangar: Town):
    await shake_hands(remise, hangar)

    for one, other in ((remise, hangar), (hangar, remise)):
        assert await one.stands(other) is State.PARTNER
        assert await one.shares_with(other)
        assert await one.follows(other)
        assert await one.listed() == {"Vélo de remise", "Vélo de hangar"}
    assert "partner" in await remise.notices()
    (accept,) = remise.heard("Accept")[:1]
    assert accept.json["object"]["id"] == hangar.heard("Offer")[0].json["id"]


@on_each_engine
async def test_a_no_leaves_nothing_and_may_be_asked_again_after_a_day(remise: Town, hangar: Town):
    await remise.asks(hangar)
    await settle(remise, hangar)
    await hangar.does(operations.refuse, remise)
    await settle(remise, hangar)
    assert (await remise.stands(hangar), await hangar.stands(remise)) == (State.REFUSED, State.REFUSED)
    assert not await remise.shares_with(hangar)
    assert not await remise.follows(hangar)

    await remise.asks(hangar)
    await settle(remise, hangar)
    assert (await remise.stands(hangar), await hangar.stands(remise)) == (State.REFUSED, State.REFUSED)
    assert await hangar.notices() == ["partner_request"], "nobody is bothered a second time"

    remise.clock.advance(DAY)
    await remise.asks(hangar)
    await settle(remise, hangar)
    assert await hangar.stands(remise) is State.WAITING


@on_each_engine
async def test_both_asking_at_once_are_partners_without_another_word(remise: Town, hangar: Town):
    await remise.asks(hangar)
    await hangar.asks(remise)
    await settle(remise, hangar)

    for one, other in ((remise, hangar), (hangar, remise)):
        assert await one.stands(other) is State.PARTNER
        assert await one.shares_with(other)
        assert await one.follows(other)


@on_each_engine
async def test_asking_who_has_asked_is_the_yes(remise: Town, hangar: Town):
    await remise.asks(hangar)
    await settle(remise, hangar)

    assert await hangar.asks(remise) is State.PARTNER
    await settle(remise, hangar)

    assert await remise.stands(hangar) is State.PARTNER


@pytest.mark.parametrize("by_asker", [True, False])
@on_each_engine
async def test_either_side_ends_it_and_the_other_hears(remise: Town, hangar: Town, by_asker: bool):
    await shake_hands(remise, hangar)
    one, other = (remise, hangar) if by_asker else (hangar, remise)

    await one.does(operations.end, other)
    await settle(remise, hangar)

    for this, that in ((remise, hangar), (hangar, remise)):
        assert await this.stands(that) is State.ENDED
        assert not await this.shares_with(that)
        assert not await this.follows(that)
    assert other.heard("Undo" if by_asker else "Reject")


@on_each_engine
async def test_a_question_taken_back_cannot_be_answered(remise: Town, hangar: Town):
    await remise.asks(hangar)
    await settle(remise, hangar)
    await remise.does(operations.end, hangar)
    await settle(remise, hangar)

    assert await hangar.stands(remise) is State.ENDED
    with pytest.raises(Conflict):
        await hangar.does(operations.accept, remise)
    with pytest.raises(NotFound):
        await remise.does(operations.end, hangar)


@on_each_engine
async def test_what_is_said_again_changes_nothing(remise: Town, hangar: Town):
    await remise.asks(hangar)
    await remise.asks(hangar)
    await settle(remise, hangar)
    assert await hangar.notices() == ["partner_request"]
    await hangar.does(operations.accept, remise)
    await settle(remise, hangar)
    offer, accept = hangar.heard("Offer")[0], remise.heard("Accept")[0]

    assert await hangar.hears_again(offer) == 202
    assert await remise.hears_again(accept) == 202
    assert (await remise.stands(hangar), await hangar.stands(remise)) == (State.PARTNER, State.PARTNER)

    await remise.does(operations.end, hangar)
    await settle(remise, hangar)
    await hangar.hears_again(offer)
    await remise.hears_again(accept)
    assert (await remise.stands(hangar), await hangar.stands(remise)) == (State.ENDED, State.ENDED)


@on_each_engine
async def test_a_partner_that_lost_its_memory_gets_the_yes_again(remise: Town, hangar: Town):
    """It asks anew; nobody has to decide a second time. Once a minute at most."""
    await shake_hands(remise, hangar)
    before = len(remise.heard("Accept"))
    offer = {name: value for name, value in hangar.heard("Offer")[0].json.items() if name not in ("id", "@context")}

    for later in (0, 2 * MINUTE):
        remise.clock.advance(later)
        await remise.db.write(_say, offer, town=remise)
        await settle(remise, hangar)

    assert len(remise.heard("Accept")) == before + 1
    assert await hangar.stands(remise) is State.PARTNER


@pytest.mark.parametrize("modes", [("partners", "partners"), ("open", "partners")])
@on_each_engine
async def test_two_that_speak_with_partners_only_become_partners_when_both_ask(
    tmp_path: Path, urls: list[str], modes: tuple[str, str]
):
    async with towns(tmp_path, urls, modes=modes) as (remise, hangar):
        for one, other in ((remise, hangar), (hangar, remise)):
            await let_in(one, other)
            await one.asks(other)
        await settle(remise, hangar)
        assert (await remise.stands(hangar), await hangar.stands(remise)) == (State.PARTNER, State.PARTNER)
        assert await remise.listed() == await hangar.listed() == {"Vélo de remise", "Vélo de hangar"}

        await hangar.does(operations.end, remise)
        await settle(remise, hangar)
        assert await remise.stands(hangar) is State.ENDED
        assert not await remise.follows(hangar)
        await let_in(remise, hangar)
        await remise.asks(hangar)
        await settle(remise, hangar)
        assert await hangar.stands(remise) is State.ENDED, "a stranger again, it is not heard"


async def let_in(town: Town, other: Town) -> None:
    """As `fedishare partner add` does before it looks them up."""
    await town.db.write(domains.let_in, other.here.host)


async def _say(tx: Tx, activity: dict[str, Any], *, town: Town) -> None:
    await send(tx, activity, by=town.us, here=town.here, now=town.clock.now(), circle_id=circles.NOBODY)
