"""A form that comes twice has the effect of one: a second tap on a slow phone, a reload, a replayed request.

Every rendered form carries a token of its own (`csrf.py`), so the same token with the same fields is the same sending;
whoever goes back and changes a word sends something new.
"""

from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any, Protocol

import msgspec
from starlette.requests import Request

from fedishare.foundation.db.access import Tx
from fedishare.foundation.db.queries import load
from fedishare.foundation.values.clock import DAY, Instant, later
from fedishare.foundation.web.sessions import signed_in

sql = load(__file__)


class Made(Protocol):
    """What an operation gives back when it makes something."""

    @property
    def id(self) -> int: ...


def form_of(request: Request) -> bytes:
    """What tells this sending from every other: who, where, and all that was sent. Raises NotSignedIn."""
    sent = [signed_in(request).person_id, request.url.path, sorted(request.state.fields.items())]
    return sha256(msgspec.json.encode(sent)).digest()


async def once(
    tx: Tx, form: bytes, operation: Callable[..., Awaitable[Made]], /, *args: Any, now: Instant, **kwargs: Any
) -> int:
    """The id of what `operation` makes, or made when this form came before. Raises what the operation raises."""
    if not await tx.run(sql.keep_sent, form=form, now=now):  # of two at once the second waits here for the first
        return int(await tx.value(sql.made_by, form=form))
    result = await operation(tx, *args, now=now, **kwargs)
    await tx.run(sql.forget_sent, before=later(now, -DAY))
    await tx.run(sql.keep_made, form=form, result_id=result.id)
    return result.id
