"""What people can do with a proposal: publish, change, close, delete. Each is one transaction.

Source: WIRE.md "A proposal", "Who speaks", "Changes". Whoever may act for its owner (the owner, the author, the
administrators for the association) is worked out by the doors and given as `by`, a list of actor ids. Changes are told
later, several at once; closing and deleting at once. What others publish comes in through `reception.py`.
"""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from fedishare.features.conversations import objects
from fedishare.features.conversations import operations as conversations
from fedishare.features.conversations import store as posts
from fedishare.features.conversations.model import PROPOSAL, Notice
from fedishare.features.conversations.notices import notify
from fedishare.features.proposals import activities, store, telling
from fedishare.features.proposals.model import (
    HERE,
    UPDATE_PAUSE,
    UPDATES_A_DAY,
    Draft,
    Proposal,
    ProposalPublished,
    State,
    later_update,
    plain_decimal,
)
from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.policy import circles
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.jobs.queue import enqueue
from fedishare.foundation.text.markdown import render
from fedishare.foundation.text.translate import _, in_language, ngettext
from fedishare.foundation.values.clock import Instant, later
from fedishare.foundation.values.errors import N_, Conflict, Gone, NotAllowed, NotFound
from fedishare.foundation.values.here import Here

TELL_UPDATE = "proposals.tell_update"
EXPIRE = "proposals.expire"


class AlreadyClosed(Conflict):
    slug = "already-closed"
    title = N_("This listing is closed.")
    advice = N_("Publish a new one: a closed listing is not opened again.")


class UpdateToTell(Struct, frozen=True):
    """A job: others have not heard of the last changes of this proposal."""

    proposal_id: int


class EndToKeep(Struct, frozen=True):
    """A job: the time of this proposal is over."""

    proposal_id: int


async def publish(
    tx: Tx,
    draft: Draft,
    *,
    owner: Actor,
    author_id: int | None,
    circle_id: int = circles.PUBLIC,
    here: Here,
    now: Instant,
) -> Proposal:
    """Put it up, here and for all who follow, or for partners and members alone (`circle_id`). `owner` is in whose
    name, `author_id` the member who wrote it."""
    proposal = await _insert(
        tx, draft, owner=owner, author_id=author_id, circle_id=circle_id, live=True, here=here, now=now
    )
    await telling.published(tx, proposal, owner, here=here, now=now)
    await tx.tell(ProposalPublished(proposal_id=proposal.id, live=True))
    return proposal


async def import_all(
    tx: Tx,
    drafts: Sequence[Draft],
    *,
    owner: Actor,
    author_id: int | None,
    digest_of: int = 0,
    here: Here,
    now: Instant,
) -> list[Proposal]:
    """Many at once: followers hear of them by one digest, and find each in the collection (WIRE "Who speaks").

    `digest_of` is how many they were in all, given with the last of them: so that none are kept and never told.
    """
    kept = []
    for draft in drafts:
        proposal = await _insert(
            tx, draft, owner=owner, author_id=author_id, circle_id=circles.PUBLIC, live=False, here=here, now=now
        )
        await tx.tell(ProposalPublished(proposal_id=proposal.id, live=False))
        kept.append(proposal)
    if digest_of:
        await _tell_digest(tx, digest_of, owner=owner, language=drafts[0].language, here=here, now=now)
    return kept


async def _tell_digest(tx: Tx, count: int, *, owner: Actor, language: str, here: Here, now: Instant) -> None:
    """One post for an import, however long."""
    page = owner.page_url
    with in_language(language):
        words = ngettext("%(count)s new listing: %(page)s", "%(count)s new listings: %(page)s", count, page=page)
    await conversations.publish_note(tx, words, by=owner, language=language, here=here, now=now)


async def edit(
    tx: Tx, proposal_id: int, draft: Draft, *, by: Sequence[int], tell_after_ms: int, here: Here, now: Instant
) -> Proposal:
    """Change it here now; others are told together with what follows within `tell_after_ms`.

    Raises NotFound, Gone, NotAllowed, AlreadyClosed, Conflict.
    """
    former = await changeable(tx, proposal_id, by=by)
    changed = _drafted(former, draft)
    if changed == former:
        return former
    changed = replace(changed, updated_at=later_update(former.updated_at, now))
    await _change(tx, changed, former, here=here)
    await _tell_later(tx, proposal_id, due_at=later(now, tell_after_ms), here=here, now=now)
    await _end_in_time(tx, changed, here=here, now=now)
    return changed


async def tell_update(tx: Tx, proposal_id: int, *, here: Here, now: Instant) -> None:
    """Tell others of what has changed since they last heard; six times a day at most, then later."""
    proposal = await store.proposal_by_id(tx, proposal_id)
    if proposal is None or proposal.deleted_at is not None or proposal.sent_at >= proposal.updated_at:
        return
    if await store.updates_since(tx, proposal, now=now) >= UPDATES_A_DAY:
        await _tell_later(tx, proposal_id, due_at=later(now, UPDATE_PAUSE), here=here, now=now)
        return
    await telling.changed(tx, proposal, here=here, now=now)


