"""Who hears of a proposal of ours, and in which words: everybody alike, but for flohmarkt and its like.

Source: WIRE.md "Who speaks", "For flohmarkt". An Update of a listing fails there: a change is a `Delete` and a new
`Create`, closing a `Delete`. What they are told apart stands in no outbox, for it is no news to anybody else. Whoever
changes a proposal calls this in the same transaction.
"""

from fedishare.features.conversations import store as posts
from fedishare.features.conversations.activities import create
from fedishare.features.proposals import activities, flohmarkt, store
from fedishare.features.proposals.model import Proposal
from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.outbox.send import send
from fedishare.federation.policy.circles import NOBODY, PUBLIC, elsewhere
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.here import Here


async def published(tx: Tx, proposal: Proposal, owner: Actor, *, here: Here, now: Instant) -> None:
    """To who follows its owner, by its owner; to who follows the association, by a word of the association. What is
    for partners goes to them, and nobody passes it on."""
    if proposal.circle_id != PUBLIC:
        said = create(activities.note(proposal, owner, here))
        also = await elsewhere(tx, proposal.circle_id)
        await send(tx, said, by=owner, here=here, now=now, circle_id=proposal.circle_id, also=also)
        return
    readers = await store.listing_readers(tx)
    listed = flohmarkt.stands_there(proposal)
    await send(
        tx,
        create(activities.note(proposal, owner, here)),
        by=owner,
        here=here,
        now=now,
        also=readers if listed else (),
        but_not=() if listed else readers,
    )
    association = await actors.association(tx)
    if owner.id != association.id:
        said = activities.announce(proposal, owner, by=association)
        await send(tx, said, by=association, here=here, now=now, but_not=readers)


async def changed(tx: Tx, proposal: Proposal, *, here: Here, now: Instant) -> None:
    """What a reader sees is another thing than before, or it is closed."""
    owner = await owner_of(tx, proposal)
    readers = await store.listing_readers(tx)
    said = activities.note(proposal, owner, here)
    told = await _also_told(tx, proposal)
    update, circle_id = activities.update(said), proposal.circle_id
    await send(tx, update, by=owner, here=here, now=now, circle_id=circle_id, also=told, but_not=readers)
    await store.mark_sent(tx, proposal.id, sent_at=proposal.updated_at)
    await over(tx, proposal, here=here, now=now)
    if readers and flohmarkt.stands_there(proposal):
        again = activities.for_listing_readers(create(said))
        await send(tx, again, by=owner, here=here, now=now, circle_id=NOBODY, also=readers)


async def over(tx: Tx, proposal: Proposal, *, here: Here, now: Instant) -> None:
    """To those alone who know neither an end nor a state: what they were shown is no longer there."""
    readers = await store.listing_readers(tx)
    if not readers or proposal.circle_id != PUBLIC:
        return
    owner = await owner_of(tx, proposal)
    gone = activities.for_listing_readers(activities.delete(proposal, owner))
    await send(tx, gone, by=owner, here=here, now=now, circle_id=NOBODY, also=readers)


async def deleted(tx: Tx, proposal: Proposal, *, here: Here, now: Instant) -> None:
    """It is gone for good. To be called while it is still known who answered it."""
    owner = await owner_of(tx, proposal)
    readers = await store.listing_readers(tx) if proposal.circle_id == PUBLIC else []
    told, gone = [*await _also_told(tx, proposal), *readers], activities.delete(proposal, owner)
    await send(tx, gone, by=owner, here=here, now=now, circle_id=proposal.circle_id, also=told)


async def owner_of(read: Read, proposal: Proposal) -> Actor:
    return (await actors.by_ids(read, [proposal.owner_id]))[proposal.owner_id]


async def _also_told(tx: Tx, proposal: Proposal) -> list[str]:
    """Who knows of it without following its owner: the association announced it, others answered or boosted it; or it
    was for partners alone."""
    if proposal.circle_id != PUBLIC:
        return await elsewhere(tx, proposal.circle_id)
    association = await actors.association(tx)
    followers = [association.followers] if association.id != proposal.owner_id and association.followers else []
    return [*followers, *await posts.answered_from_elsewhere(tx, proposal.id, object_uri=proposal.uri)]
