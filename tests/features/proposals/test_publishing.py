"""What the world hears of a proposal: once, in the right name, changes together, and that it is gone."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from fedishare.features.proposals import operations, store
from fedishare.features.proposals.model import Proposal, later_update
from fedishare.foundation.values.clock import DAY, HOUR, MINUTE, SECOND, parse_rfc3339
from fedishare.foundation.values.errors import Conflict, Gone, NotAllowed, NotFound
from tests.engines import on_each_engine
from tests.features.conversations.test_reactions_and_notices import notices
from tests.features.town import Town

TEN_MINUTES = 10 * MINUTE


async def edits(town: Town, proposal: Proposal, **changed: str) -> Proposal:
    draft = town.draft(**changed)
    return await town.db.write(
        operations.edit,
        proposal.id,
        draft,
        by=[proposal.owner_id],
        tell_after_ms=TEN_MINUTES,
        here=town.here,
        now=town.now,
    )


async def closes(town: Town, proposal: Proposal) -> Proposal:
    by = [proposal.owner_id]
    return await town.db.write(operations.close, proposal.id, by=by, here=town.here, now=town.now)


@on_each_engine
async def test_published_proposal_is_told_by_its_owner_and_listed(town: Town) -> None:
    proposal = await town.publishes(town.remise)

    (create,) = await town.said(town.remise)
    assert (create["type"], create["object"]["id"]) == ("Create", proposal.uri)
    found = await town.asks("/search", accept="text/html")
    assert "Perceuse" in found.text


@on_each_engine
async def test_association_announces_a_members_proposal_once_by_id(town: Town) -> None:
    proposal = await town.publishes(town.amel)
    await edits(town, proposal, title="Perceuse à percussion")
    town.clock.advance(TEN_MINUTES)
    await town.works()

    assert [said["type"] for said in await town.said(town.amel)] == ["Create", "Update"]
    (announce,) = await town.said(town.remise)
    assert (announce["type"], announce["object"]) == ("Announce", proposal.uri)
    assert announce["actor"] == town.remise.uri


@on_each_engine
async def test_changes_are_told_together_after_the_delay(town: Town) -> None:
    proposal = await town.publishes(town.remise)
    town.clock.advance(MINUTE)
    await edits(town, proposal, title="Perceuse filaire")
    town.clock.advance(MINUTE)
    await edits(town, proposal, title="Perceuse à percussion")
    await town.works()
    assert [said["type"] for said in await town.said(town.remise)] == ["Create"]

    town.clock.advance(TEN_MINUTES)
    await town.works()
    await town.works()

    create, update = await town.said(town.remise)
    assert update["type"] == "Update"
    assert "Perceuse à percussion" in update["object"]["content"]
    assert parse_rfc3339(update["object"]["updated"]) > parse_rfc3339(create["object"]["published"])


async def test_changes_are_told_once_though_the_job_is_done_twice(town: Town) -> None:
    drill = await town.publishes(town.remise)
    await edits(town, drill, title="Perceuse à percussion")
    town.clock.advance(TEN_MINUTES)

    for _time in range(2):
        await town.db.work(operations.tell_update, drill.id, here=town.here, now=town.now)

    assert [said["type"] for said in await town.said(town.remise)] == ["Create", "Update"]


async def test_change_that_changes_nothing_is_told_to_nobody(town: Town) -> None:
    proposal = await town.publishes(town.remise)
    await edits(town, proposal)
    town.clock.advance(DAY)

    await town.works()

    assert len(await town.said(town.remise)) == 1


async def test_updated_grows_even_when_the_clock_stands_still(town: Town) -> None:
    proposal = await town.publishes(town.remise)
    first = await edits(town, proposal, title="Une")
    second = await edits(town, proposal, title="Deux")

    assert proposal.updated_at < first.updated_at < second.updated_at


async def test_at_most_six_updates_a_day_reach_others(town: Town) -> None:
    proposal = await town.publishes(town.remise)
    for number in range(9):
        town.clock.advance(HOUR)
        await edits(town, proposal, title=f"Version {number}")
        town.clock.advance(TEN_MINUTES)
        await town.works()
    within_a_day = [said for said in await town.said(town.remise) if said["type"] == "Update"]
    assert len(within_a_day) == 6

    town.clock.advance(int(timedelta(hours=16) / timedelta(milliseconds=1)))
    await town.works()

    last = (await town.said(town.remise))[-1]
    assert "Version 8" in last["object"]["content"]


@on_each_engine
async def test_closing_is_told_at_once_and_says_so_in_words(town: Town) -> None:
    proposal = await town.publishes(town.remise)
    town.clock.advance(SECOND)

    await closes(town, proposal)

    update = (await town.said(town.remise))[-1]
    assert update["object"]["publishes"]["finished"] is True
    assert "C’est trouvé" in update["object"]["content"]
    assert "Perceuse" not in (await town.asks("/search", accept="text/html")).text


async def test_closed_proposal_is_not_changed_nor_closed_again(town: Town) -> None:
    proposal = await town.publishes(town.remise)
    await closes(town, proposal)

    with pytest.raises(operations.AlreadyClosed):
        await closes(town, proposal)
    with pytest.raises(operations.AlreadyClosed):
        await edits(town, proposal, title="Autre")


@on_each_engine
async def test_deleted_proposal_is_gone_for_ever(town: Town) -> None:
    proposal = await town.publishes(town.remise)
    by = [proposal.owner_id]
    await town.db.write(operations.delete, proposal.id, by=by, here=town.here, now=town.now)

    delete = (await town.said(town.remise))[-1]
    assert (delete["type"], delete["object"]) == ("Delete", {"id": proposal.uri, "type": "Tombstone"})
    for path in (f"/proposals/{proposal.id}", f"/proposals/{proposal.id}/proposal"):
        answer = await town.asks(path)
        assert (answer.status_code, answer.json()["type"]) == (410, "Tombstone")
    page = await town.asks(f"/@remise/{proposal.id}", accept="text/html")
    assert page.status_code == 410
    assert "Perceuse" not in page.text
    with pytest.raises(Gone):
        await town.db.write(operations.delete, proposal.id, by=by, here=town.here, now=town.now)


async def test_nobody_changes_what_belongs_to_somebody_else(town: Town) -> None:
    proposal = await town.publishes(town.remise)
    assert town.amel.id != proposal.owner_id, "needs a stranger to mean anything"

    for operation in (operations.close, operations.delete):
        with pytest.raises(NotAllowed):
            await town.db.write(operation, proposal.id, by=[town.amel.id], here=town.here, now=town.now)
    with pytest.raises(NotFound):
        await town.db.write(operations.close, 7, by=[town.amel.id], here=town.here, now=town.now)


async def test_changes_reach_those_who_follow_only_the_association(town: Town) -> None:
    hangar = town.house.network.server("hangar.example").person("hangar")
    await town.is_followed_by(hangar)
    proposal = await town.publishes(town.amel)
    await closes(town, proposal)

    await town.house.deliver()

    told = [letter["type"] for letter in hangar.server.letters]
    assert told == ["Accept", "Announce", "Update"]


async def test_past_end_reads_as_closed_and_its_owner_is_told(town: Town) -> None:
    proposal = await town.publishes(town.amel, until="2026-11-30")
    assert "30 novembre" in (await town.asks(f"/@amel/{proposal.id}", accept="text/html")).text

    town.clock.advance(8 * DAY)

    assert "Perceuse" not in (await town.asks("/search", accept="text/html")).text
    await town.works()
    ended = await town.db.read(store.proposal_by_id, proposal.id)
    assert ended is not None
    assert ended.state == "closed"
    assert [said["type"] for said in await town.said(town.amel)] == ["Create"]
    assert [notice.kind for notice in await notices(town, town.amel)] == ["expired"]


async def test_import_is_told_by_one_post_and_found_in_the_collection(town: Town) -> None:
    drafts = [town.draft(title=f"Outil {number}") for number in range(30)]
    for part, count in ((drafts[:20], 0), (drafts[20:], 30)):
        await town.db.write(
            operations.import_all,
            part,
            owner=town.remise,
            author_id=None,
            digest_of=count,
            here=town.here,
            now=town.now,
        )

    (digest,) = await town.said(town.remise)
    assert "30 nouvelles annonces" in digest["object"]["content"]
    assert (await town.asks("/users/remise/proposals")).json()["totalItems"] == 30


@on_each_engine
async def test_change_made_meanwhile_is_not_overwritten(town: Town) -> None:
    former = await town.publishes(town.remise)
    await closes(town, former)
    stale = replace(former, title="Perceuse à percussion", updated_at=later_update(former.updated_at, town.now))

    with pytest.raises(Conflict):
        await town.db.write(store.change_proposal, stale, former_at=former.updated_at)

    kept = await town.db.read(store.proposal_by_id, former.id)
    assert kept is not None
    assert (kept.title, kept.state) == ("Perceuse", "closed")
