"""What people do about reports: write one, pass it on, close it. Each is one transaction."""

import msgspec

from fedishare.features.conversations.model import Notice, StoredObject
from fedishare.features.conversations.notices import notify_once
from fedishare.features.moderation import activities, store
from fedishare.features.moderation.model import MOST_OF_A_PERSON, WINDOW, Report
from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.outbox.send import send
from fedishare.federation.policy.circles import NOBODY
from fedishare.foundation.db.access import Tx
from fedishare.foundation.values.clock import Instant, later
from fedishare.foundation.values.errors import N_, NotFound, TooMany
from fedishare.foundation.values.here import Here


class TooManyReports(TooMany):
    slug = "too-many-reports"
    title = N_("You have reported a lot in the last hour.")
    advice = N_("Wait a while, or write to the association.")


class NoReport(NotFound):
    slug = "no-report"
    title = N_("There is no open report of that number.")
    advice = N_("`fedishare report list` shows those that are open.")


async def report(
    tx: Tx, about: StoredObject, content: str, *, by: Actor, tell_home: bool, here: Here, now: Instant
) -> Report:
    """`by`, who lives here, finds something wrong about a published thing. Its author's server is told when that is
    wanted: by the instance, with these words and without a name. Raises TooManyReports."""
    if await store.count_of_reporter(tx, by.id, since=later(now, -WINDOW)) >= MOST_OF_A_PERSON:
        raise TooManyReports(by.uri)
    target = (await actors.by_ids(tx, [about.owner_id]))[about.owner_id]
    made = Report(
        id=here.ids.new(now),
        target_id=target.id,
        reporter_id=by.id,
        host="",
        objects=msgspec.json.encode([about.uri]).decode(),
        content=content,
        created_at=now,
    )
    await keep(tx, made, here=here)
    if tell_home and not target.local:
        instance = await actors.instance_actor(tx)
        said = activities.flag(by=instance.uri, target=target.uri, objects=[about.uri], content=content)
        await send(tx, said, by=instance, here=here, now=now, circle_id=NOBODY)
    return made


async def keep(tx: Tx, made: Report, *, here: Here) -> None:
    """The administrators are told once, until they have looked: a flood of reports is one notice (A100)."""
    await store.insert(tx, made)
    association = await actors.association(tx)
    await notify_once(tx, association.id, Notice.REPORT, of=made.reporter_id, here=here, now=made.created_at)


async def close(tx: Tx, report_id: int, *, now: Instant) -> None:
    """Raises NoReport."""
    if not await store.close(tx, report_id, now=now):
        raise NoReport(f"no open report {report_id}")
