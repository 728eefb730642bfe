"""What the handlers of a group of activities ask about posts and their authors, asked for all of them at once."""

from fedishare.features.conversations import early, objects, store
from fedishare.federation.following import store as following
from fedishare.federation.inbox.foreseeing import Ahead
from fedishare.foundation.db.recalling import Recalling


async def foresee(tx: Recalling, ahead: Ahead) -> None:
    known = await objects.foresee(tx, ahead.about)
    ours = {actor.id for actor in ahead.ours} | {found.owner_id for found in known}
    await following.foresee(tx, ours, [actor.id for actor in ahead.speakers])
    await early.foresee(tx, ahead.said)
    await store.foresee_heard(tx, ahead.speakers)
