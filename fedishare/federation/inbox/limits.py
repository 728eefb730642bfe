"""How much one address and one server may send to the inboxes (SECURITY 6.8; A038, recipe R20).

Asked twice for each request: before its signature, by address, and after it, by the server that signed. A server first
heard of within the hour is on trial. Whoever fails with their signatures again and again is not listened to for a
while: each of them may cost a fetch. All of it belongs to one process and is forgotten with it.
"""

from fedishare.federation.actors.model import Actor
from fedishare.federation.fetching.memory import Memory
from fedishare.federation.inbox.request import Scope, Turned
from fedishare.federation.vocabulary.origins import origin
from fedishare.foundation.values.clock import HOUR, Clock
from fedishare.foundation.values.ids import made_at
from fedishare.foundation.web.limits import MOST_KNOWN, Allowance, Buckets, refusal_headers
from fedishare.foundation.web.proxies import Counted, Network

KNOCKS = Allowance(burst=4_000, per_second=100.0)
FAILURES = Allowance(burst=60, per_second=1.0)
SILENCED_S = 600.0
SETTLED = Allowance(burst=2_000, per_second=50.0)
ON_TRIAL = Allowance(burst=300, per_second=5.0)
TRIAL = HOUR


class InboxLimits:
    """One for a process. Where nobody can tell who asks, addresses are not counted (`proxies.Counted`)."""

    def __init__(self, clock: Clock, trusted_proxies: tuple[Network, ...]) -> None:
        self._clock = clock
        self._addresses = Counted(trusted_proxies)
        self._knocks = Buckets(clock, KNOCKS)
        self._failures = Buckets(clock, FAILURES)
        self._silenced: Memory[float] = Memory(clock, size=MOST_KNOWN)
        self._settled: Memory[bool] = Memory(clock, size=MOST_KNOWN)
        self._origins = Buckets(clock, SETTLED)
        self._newcomers = Buckets(clock, ON_TRIAL)

    def before_signature(self, scope: Scope) -> None:
        """Raises Turned(429)."""
        address = self._addresses.whom(scope)
        if not address:
            return
        until = self._silenced.get(address)
        if until is not None:
            raise too_many(FAILURES, until - self._clock.monotonic(), self._clock)
        wait = self._knocks.take(address)
        if wait:
            raise too_many(KNOCKS, wait, self._clock)

    def signature_failed(self, scope: Scope) -> None:
        address = self._addresses.whom(scope)
        if address and self._failures.take(address):
            self._silenced.put(address, self._clock.monotonic() + SILENCED_S, seconds=SILENCED_S)

    def after_signature(self, signer: Actor) -> None:
        """Raises Turned(429)."""
        server = origin(signer.uri)
        buckets = self._origins if self._is_settled(server, signer) else self._newcomers
        wait = buckets.take(server)
        if wait:
            raise too_many(buckets.allowance, wait, self._clock)

    def _is_settled(self, server: str, signer: Actor) -> bool:
        """Whether somebody of theirs was known an hour ago. Ids hold the moment of their making."""
        if self._settled.get(server):
            return True
        if made_at(signer.id) > self._clock.now() - TRIAL:
            return False
        self._settled.put(server, True, seconds=float("inf"))
        return True


def too_many(allowance: Allowance, wait: float, clock: Clock) -> Turned:
    """429, and when to come back."""
    told = refusal_headers(allowance, wait, clock)
    headers = tuple((name.lower().encode(), value.encode()) for name, value in told.items())
    return Turned(429, "Too many requests. Try again later.", headers=headers)
