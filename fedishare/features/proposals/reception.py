"""What is kept of what others offer and need. They are shown as theirs, with their home.

Source: WIRE.md "Who speaks", "Posts from strangers", "Backfill"; INTEROP B.8. Everything may come twice, late, or in
the wrong order; an older form never replaces a newer one, and what its owner deleted does not come back.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from fedishare.features.conversations import activities as conversations
from fedishare.features.conversations import objects
from fedishare.features.conversations.model import PROPOSAL, Audience, StoredObject
from fedishare.features.proposals import store
from fedishare.features.proposals.activities import partners_of
from fedishare.features.proposals.model import Photo, Proposal, ProposalPublished
from fedishare.features.proposals.reading import Reading
from fedishare.federation.actors.model import Actor
from fedishare.federation.policy import circles, domains
from fedishare.federation.policy.domains import Verdict
from fedishare.federation.vocabulary.note import Note
from fedishare.federation.vocabulary.origins import host, same_origin
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.here import Here


async def keep(tx: Tx, found: Reading, owner: Actor, *, live: bool, here: Here, now: Instant) -> bool:
    """Store a new one, or the newer form of one that is kept. False when it changes nothing.

    The caller vouches that `owner` said it and that it concerns us. A backfilled one (`live` false) notifies nobody.
    """
    if found.note.attributed_to != owner.uri or here.owns(found.uri):
        return False
    known = await objects.object_by_uri(tx, found.uri)
    if known is not None:
        return await _change(tx, found, owner, known, here=here, now=now)
    audience = conversations.audience(found.note, owner)
    shared = await is_for_partners(tx, found.note, owner)
    if (audience is Audience.DIRECT and not shared) or await objects.was_deleted(tx, found.uri, owner_uri=owner.uri):
        return False
    circle_id = circles.MEMBERS if shared else await _circle(tx, audience, owner, here, now)
    proposal = _proposal(found, owner, circle_id=circle_id, live=live, here=here, now=now)
    await objects.keep_object(
        tx,
        object_id=proposal.id,
        uri=proposal.uri,
        kind=PROPOSAL,
        owner_id=owner.id,
        circle_id=circle_id,
        document={},
        published_at=proposal.published_at,
        updated_at=proposal.updated_at,
    )
    await store.insert_proposal(tx, proposal)
    await store.add_photos(tx, proposal.id, await _photos(tx, found, owner, here=here))
    await tx.tell(ProposalPublished(proposal_id=proposal.id, live=live))
    return True


async def is_for_partners(read: Read, note: Note, author: Actor) -> bool:
    """Whether it is addressed to the partners of its author's server alone, and we are one of them: then it is for our
    members."""
    if note.public or partners_of(author.uri) not in note.addressed:
        return False
    return any(same_origin(uri, author.uri) for uri in await circles.elsewhere(read, circles.PARTNERS))


async def _photos(read: Read, found: Reading, owner: Actor, *, here: Here) -> Sequence[Photo]:
    """None of the limited: theirs are words alone (WIRE "Instances")."""
    limited = await domains.verdict_of(read, owner.uri, owner.domain, here=here) is not Verdict.ALLOW
    return () if limited else found.photos


async def remove(tx: Tx, known: StoredObject, owner: Actor, *, now: Instant) -> bool:
    """Its owner deleted it. False when somebody else says so."""
    if known.owner_id != owner.id:
        return False
    await store.delete_proposal(tx, known.id, now=now)
    await objects.delete_object(tx, known.id, now=now)
    return True


async def _circle(tx: Tx, audience: Audience, owner: Actor, here: Here, now: Instant) -> int:
    """What is for some alone is nobody's here but its owner's: a proposal is shown to many, or not at all."""
    if audience is Audience.PUBLIC:
        return circles.PUBLIC
    if audience is Audience.FOLLOWERS:
        return await circles.followers_of(tx, owner.id, here, now)
    return await circles.direct(tx, [owner.id], here, now)


async def _change(tx: Tx, found: Reading, owner: Actor, known: StoredObject, *, here: Here, now: Instant) -> bool:
    """Only by its owner, only a later one: `updated` decides, not the order of arrival. Nothing is of tomorrow."""
    said_at = found.note.updated or found.note.published
    if known.owner_id != owner.id or known.kind != PROPOSAL or said_at is None:
        return False
    updated = min(said_at, now)
    if not await objects.change_object(tx, known.id, {}, updated_at=updated):
        return False
    former = await store.proposal_by_id(tx, known.id)
    if former is None or former.deleted_at is not None:
        return False
    await store.change_proposal(tx, _as_read(former, found, updated), former_at=former.updated_at)
    await store.keep_photos(tx, known.id, await _photos(tx, found, owner, here=here))
    await _narrow(tx, found, owner, known, here=here, now=now)
    return True


async def _narrow(tx: Tx, found: Reading, owner: Actor, known: StoredObject, *, here: Here, now: Instant) -> None:
    """An edit for fewer readers takes it from the others; one for more gives it to nobody new."""
    audience = conversations.audience(found.note, owner)
    if audience is Audience.PUBLIC or (audience is Audience.FOLLOWERS and known.circle_id != circles.PUBLIC):
        return
    shared = await is_for_partners(tx, found.note, owner)
    if shared and known.circle_id != circles.PUBLIC:
        return
    circle_id = circles.MEMBERS if shared else await _circle(tx, audience, owner, here, now)
    await objects.narrow_object(tx, known.id, circle_id=circle_id)
    await store.narrow_proposal(tx, known.id, circle_id=circle_id)


def _proposal(found: Reading, owner: Actor, *, circle_id: int, live: bool, here: Here, now: Instant) -> Proposal:
    """Dated by `published`, but never in the future: nothing stays on top of the list for ever."""
    published = min(found.note.published or now, now)
    blank = Proposal(
        id=here.ids.new(now),
        uri=found.uri,
        origin=host(found.uri),
        owner_id=owner.id,
        author_id=None,
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
        quantity="",
        unit="",
        conditions="",
        begins_at=None,
        ends_at=None,
        state="",
        language="",
        page_url="",
        live=live,
        published_at=published,
        updated_at=published,
        sent_at=now,
    )
    return _as_read(blank, found, max(published, min(found.note.updated or published, now)))


def _as_read(proposal: Proposal, found: Reading, updated: Instant) -> Proposal:
    return replace(
        proposal,
        purpose=found.purpose,
        action=found.action,
        title=found.title,
        content=found.content,
        category=found.category,
        place_name=found.place_name,
        latitude=found.place.latitude if found.place else None,
        longitude=found.place.longitude if found.place else None,
        quantity=found.quantity,
        unit=found.unit,
        conditions=found.conditions,
        begins_at=found.begins_at,
        ends_at=found.ends_at,
        state=found.state,
        language=found.note.language,
        page_url=found.note.page_url or found.uri,
        updated_at=updated,
    )
