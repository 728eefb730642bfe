"""Whose word an activity is: before it is applied, everything in it comes from its signer or from its own origin.

Sources: SECURITY 0.1 to 0.3, INTEROP B.4, B.5.7, B.8. Works outside of any transaction, since it may have to ask other
servers; most activities need nobody (`at_once`). Activities are never fetched where objects will do: most servers'
activity ids cannot be (INTEROP B.10).
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from fedishare.federation.actors import store as actors
from fedishare.federation.fetching.fetcher import Fetcher
from fedishare.federation.inbox import store
from fedishare.federation.inbox.handling import Handler
from fedishare.federation.inbox.proving import from_its_author
from fedishare.federation.inbox.store import Leased
from fedishare.federation.vocabulary.activity import Activity, activity_of, read_activity
from fedishare.federation.vocabulary.actor import KINDS
from fedishare.federation.vocabulary.origins import same_origin
from fedishare.federation.vocabulary.reading import first_id, id_of, ids, kind
from fedishare.foundation.db.database import Database
from fedishare.foundation.values.errors import RemotelyGone, Unreachable, Untrusted
from fedishare.foundation.values.here import Here

Handlers = Mapping[tuple[str, str], Handler]

_CARRY_OBJECTS = frozenset({"Create", "Update", "Announce"})
"""What is inside of these is content and must be its owner's; inside the others it only says what is meant."""
_AUTHORED = frozenset({"Create", "Update"})
_FOR_GOOD = range(400, 500)
_FOR_NOW = frozenset({408, 425, 429})


class NobodysWord(Exception):
    """Nobody with the right to say it has said this: it is dropped, with the reason."""


class Vouched(Struct, frozen=True, kw_only=True):
    """Ready for its handler: whoever `activity.actor` names has said it, and `object` is its owner's own."""

    row: Leased
    activity: Activity
    object: dict[str, Any] | None
    object_type: str


