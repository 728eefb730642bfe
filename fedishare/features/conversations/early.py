"""Edits that came before their post: kept for a week, and never shown without it (A078, A080)."""

from collections.abc import Sequence

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from fedishare.federation.actors.model import Actor
from fedishare.federation.vocabulary.note import Note, read_note
from fedishare.foundation.db.access import Tx
from fedishare.foundation.db.queries import load
from fedishare.foundation.db.recalling import Recalling
from fedishare.foundation.values.clock import DAY, Instant, later

sql = load(__file__, "early.sql")

KEPT_FOR = 7 * DAY
"""As long as anybody tries again to deliver."""


class Early(Struct, frozen=True, kw_only=True):
    json: str
    updated_at: Instant


async def keep(tx: Tx, note: Note, *, owner_id: int, now: Instant) -> None:
    """The latest of several counts. What waited for a week waits no longer."""
    await tx.run(sql.forget_early_edits, before=later(now, -KEPT_FOR))
    await tx.run(
        sql.keep_early_edit,
        uri=note.uri,
        owner_id=owner_id,
        json=msgspec.json.encode(note.raw).decode(),
        updated_at=min(note.updated or now, now),
        now=now,
    )


async def newest(tx: Tx, note: Note, author: Actor) -> Note:
    """`note`, or the later form of it that came before; the edit waits no longer. Dated by when it was published."""
    found = await forget(tx, note.uri, owner_id=author.id)
    if found is None or found.updated_at <= (note.updated or note.published or Instant(0)):
        return note
    edited = read_note(msgspec.json.decode(found.json), by=author.uri)
    return replace(edited, published=note.published or edited.published)


async def forget(tx: Tx, uri: str, *, owner_id: int) -> Early | None:
    """It waits no longer: its post has come, or was deleted."""
    found = await tx.one(Early, sql.early_edit, uri=uri, owner_id=owner_id)
    if found is not None:
        await tx.run(sql.drop_early_edit, uri=uri, owner_id=owner_id)
    return found


async def foresee(tx: Recalling, said: Sequence[tuple[str, Actor]]) -> None:
    """For most posts nothing waits: `newest` asks for none of these again."""
    uris = msgspec.json.encode([uri for uri, _ in said]).decode()
    waiting = {row[0] for row in await tx.all(tuple, sql.early_edits, uris=uris)}
    none = (({"uri": uri, "owner_id": author.id}, None) for uri, author in said if uri not in waiting)
    tx.learn("one", Early, sql.early_edit, none)
