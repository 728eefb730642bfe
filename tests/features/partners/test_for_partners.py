"""What is for partners is seen by them, by the members on both sides, and by nobody else."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from fedishare.features.conversations.operations import reply
from fedishare.features.conversations.store import shown_under
from fedishare.features.partners import operations as partners
from fedishare.features.proposals import operations as proposals
from fedishare.features.proposals.model import Action, Draft, Proposal, Purpose
from fedishare.federation.following.operations import follow
from fedishare.federation.policy import circles
from fedishare.federation.policy.domains import Rule, Verdict
from fedishare.federation.policy.ruling import decide
from tests import tables
from tests.engines import on_each_engine
from tests.features.partners.test_handshake import shake_hands
from tests.features.partners.towns import Town, settle, towns
from tests.remote import Person

TITLE = "Remorque"
DRAFT = Draft(purpose=Purpose.OFFER, action=Action.USE, title=TITLE)


async def share(town: Town, *others: Town) -> Proposal:
    made = await town.db.write(
        proposals.publish,
        DRAFT,
        owner=town.us,
        author_id=None,
        circle_id=circles.PARTNERS,
        here=town.here,
        now=town.clock.now(),
    )
    await settle(town, *others)
    return made


@on_each_engine
async def test_partners_and_members_of_both_see_it_and_nobody_else(remise: Town, hangar: Town, mallory: Person):
    await shake_hands(remise, hangar)
    follower = remise.network.server("mastodon.example").person("follower")
    assert await remise.hears(follower, follower.activity("Follow", remise.uri)) == "applied", "needs an outsider"

    shared = await share(remise, hangar)

    for town in (remise, hangar):
        assert await town.sees(TITLE, town.amel)
        assert await town.sees(TITLE, town.nadia)
        assert not await town.sees(TITLE, None)
    path = shared.uri.removeprefix(remise.here.base_url)
    assert (await remise.reads(path, by=hangar.us, of=hangar)).status_code == 200
    for reader in (None, mallory, follower):
        assert (await remise.reads(path, by=reader)).status_code == 404
    assert (await remise.reads(path, by=hangar.amel, of=hangar)).status_code == 404, "their server was told already"
    assert [letter["type"] for letter in follower.server.letters] == ["Accept"]


@on_each_engine
async def test_what_is_hidden_reads_as_what_is_not_there(remise: Town, hangar: Town, mallory: Person):
    await shake_hands(remise, hangar)
    shared = await share(remise, hangar)
    path = shared.uri.removeprefix(remise.here.base_url)

    hidden = await remise.reads(path, by=mallory)
    missing = await remise.reads("/proposals/1", by=mallory)

    def plain(body: str) -> str:
        return body.replace(path, "").replace("/proposals/1", "")

    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert set(hidden.headers) == set(missing.headers)
    assert len(plain(hidden.text)) == len(plain(missing.text))


@on_each_engine
async def test_what_only_partners_may_read_is_kept_by_no_cache(remise: Town, hangar: Town):
    await shake_hands(remise, hangar)
    shared = await share(remise, hangar)
    path = shared.uri.removeprefix(remise.here.base_url)

    for suffix in ("", "/proposal", "/replies", "/context"):
        answer = await remise.reads(path + suffix, by=hangar.us, of=hangar)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "private, no-store"
    told = (await remise.reads(path, by=hangar.us, of=hangar)).json()
    assert told["to"] == [f"{remise.here.base_url}/partners"]
    assert told["cc"] == []
    assert told["interactionPolicy"]["canQuote"]["automaticApproval"] == [remise.uri]


@on_each_engine
async def test_a_change_and_the_end_of_it_reach_partners_alone(remise: Town, hangar: Town):
    await shake_hands(remise, hangar)
    shared = await share(remise, hangar)
    remise.clock.advance(60_000)
    await remise.db.write(
        proposals.edit,
        shared.id,
        replace(DRAFT, title="Grande remorque"),
        by=[remise.us.id],
        tell_after_ms=0,
        here=remise.here,
        now=remise.clock.now(),
    )
    await settle(remise, hangar)
    assert await hangar.sees("Grande remorque", hangar.amel)
    assert not await hangar.sees("Grande remorque", None)

    await remise.db.write(proposals.delete, shared.id, by=[remise.us.id], here=remise.here, now=remise.clock.now())
    await settle(remise, hangar)
    assert not await hangar.sees("Grande remorque", hangar.amel)


@on_each_engine
async def test_a_partners_member_answers_it_in_private_and_an_outsider_cannot(
    remise: Town, hangar: Town, mallory: Person
):
    await shake_hands(remise, hangar)
    shared = await share(remise, hangar)

    await hangar.db.write(
        reply,
        shared.uri,
        "Je viens samedi.",
        by=hangar.amel,
        language="fr",
        here=hangar.here,
        now=hangar.clock.now(),
    )
    await settle(hangar, remise)
    word = {
        "id": "https://liars.example/notes/1",
        "type": "Note",
        "attributedTo": mallory.uri,
        "content": "<p>Moi aussi.</p>",
        "inReplyTo": shared.uri,
        "to": [remise.uri],
    }
    await remise.hears(mallory, mallory.activity("Create", word, to=[remise.uri]))

    told = await tables.ask(remise.db, "select content, proposal_id from post order by id")
    assert [(words, about == shared.id) for words, about in told] == [
        ("<p>Je viens samedi.</p>", True),
        ("<p>Moi aussi.</p>", False),
    ]
    for town in (remise, hangar):
        assert await town.db.read(shown_under, shared.id, viewer=0) == []


@on_each_engine
async def test_a_former_partner_is_told_nothing_more(remise: Town, hangar: Town):
    await shake_hands(remise, hangar)
    await remise.does(partners.end, hangar)
    await settle(remise, hangar)

    shared = await share(remise, hangar)

    assert not await hangar.sees(TITLE, hangar.amel)
    path = shared.uri.removeprefix(remise.here.base_url)
    assert (await remise.reads(path, by=hangar.us, of=hangar)).status_code == 404


@on_each_engine
async def test_nobody_but_a_partner_speaks_to_our_members_as_one(remise: Town, hangar: Town, mallory: Person):
    """Mallory is followed here, and addresses the partners of her own server, of ours, and of a partner's."""
    await shake_hands(remise, hangar)
    them = await remise.knows(mallory)
    await remise.db.write(follow, remise.us, them, here=remise.here, now=remise.clock.now())
    await remise.work()
    asked = mallory.server.letters[-1]["id"]
    assert await remise.hears(mallory, mallory.activity("Accept", asked)) == "applied"
    shared = await share(hangar, remise)
    path = shared.uri.removeprefix(hangar.here.base_url)
    document = (await hangar.reads(path, by=remise.us, of=remise)).json()

    for number, place in enumerate(("https://liars.example", remise.here.base_url, hangar.here.base_url)):
        lie = {
            **document,
            "id": f"https://liars.example/notes/{number}",
            "attributedTo": mallory.uri,
            "to": [f"{place}/partners"],
            "content": "<p><strong>Piège</strong></p>",
        }
        await remise.hears(mallory, mallory.activity("Create", lie, to=lie["to"]))

    assert await remise.sees(TITLE, remise.amel), "needs a true one to mean anything"
    for viewer in (remise.amel, remise.nadia, None):
        assert not await remise.sees("Piège", viewer)