class Voucher(Struct, frozen=True, kw_only=True):
    """Asks whom it must."""

    db: Database
    fetcher: Fetcher
    here: Here

    def at_once(self, row: Leased) -> Vouched | None:
        """Without asking anybody: None when somebody has to be asked. Raises Malformed, NobodysWord."""
        activity = read_activity(row.body)
        if self.here.owns(activity.actor):
            raise NobodysWord("it claims to be said by somebody who lives here")
        if row.signer_uri != activity.actor or _hands_on(activity) or _changes_another(activity):
            return None
        if self._names_what_it_says(activity):
            return None
        return _own_word(row, activity)

    async def ask(self, row: Leased) -> Vouched:
        """Raises NobodysWord or Malformed for good; Unreachable when it may be better later."""
        activity = read_activity(row.body)
        if row.signer_uri == activity.actor:
            vouched = await self._said(row, activity)
        elif proved := await from_its_author(row, activity, self.fetcher):
            vouched = await self._proved(proved, activity)
        else:
            vouched = await self._passed_on(row, activity)
        await self._know(vouched.activity.actor)
        return vouched

    async def _proved(self, row: Leased, activity: Activity) -> Vouched:
        """What somebody else brings is not new because its bytes are, or because it came last."""
        if not activity.id:
            raise NobodysWord("without an id, nobody can tell whether it came before")
        if await self.db.read(store.said_under, origin=row.origin, uri=activity.id):
            raise NobodysWord("it came before, from whoever says it")
        if activity.type == "Update" and activity.object_type in KINDS:
            await self._look_again(activity.actor)
            raise NobodysWord("a profile is its owner's: their own server was asked instead")
        return self.at_once(row) or await self._said(row, activity)

    async def _said(self, row: Leased, activity: Activity) -> Vouched:
        """By its actor; what is in it is not all of their own."""
        if _hands_on(activity):
            return await self._handed_on(row, activity)
        if _changes_another(activity):
            await self._look_again(activity.object_id or "")
            raise NobodysWord("a profile is its owner's: their own server was asked instead")
        return await self._named(row, activity)

    def _names_what_it_says(self, activity: Activity) -> bool:
        if activity.type not in _CARRY_OBJECTS or activity.object_id is None or self.here.owns(activity.object_id):
            return False
        if activity.object is None or not same_origin(activity.object_id, activity.actor):
            return True
        return activity.type == "Announce" and activity.actor not in ids(activity.object.get("attributedTo"))

    async def _named(self, row: Leased, activity: Activity) -> Vouched:
        """The object is given by its id, or lives elsewhere: whatever was embedded does not count."""
        if activity.object_id is None:
            return _own_word(row, activity)
        if activity.type == "Announce" and await self.db.read(store.object_known, activity.object_id):
            return Vouched(row=row, activity=activity, object=None, object_type="")
        found = await self._fetched(activity.object_id)
        author = first_id(found.get("attributedTo"))
        if activity.type == "Announce" and author is not None:
            await self._know(author)
        return _authored(row, activity, found)

    async def _passed_on(self, row: Leased, activity: Activity) -> Vouched:
        """Signed by somebody else: only what the origin itself says now."""
        if activity.type in _AUTHORED and activity.object_id is not None:
            return _authored(row, activity, await self._fetched(activity.object_id))
        if activity.type == "Delete" and activity.object_id is not None:
            await self._check_gone(activity.object_id, actor=activity.actor)
            return Vouched(row=row, activity=activity, object=activity.object, object_type=activity.object_type)
        if activity.type == "Announce" and activity.id:
            again = activity_of(await self._fetched(activity.id))
            if (again.actor, again.type) == (activity.actor, activity.type):
                return await self._named(row, again)
        raise NobodysWord("somebody else passed it on, and its origin cannot be asked")

    async def _handed_on(self, row: Leased, activity: Activity) -> Vouched:
        inner = activity_of(activity.object or {})
        if self.here.owns(inner.actor):
            raise NobodysWord("it hands on what somebody here is said to have done")
        if inner.type == "Announce":
            raise NobodysWord("it hands on what was handed on")
        return await self._passed_on(row, inner)

    async def _check_gone(self, uri: str, *, actor: str) -> None:
        """Raises NobodysWord while it is still there. An actor has to say so (410): a 404 may be a broken proxy."""
        if not same_origin(uri, actor):
            raise NobodysWord("it deletes what lives elsewhere")
        try:
            found = await self.fetcher.document(uri)
        except RemotelyGone:
            return
        except Unreachable as trouble:
            if trouble.status != 404 or uri == actor:
                raise
            # A server says 404 of what is not for us, too: that proves nothing about a private word.
            if await self.db.read(store.object_hidden, uri):
                raise NobodysWord("its origin hides it from us, gone or not") from None
            return
        if kind(found) != "Tombstone":
            raise NobodysWord("what it deletes is still there")

    async def _fetched(self, uri: str) -> dict[str, Any]:
        if self.here.owns(uri):
            raise NobodysWord("it embeds what lives here")
        try:
            return await self.fetcher.document(uri)
        except RemotelyGone:
            raise NobodysWord("its origin says that it is gone") from None
        except Untrusted as reason:
            raise NobodysWord(f"its origin does not vouch for it: {reason}") from None
        except Unreachable as trouble:
            if trouble.status in _FOR_GOOD and trouble.status not in _FOR_NOW:
                raise NobodysWord(f"its origin does not show it: {trouble.status}") from None
            raise

    async def _look_again(self, actor_uri: str) -> None:
        """Somebody known may have changed."""
        known = await self.db.read(actors.by_uri, actor_uri)
        if known is not None and not known.local:
            await self.fetcher.actor(actor_uri, fresh=True)

    async def _know(self, actor_uri: str) -> None:
        """Whoever acts is stored before the transaction begins."""
        if self.here.owns(actor_uri) or await self.db.read(actors.by_uri, actor_uri) is not None:
            return
        try:
            await self.fetcher.actor(actor_uri)
        except (RemotelyGone, Untrusted) as reason:
            raise NobodysWord(f"nobody vouches for its actor: {reason}") from None


def _hands_on(activity: Activity) -> bool:
    """A group tells what was done in it (FEP-1b12): not its own word, whatever it embeds."""
    return activity.type == "Announce" and activity.object is not None and "object" in activity.object


def _changes_another(activity: Activity) -> bool:
    """A moderator's Update of their group (Lemmy, Mobilizon)."""
    return activity.type == "Update" and activity.object_type in KINDS and activity.object_id != activity.actor


def _own_word(row: Leased, activity: Activity) -> Vouched:
    if activity.type in _AUTHORED and activity.object is not None:
        _check_author(activity, activity.object)
    return Vouched(row=row, activity=activity, object=activity.object, object_type=activity.object_type)


def _authored(row: Leased, activity: Activity, found: dict[str, Any]) -> Vouched:
    if activity.type in _AUTHORED:
        _check_author(activity, found)
    seen = replace(activity, object_id=id_of(found) or activity.object_id)
    return Vouched(row=row, activity=seen, object=found, object_type=kind(found))


def _check_author(activity: Activity, found: dict[str, Any]) -> None:
    """Mobilizon's members write in their group's name, on one server: then `actor` says who did (INTEROP B.8.3)."""
    authors = ids(found.get("attributedTo"))
    if not authors or activity.actor in authors:
        return
    if first_id(found.get("actor")) == activity.actor and same_origin(authors[0], activity.actor):
        return
    raise NobodysWord("it is attributed to somebody else")


def handler_for(handlers: Handlers, vouched: Vouched) -> Handler | None:
    """By the type of what is embedded or was fetched, else the one that takes any."""
    kind_of = vouched.activity.type
    return handlers.get((kind_of, vouched.object_type)) or handlers.get((kind_of, "*"))
