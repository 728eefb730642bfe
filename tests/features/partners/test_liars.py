"""Who lies about partners: in another's name, as an answer to nothing, about somebody else."""

import json
from typing import Any

import pytest

from fedishare.features.partners import operations
from fedishare.features.partners.activities import COLLABORATES, read_offer, read_relationship
from fedishare.features.partners.model import MOST_WAITING_OF_A_SERVER, State
from tests.engines import on_each_engine
from tests.features.partners.towns import Town, settle
from tests.house import apply_what_came
from tests.remote import Json, Person


def relationship(subject: Any, other: Any, **changed: Any) -> Json:
    return {"type": "Relationship", "subject": subject, "relationship": COLLABORATES, "object": other, **changed}


def offered(by: str, to: str, **more: Any) -> Json:
    return {"id": f"{by}#offers/1", "type": "Offer", "actor": by, "object": relationship(by, to), **more}


async def nothing_came_of_it(remise: Town, hangar: Town, mallory: Person) -> None:
    assert await remise.stands(hangar) in (None, State.ASKED)
    assert await remise.stands(mallory) is None
    assert not await remise.shares_with(hangar)
    assert not await remise.shares_with(mallory)
    assert await remise.notices() == []


@on_each_engine
async def test_nobody_offers_in_anothers_name_or_to_anybody_else(remise: Town, hangar: Town, mallory: Person):
    us, them, me = remise.uri, hangar.uri, mallory.uri
    lies = [
        relationship(them, us),
        relationship(me, them),
        relationship(us, me),
        relationship(me, f"{remise.here.base_url}/users/nadia"),
        relationship(me, f"{remise.here.base_url}/users/instance"),
        relationship([me, them], us),
        relationship(me, [us, them]),
        relationship(me, us, relationship="http://purl.org/vocab/relationship/enemyOf"),
        relationship(me, us, relationship=None),
        relationship(me, us, relationship=[COLLABORATES, "http://purl.org/vocab/relationship/enemyOf"]),
        relationship({}, us),
        relationship(me, us, type="Note"),
    ]

    for lie in lies:
        assert await remise.hears(mallory, mallory.activity("Offer", lie)) == "dropped", lie

    await nothing_came_of_it(remise, hangar, mallory)


@on_each_engine
async def test_an_offer_signed_by_somebody_else_is_not_its_actors(remise: Town, hangar: Town, mallory: Person):
    forged = {"@context": "https://www.w3.org/ns/activitystreams", **offered(hangar.uri, remise.uri)}

    assert await remise.hears(mallory, forged) == "401"
    assert await remise.hears(mallory, {**forged, "signature": {"type": "RsaSignature2017"}}) == "dropped"

    await nothing_came_of_it(remise, hangar, mallory)


@on_each_engine
async def test_an_answer_of_somebody_who_was_never_asked_is_none(remise: Town, hangar: Town, mallory: Person):
    us, me = remise.uri, mallory.uri
    for kind in ("Accept", "Reject"):
        for about in (
            offered(us, me),
            offered(me, us),
            {**offered(us, me), "actor": me},
            f"{us}#offers/1",
            f"{remise.here.base_url}/activities/1",
        ):
            assert await remise.hears(mallory, mallory.activity(kind, about)) == "dropped"

    await nothing_came_of_it(remise, hangar, mallory)


@on_each_engine
async def test_nobody_answers_or_ends_what_stands_between_two_others(remise: Town, hangar: Town, mallory: Person):
    await remise.asks(hangar)
    await settle(remise, hangar)
    offer = hangar.heard("Offer")[0].json
    told = {name: value for name, value in offer.items() if name != "@context"}

    for kind in ("Accept", "Reject", "Undo"):
        for about in (told, offer["id"], {**told, "object": relationship(remise.uri, mallory.uri)}):
            assert await remise.hears(mallory, mallory.activity(kind, about)) == "dropped"
    assert await remise.stands(hangar) is State.ASKED
    await nothing_came_of_it(remise, hangar, mallory)

    await hangar.does(operations.accept, remise)
    await settle(remise, hangar)
    for kind in ("Reject", "Undo"):
        for town in (remise, hangar):
            for about in (told, offer["id"]):
                assert await town.hears(mallory, mallory.activity(kind, about)) == "dropped"
    assert (await remise.stands(hangar), await hangar.stands(remise)) == (State.PARTNER, State.PARTNER)


@on_each_engine
async def test_who_is_asked_cannot_answer_another_question(remise: Town, mallory: Person):
    """Mallory was asked, and answers as if somebody else had been, or by an id that was never ours."""
    mallory.document["generator"] = {"implements": [{"href": "https://w3id.org/fep/0837"}]}
    mallory.server.serve("/users/mallory", mallory.document)
    await remise.asks(mallory)
    us = remise.uri

    for about in (
        offered(us, "https://else.example/users/x"),
        offered(us, mallory.uri),
        offered("https://else.example/users/x", mallory.uri),
        offered(mallory.uri, us),
        f"{us}#offers/1",
        {"type": "Follow", "actor": us, "object": mallory.uri},
    ):
        assert await remise.hears(mallory, mallory.activity("Accept", about)) == "dropped"
    assert await remise.stands(mallory) is State.ASKED

    await remise.work()
    told = {name: value for name, value in mallory.server.letters[-1].items() if name not in ("@context", "proof")}
    wrong = {**told, "object": relationship(us, "https://else.example/users/x")}
    assert await remise.hears(mallory, mallory.activity("Accept", wrong)) == "dropped"
    assert await remise.hears(mallory, mallory.activity("Accept", told)) == "applied"
    assert await remise.stands(mallory) is State.PARTNER


@on_each_engine
async def test_one_server_cannot_fill_the_list_of_requests(remise: Town, mallory: Person):
    crowd = [mallory.server.person(f"mallory{number}") for number in range(MOST_WAITING_OF_A_SERVER + 2)]

    states = [await remise.hears(one, one.activity("Offer", relationship(one.uri, remise.uri))) for one in crowd]

    assert states == ["applied"] * MOST_WAITING_OF_A_SERVER + ["dropped"] * 2
    assert await remise.notices() == ["partner_request"] * MOST_WAITING_OF_A_SERVER


@pytest.mark.parametrize("document", [None, {}, {"type": "Offer"}, {"type": "Offer", "object": "x"}, {"object": []}])
def test_what_is_no_offer_reads_as_none(document: Json | None):
    assert read_offer(document) is None
    assert read_relationship(document) is None


@on_each_engine
async def test_a_proved_word_that_somebody_kept_counts_once(remise: Town, hangar: Town, mallory: Person):
    """Le Hangar proves what it says (FEP-8b32), so Mallory can hand it on: no yes of before answers a later question,
    and no offer of before is made anew."""
    await remise.asks(hangar)
    await settle(remise, hangar)
    await hangar.does(operations.accept, remise)
    await settle(remise, hangar)
    kept = [one for kind in ("Accept", "Undo") for one in remise.heard(kind)]
    assert "proof" in remise.heard("Accept")[0].json, "needs a proof to mean anything"
    await remise.does(operations.end, hangar)
    await settle(remise, hangar)
    remise.clock.advance(60_000)
    await remise.asks(hangar)

    for one in kept:
        body = json.dumps(one.json).encode()
        answer = await mallory.post(remise.asgi, body, now=remise.clock.now(), to=f"{remise.here.base_url}/inbox")
        assert answer.status_code in (202, 401)
        await apply_what_came(remise.db, remise.instance.fetcher, remise.here, remise.clock, remise.handlers)

    assert await remise.stands(hangar) is State.ASKED
    assert not await remise.shares_with(hangar)
