"""In which scheme a server is spoken to: draft-cavage first, RFC 9421 when it refuses that; what worked is remembered.

Sources: INTEROP B.3 (2, 4), WIRE "Signatures", SECURITY 3.3 "Schedule". For what is fetched and for what is delivered.
The database has it for good (`host.scheme`), this process for some minutes.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Literal

import structlog

from fedishare.federation.fetching.memory import Memory
from fedishare.federation.signatures import cavage, rfc9421
from fedishare.federation.signatures.keys import PrivateKey
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.db.database import Database
from fedishare.foundation.db.queries import load
from fedishare.foundation.net.client import Answer
from fedishare.foundation.values.clock import Clock, Instant
from fedishare.foundation.values.errors import Busy

log = structlog.get_logger()
sql = load(__file__)

Scheme = Literal["cavage", "rfc9421"]
Ask = Callable[[Scheme], Awaitable[Answer]]
"""One request, signed in this scheme."""

USUAL: Scheme = "cavage"
REFUSED = frozenset({400, 401, 403})
REMEMBERED_S = 600.0
_OTHER: Mapping[Scheme, Scheme] = {"cavage": "rfc9421", "rfc9421": "cavage"}


def sign(scheme: Scheme, method: str, url: str, *, body: bytes | None, key: PrivateKey, now: Instant) -> dict[str, str]:
    """The headers that make a request ours. Raises Untrusted for a URL that we would not call."""
    how = rfc9421.sign if scheme == "rfc9421" else cavage.sign
    return how(method, url, body=body, key=key, now=now)


class Schemes:
    """What a process knows about the schemes of others."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._known: Memory[Scheme] = Memory(clock, size=4_096)

    async def knock(self, host: str, ask: Ask) -> Answer:
        """Ask in the scheme that `host` understands, and once more in the other when it refuses that one."""
        scheme = await self._of(host)
        answer = await ask(scheme)
        if answer.status not in REFUSED:
            return answer
        other = _OTHER[scheme]
        again = await ask(other)
        if again.status < 300:
            await self._remember(host, other)
            return again
        if scheme != USUAL:
            await self._remember(host, USUAL)
        # Who cannot read the second may say that it is malformed; a 401 is still one that may pass.
        return answer if answer.status == 401 else again

    async def _of(self, host: str) -> Scheme:
        known = self._known.get(host)
        if known is not None:
            return known
        stored = await self._db.read(_scheme_of, host)
        self._known.put(host, stored, seconds=REMEMBERED_S)
        return stored

    async def _remember(self, host: str, scheme: Scheme) -> None:
        log.info("scheme_learned", host=host, scheme=scheme)
        self._known.put(host, scheme, seconds=REMEMBERED_S)
        with suppress(Busy):  # what was asked has been answered; the next process asks twice again
            await self._db.work(_keep_scheme, host, scheme)


async def _scheme_of(read: Read, host: str) -> Scheme:
    return "rfc9421" if await read.value(sql.scheme_of, host=host) == "rfc9421" else USUAL


async def _keep_scheme(tx: Tx, host: str, scheme: Scheme) -> None:
    await tx.run(sql.keep_scheme, host=host, scheme=scheme)