@pytest.mark.parametrize("path", ["/users/remise/outbox", "/users/remise/followers", "/users/remise/proposals"])
@on_each_engine
async def test_where_signatures_are_wanted_only_who_signs_reads(tmp_path: Path, urls: list[str], path: str):
    async with towns(tmp_path, urls, signed_only=True) as (remise, hangar):
        unsigned = await remise.reads(path)
        signed = await remise.reads(path, by=hangar.amel, of=hangar)

        assert (unsigned.status_code, signed.status_code) == (401, 200)
        assert "accept-signature" in unsigned.headers


@on_each_engine
async def test_where_signatures_are_wanted_actors_show_a_stub(tmp_path: Path, urls: list[str]):
    async with towns(tmp_path, urls, signed_only=True) as (remise, hangar):
        mallory = remise.network.server("liars.example").person("mallory")
        stub = (await remise.reads("/users/remise")).json()
        whole = (await remise.reads("/users/remise", by=hangar.us, of=hangar)).json()
        instance = (await remise.reads("/users/instance")).json()

        assert set(stub) == {"@context", "id", "type", "preferredUsername", "inbox", "outbox", "publicKey"}
        assert stub["publicKey"] == whole["publicKey"]
        assert whole["name"] == "Remise"
        assert "assertionMethod" in instance
        assert (await remise.reads(f"/proposals/{remise.offer.id}")).status_code == 401

        rule = Rule(subject="liars.example", severity=Verdict.BLOCK)
        assert (await remise.reads("/users/remise/outbox", by=mallory)).status_code == 200
        await remise.db.write(decide, [rule], here=remise.here, now=remise.clock.now())
        for place in ("/users/remise/outbox", "/users/remise", f"/proposals/{remise.offer.id}"):
            assert (await remise.reads(place, by=mallory)).status_code in (401, 403)


@on_each_engine
async def test_two_that_both_want_signatures_still_become_partners(tmp_path: Path, urls: list[str]):
    async with towns(tmp_path, urls, signed_only=True) as (remise, hangar):
        await shake_hands(remise, hangar)

        assert await remise.listed() == await hangar.listed() == {"Vélo de remise", "Vélo de hangar"}
