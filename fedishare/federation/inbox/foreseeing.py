"""What a whole group of activities will ask of the database, asked at once before they are applied one after the other.

Only a matter of speed: what is not foreseen is asked for when it is needed (`foundation/db/recalling.py`). Features say
for themselves what their handlers look for.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import islice

from msgspec import Struct

from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.inbox import store
from fedishare.federation.inbox.vouching import Vouched
from fedishare.federation.outbox import hosts
from fedishare.federation.policy import domains
from fedishare.federation.vocabulary.reading import PUBLIC, first_id, id_of, ids, many
from fedishare.foundation.db.recalling import Recalling

WORTH_IT = 4
"""Activities: fewer ask less one by one."""
MOST = 4_000
"""Ids: somebody may name thousands in each, to no effect."""


class Ahead(Struct, frozen=True, kw_only=True):
    """What a group is about."""

    about: tuple[str, ...]
    """Ids of things that are written, answered or liked."""
    said: tuple[tuple[str, Actor], ...]
    """Of each activity: the id of what it shows or names, and who says it."""
    speakers: tuple[Actor, ...]
    """Who says something, each once."""
    ours: tuple[Actor, ...]
    """Who is meant by it and lives here."""


Foresee = Callable[[Recalling, Ahead], Awaitable[None]]


async def foresee(tx: Recalling, group: Sequence[Vouched], features: Sequence[Foresee]) -> None:
    """Ask for all that is likely to be asked for."""
    if len(group) < WORTH_IT:
        return
    named = tuple(islice(dict.fromkeys(uri for vouched in group for uri in _named(vouched)), MOST))
    known = {actor.uri: actor for actor in await actors.foresee(tx, named)}
    speakers = {vouched.activity.actor: actor for vouched in group if (actor := known.get(vouched.activity.actor))}
    everybody = speakers.values()
    await store.foresee(tx, (store.said_in(vouched.row) for vouched in group))
    await domains.foresee(tx, ((actor.uri, actor.domain) for actor in everybody))
    await hosts.foresee(tx, everybody)
    said = tuple(
        (uri, actor)
        for vouched in group
        if (actor := known.get(vouched.activity.actor)) and (uri := vouched.activity.object_id)
    )
    about = tuple(islice(dict.fromkeys(uri for vouched in group for uri in _about(vouched)), MOST))
    ours = tuple(actor for actor in known.values() if actor.local)
    ahead = Ahead(about=about, said=said, speakers=tuple(speakers.values()), ours=ours)
    for feature in features:
        await feature(tx, ahead)


def _named(vouched: Vouched) -> Iterator[str]:
    """Whoever says it, wrote it, or is meant by it; and the thing itself, which may be somebody."""
    yield vouched.activity.actor
    shown = vouched.object or {}
    if uri := vouched.activity.object_id:
        yield uri
    for name in ("attributedTo", "to", "cc"):
        yield from (uri for uri in ids(shown.get(name)) if uri != PUBLIC)
    for tag in many(shown.get("tag")):
        if isinstance(tag, dict) and (uri := id_of(tag.get("href"))):
            yield uri


def _about(vouched: Vouched) -> Iterator[str]:
    if uri := vouched.activity.object_id:
        yield uri
    if answered := first_id((vouched.object or {}).get("inReplyTo")):
        yield answered
