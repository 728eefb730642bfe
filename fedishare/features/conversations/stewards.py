"""In whose name a person may act: their own actor's, and the association's for its administrators."""

from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.foundation.db.access import Read
from fedishare.foundation.web.sessions import SignedIn


async def acts_as(read: Read, viewer: SignedIn) -> list[Actor]:
    """Their own actor first."""
    own = (await actors.by_ids(read, [viewer.actor_id]))[viewer.actor_id]
    return [own, await actors.association(read)] if viewer.is_admin else [own]


async def acts_for(read: Read, viewer: SignedIn | None) -> list[int]:
    """The same as numbers; nobody's for somebody who has not signed in."""
    return [] if viewer is None else [actor.id for actor in await acts_as(read, viewer)]
