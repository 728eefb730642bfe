"""What a handler of incoming activities is given, and what it answers."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, ClassVar, Self

from msgspec import Struct

from fedishare.federation.actors.model import Actor
from fedishare.federation.vocabulary.activity import Activity
from fedishare.foundation.db.access import Tx
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.here import Here


class Outcome(Struct, frozen=True):
    """What became of an activity, and why where it had no effect: final, and kept with its row."""

    state: str
    why: str = ""
    kept: bool = False
    """Whether what was sent stays with its row, for somebody to look at."""

    APPLIED: ClassVar["Outcome"]
    DROPPED: ClassVar["Outcome"]

    @classmethod
    def dropped(cls, why: str) -> Self:
        """Understood, and without effect: the administrator reads `why` in `fedishare inbox list`."""
        return cls("dropped", why, kept=True)

    @classmethod
    def forgotten(cls, why: str) -> Self:
        """As `dropped`, of what comes in floods: what was sent is not kept."""
        return cls("dropped", why)

    @property
    def applied(self) -> bool:
        return self.state == "applied"


Outcome.APPLIED = Outcome("applied")
Outcome.DROPPED = Outcome("dropped", kept=True)


class Received(Struct, frozen=True, kw_only=True):
    """An activity that somebody with the right to say it has said.

    `actor` is stored, is who `activity.actor` names, and either signed the request or was vouched for by a fetch from
    its own origin. `object` is the embedded object, or the one fetched from its origin where the activity names it by
    id and the handler's key asks for a type; None when it is only an id (then `activity.object_id` has it).
    `signed_at` is when the sender says it was signed.
    """

    activity: Activity
    actor: Actor
    object: dict[str, Any] | None
    signed_at: Instant
    received_at: Instant


Handler = Callable[[Tx, Received, Here], Awaitable[Outcome]]
"""Runs inside the transaction that also writes the dedup row. Keyed by (activity type, object type): the object's type
when it is embedded; then (type, "*"), which also takes an object given by id alone."""


def joined(tables: Iterable[Mapping[tuple[str, str], Handler]]) -> dict[tuple[str, str], Handler]:
    """One table of several. Where rooms share a key, the first that does not drop the activity has it: an Undo or a
    Delete that only names its object by id may be about anything."""
    found: dict[tuple[str, str], list[Handler]] = {}
    for table in tables:
        for key, handler in table.items():
            found.setdefault(key, []).append(handler)
    return {key: handlers[0] if len(handlers) == 1 else _in_turn(handlers) for key, handlers in found.items()}


def _in_turn(handlers: list[Handler]) -> Handler:
    async def ask_each(tx: Tx, received: Received, here: Here) -> Outcome:
        dropped = []
        for handler in handlers:
            outcome = await handler(tx, received, here)
            if outcome.applied:
                return outcome
            dropped.append(outcome)
        return next((outcome for outcome in dropped if outcome.why), Outcome.DROPPED)

    return ask_each
