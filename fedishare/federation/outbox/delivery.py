"""One attempt at one inbox: what was said, signed now, posted, and what came of it.

Sources: INTEROP B.1 (sign the bytes that go out, a fresh date each time), B.3 (4), SECURITY 3.3. What is sent is
serialised once, when it was said; bodies and keys in use are kept, since loading a key costs as much as a hundred
signatures.
"""

import traceback
from collections.abc import Iterable

from msgspec.structs import replace

from fedishare.federation.actors import store as actors
from fedishare.federation.fetching.schemes import Scheme, Schemes, sign
from fedishare.federation.outbox.clocks import PeerClocks
from fedishare.federation.outbox.letters import Letter, Unwritable, letters
from fedishare.federation.outbox.schedule import Tried, retry_after
from fedishare.federation.outbox.store import Due
from fedishare.federation.outbox.synchronization import Synchronization
from fedishare.federation.policy.domains import Guard, Verdict
from fedishare.foundation.db.database import Database
from fedishare.foundation.net.client import Answer, Net
from fedishare.foundation.values.clock import Clock
from fedishare.foundation.values.errors import RemoteTrouble
from fedishare.foundation.values.here import Here
from fedishare.foundation.values.secrets import Secret

CONTENT_TYPE = "application/activity+json"
DEADLINE_S = 10
KEPT_BODIES = 1_024
ANSWER_LENGTH = 200
TROUBLE_LENGTH = 2_000


class Post:
    """Writes to inboxes. One for a process."""

    def __init__(
        self, *, db: Database, net: Net, secret: Secret, here: Here, clock: Clock, kept: int = KEPT_BODIES
    ) -> None:
        self._db = db
        self._net = net
        self._secret = secret
        self._clock = clock
        # What was said while they could still be told is sent: the last word to a former partner, too.
        self._guard = Guard(db, replace(here, partners_only=False))
        self._kept = kept
        self._schemes = Schemes(db, clock)
        self._clocks = PeerClocks(clock)
        self._synchronization = Synchronization(db, clock)
        self._letters: dict[int, Letter | Unwritable] = {}
        db.on_wake(actors.KEYS, self._forget)

    async def prepare(self, activity_ids: Iterable[int]) -> None:
        """Have these at hand; in one look at the database for those that are not."""
        missing = [number for number in dict.fromkeys(activity_ids) if number not in self._letters]
        if missing:
            found = await self._db.read(letters, missing, secret=self._secret)
            self._letters = dict([*self._letters.items(), *found.items()][-self._kept :])

    def _forget(self) -> None:
        """Somebody here has new keys: what was to be signed with the old ones is looked at again."""
        self._letters = {}

    async def deliver(self, due: Due) -> Tried:
        """Never raises because of the other server: that is what the answer tells."""
        if await self._guard.verdict(due.inbox) is Verdict.BLOCK:
            return self._tried(due, status=None, text="blocked here", unwanted=True)
        # Many servers with much to hear push each other's letters out before they are sent.
        await self.prepare([due.activity_id])
        letter = self._letters[due.activity_id]
        if isinstance(letter, Unwritable):
            return self._tried(due, status=None, text=letter.why, unwanted=True)
        until = self._clock.monotonic() + DEADLINE_S

        async def ask(scheme: Scheme) -> Answer:
            return await self._post(due.inbox, letter, scheme, within_s=until - self._clock.monotonic())

        try:
            answer = await self._schemes.knock(due.host, ask)
        except RemoteTrouble as trouble:
            return self._tried(due, status=None, text=str(trouble))
        self._clocks.answered(due.host, answer.headers.get("date", ""))
        text = "" if answer.status < 300 else answer.body[:ANSWER_LENGTH].decode(errors="replace")
        wait = retry_after(answer.headers, self._clock.now()) if answer.status in (429, 503) else None
        return self._tried(due, status=answer.status, text=text, retry_after_s=wait)

    async def _post(self, inbox: str, letter: Letter, scheme: Scheme, *, within_s: float) -> Answer:
        headers = {"Content-Type": CONTENT_TYPE, **await self._synchronization.headers(letter.followed, inbox)}

        def signed(url: str) -> dict[str, str]:
            return sign(scheme, "POST", url, body=letter.body, key=letter.key, now=self._clock.now())

        return await self._net.post(inbox, letter.body, headers, sign=signed, deadline_s=within_s)

    def broken(self, due: Due, trouble: Exception) -> Tried:
        """It broke us, by a mistake of ours: where, for whoever repairs it."""
        where = "".join(traceback.format_exception(trouble))[-TROUBLE_LENGTH:]
        return self._tried(due, status=None, text=where, broken=True)

    def _tried(
        self,
        due: Due,
        *,
        status: int | None,
        text: str,
        retry_after_s: int | None = None,
        unwanted: bool = False,
        broken: bool = False,
    ) -> Tried:
        return Tried(
            delivery_id=due.id,
            host=due.host,
            inbox=due.inbox,
            attempts=due.attempts,
            created_at=due.created_at,
            at=self._clock.now(),
            status=status,
            text=text.replace("\0", ""),
            retry_after_s=retry_after_s,
            unwanted=unwanted,
            broken=broken,
            strikes=due.strikes + 1 if broken else 0,
        )
