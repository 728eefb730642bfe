"""Who somebody is, as their page and the head of every page show it."""

from msgspec import Struct

from fedishare.features.people import store
from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.foundation.db.access import Read
from fedishare.foundation.db.database import Database
from fedishare.foundation.values.errors import Gone, NotFound
from fedishare.foundation.web.pages import Site


class ProfileHeader(Struct, frozen=True, kw_only=True):
    """The top of `/@name`: `{% from "people/_profile.html" import profile %}`. `summary` is sanitised HTML."""

    actor_id: int
    name: str
    handle: str
    display_name: str
    summary: str
    uri: str
    kind: str
    is_association: bool
    indexable: bool


async def header_of(read: Read, name: str) -> ProfileHeader:
    """The header of somebody who lives here. Raises NotFound, Gone."""
    actor = await actors.local_by_name(read, name.lower())
    if actor is None or actor.kind == "Application":
        raise NotFound
    if actor.deleted_at is not None:
        raise Gone
    return _header(actor, is_association=await store.setting(read, "association") == actor.name)


async def site_of(db: Database) -> Site:
    """Whose site this is, for the kernel; an empty one before it is set up."""
    return await db.read(_site)


async def _site(read: Read) -> Site:
    if not await store.setting(read, "association"):
        return Site()
    actor = await actors.association(read)
    place = await store.setting(read, "place")
    return Site(name=actor.display_name, place=place, handle=actor.handle, uri=actor.uri)


def _header(actor: Actor, *, is_association: bool) -> ProfileHeader:
    return ProfileHeader(
        actor_id=actor.id,
        name=actor.name,
        handle=actor.handle,
        display_name=actor.display_name,
        summary=actor.summary,
        uri=actor.uri,
        kind=actor.kind,
        is_association=is_association,
        indexable=actor.indexable,
    )
