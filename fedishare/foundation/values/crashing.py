"""Points at which a process can be told to die without a word, so that tests see what is left of it (SECURITY 3.4, R3).

`FEDISHARE_CRASH_AT=inbox.keep_all.after:2` ends it when it comes there for the second time. Every operation has three
such points: before it, when all is done but the commit, and after that, when nobody has heard of it yet
(`foundation/db/mortal.py`). Unless a process is told so at its start, none of this stands in anybody's way.
"""

import os

KILLED = 137
"""The exit code of who was killed by SIGKILL, as shells tell it."""

POINTS = (
    "inbox.keep_all.before",
    "inbox.keep_all.commit",
    "inbox.keep_all.after",
    "inbox.lease_fresh.commit",
    "inbox.lease_fresh.after",
    "inbox.lease_again.after",
    "inbox.apply_group.commit",
    "inbox.apply_group.after",
    "web.once.before",
    "web.once.commit",
    "web.once.after",
    "outbox.lease.commit",
    "outbox.lease.after",
    "outbox.record.before",
    "outbox.record.commit",
    "outbox.record.after",
    "jobs.lease.after",
    "jobs.done.before",
    "jobs.done.after",
    "inbox.free_leases.after",
    "serving.opened",
    "serving.stopping",
    "serving.stopped",
    "migrating.locked",
    "migrating.copied",
    "migrating.step.before",
    "migrating.statement",
    "migrating.step.after",
)
"""Where tests let it die; each is reached by them. `outbox.record.before` is after our peer's 202."""

_left: dict[str, int] = {}


def arm(point: str, times: int) -> None:
    """Die when `point` is reached for the `times`-th time."""
    _left[point] = times


def armed() -> bool:
    return bool(_left)


def reached(point: str) -> None:
    """Here we are."""
    if point in _left:
        _left[point] -= 1
        if not _left[point]:
            os._exit(KILLED)