async def close(tx: Tx, proposal_id: int, *, by: Sequence[int], here: Here, now: Instant) -> Proposal:
    """It was found, or is no longer there. Raises NotFound, Gone, NotAllowed, AlreadyClosed."""
    former = await changeable(tx, proposal_id, by=by)
    closed = replace(former, state=State.CLOSED, updated_at=later_update(former.updated_at, now))
    await _change(tx, closed, former, here=here)
    await telling.changed(tx, closed, here=here, now=now)
    if await posts.shown_under(tx, closed.id, viewer=closed.owner_id):
        owner = await telling.owner_of(tx, closed)
        with in_language(closed.language):
            words = _("Found. Thank you to everybody who answered.")
        await conversations.reply(tx, closed.uri, words, by=owner, language=closed.language, here=here, now=now)
    return closed


async def delete(tx: Tx, proposal_id: int, *, by: Sequence[int], here: Here, now: Instant) -> None:
    """Take it back everywhere; its address says for ever that it is gone. Raises NotFound, Gone, NotAllowed."""
    proposal = await owned(tx, proposal_id, by=by)
    await telling.deleted(tx, proposal, here=here, now=now)
    await store.delete_proposal(tx, proposal.id, now=now)
    await objects.delete_object(tx, proposal.id, now=now)


async def expire(tx: Tx, proposal_id: int, *, here: Here, now: Instant) -> None:
    """Its end has come: whoever knows ends reads it as closed already; its owner is told."""
    proposal = await store.proposal_by_id(tx, proposal_id)
    if proposal is None or not await store.expire_proposal(tx, proposal_id, now=now):
        return
    await telling.over(tx, proposal, here=here, now=now)
    instance = await actors.instance_actor(tx)
    whom = proposal.author_id or proposal.owner_id
    await notify(tx, whom, Notice.EXPIRED, of=instance.id, object_id=proposal_id, here=here, now=now)


async def owned(read: Read, proposal_id: int, *, by: Sequence[int]) -> Proposal:
    """A proposal of theirs. Raises NotFound, Gone, NotAllowed."""
    proposal = await store.proposal_by_id(read, proposal_id)
    if proposal is None:
        raise NotFound(f"no proposal {proposal_id}")
    if proposal.owner_id not in by and not any([await circles.sees(read, proposal.circle_id, one) for one in by]):
        raise NotFound(f"no proposal {proposal_id}")
    if proposal.deleted_at is not None:
        raise Gone(f"proposal {proposal_id}")
    if not proposal.here or (proposal.owner_id not in by and proposal.author_id not in by):
        raise NotAllowed(f"proposal {proposal_id} is not theirs")
    return proposal


async def changeable(read: Read, proposal_id: int, *, by: Sequence[int]) -> Proposal:
    """One of theirs that is open. Raises NotFound, Gone, NotAllowed, AlreadyClosed."""
    proposal = await owned(read, proposal_id, by=by)
    if proposal.state == State.CLOSED:
        raise AlreadyClosed(f"proposal {proposal_id}")
    return proposal


async def _insert(
    tx: Tx,
    draft: Draft,
    *,
    owner: Actor,
    author_id: int | None,
    circle_id: int,
    live: bool,
    here: Here,
    now: Instant,
) -> Proposal:
    number = here.ids.new(now)
    blank = Proposal(
        id=number,
        uri=here.url(f"/proposals/{number}"),
        origin=HERE,
        owner_id=owner.id,
        author_id=author_id,
        circle_id=circle_id,
        purpose="",
        action="",
        title="",
        source="",
        content="",
        category="",
        place_name="",
        latitude=None,
        longitude=None,
        quantity="1",
        unit="",
        conditions="",
        begins_at=None,
        ends_at=None,
        state=State.OPEN,
        language=draft.language,
        page_url=here.url(f"/@{owner.name}/{number}"),
        live=live,
        published_at=now,
        updated_at=now,
        sent_at=now,
    )
    proposal = _drafted(blank, draft)
    await objects.keep_object(
        tx,
        object_id=number,
        uri=proposal.uri,
        kind=PROPOSAL,
        owner_id=owner.id,
        circle_id=proposal.circle_id,
        document=activities.note(proposal, owner, here),
        published_at=now,
        updated_at=now,
    )
    await store.insert_proposal(tx, proposal)
    await _end_in_time(tx, proposal, here=here, now=now)
    return proposal


def _drafted(proposal: Proposal, draft: Draft) -> Proposal:
    place = draft.place
    return replace(
        proposal,
        purpose=draft.purpose,
        action=draft.action,
        title=draft.title,
        source=draft.text,
        content=render(draft.text),
        category=draft.category,
        place_name=place.name if place else "",
        latitude=place.point.latitude if place else None,
        longitude=place.point.longitude if place else None,
        quantity=plain_decimal(draft.quantity),
        unit=draft.unit,
        conditions=draft.conditions,
        ends_at=draft.ends_at,
        language=draft.language,
    )


async def _change(tx: Tx, proposal: Proposal, former: Proposal, *, here: Here) -> None:
    said = activities.note(proposal, await telling.owner_of(tx, proposal), here)
    await store.change_proposal(tx, proposal, former_at=former.updated_at)
    await objects.change_object(tx, proposal.id, said, updated_at=proposal.updated_at)


async def _tell_later(tx: Tx, proposal_id: int, *, due_at: Instant, here: Here, now: Instant) -> None:
    payload = UpdateToTell(proposal_id)
    await enqueue(tx, TELL_UPDATE, payload, due_at=due_at, once=str(proposal_id), new_id=here.ids.new(now))


async def _end_in_time(tx: Tx, proposal: Proposal, *, here: Here, now: Instant) -> None:
    if proposal.ends_at is not None:
        await enqueue(tx, EXPIRE, EndToKeep(proposal.id), due_at=proposal.ends_at, new_id=here.ids.new(now))
