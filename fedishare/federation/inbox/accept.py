"""The inbox's door: cheap checks, the signature, one row on disk, 202 (INTEROP B.5, WIRE "Inbox and outbox").

A bare ASGI callable that `app.py` mounts before the router: whatever stands in front of it is paid by each activity.
When 202 is answered the row is on disk. What the activity does is decided by the worker (`apply.py`), never here: an
activity that nobody understands is accepted all the same, since a 5xx would stop its sender's queue.
"""

import hashlib
from collections.abc import Awaitable, Callable

import structlog

from fedishare.federation.actors import store as actors
from fedishare.federation.actors import urls
from fedishare.federation.actors.model import Actor
from fedishare.federation.fetching.fetcher import Fetcher, KeyOf
from fedishare.federation.fetching.keys import FETCHES
from fedishare.federation.fetching.memory import TooManyFetches
from fedishare.federation.fetching.signers import Signed, signer
from fedishare.federation.inbox.disk import Disk
from fedishare.federation.inbox.keeping import Keeper
from fedishare.federation.inbox.limits import InboxLimits, too_many
from fedishare.federation.inbox.request import Knock, Receive, Scope, Send, Turned, read_knock
from fedishare.federation.inbox.store import Arrived
from fedishare.federation.policy.domains import Guard, Verdict
from fedishare.federation.signatures import incoming
from fedishare.federation.signatures.errors import BadSignature, NotSigned
from fedishare.federation.vocabulary.activity import Envelope, read_envelope
from fedishare.federation.vocabulary.origins import host, origin
from fedishare.federation.vocabulary.synchronization import HEADER
from fedishare.foundation.db.database import Database
from fedishare.foundation.values.clock import Clock, Instant
from fedishare.foundation.values.errors import Busy, Malformed, RemotelyGone, Unreachable, Untrusted
from fedishare.foundation.values.here import Here

log = structlog.get_logger()

RETRY_AFTER_S = 60
_ABOUT_ONESELF = frozenset({"Delete", "Update"})
_HOW_TO_SIGN = ((b"accept-signature", incoming.accepted("POST").encode()),)
_SYNCHRONIZATION = HEADER.lower().encode()
Heard = Callable[[Actor, str], Awaitable[None]]


class InboxEndpoint:
    """POST `/inbox` and `/users/{name}/inbox`."""

    def __init__(
        self,
        *,
        db: Database,
        fetcher: Fetcher,
        here: Here,
        clock: Clock,
        disk: Disk,
        limits: InboxLimits | None,
        heard: Heard | None = None,
    ) -> None:
        """`limits` is None on an instance whose limits are off; `heard` is given what a server counts of ours."""
        self._db = db
        self._disk = disk
        self._limits = limits
        self._heard = heard
        self._fetcher = fetcher
        self._here = here
        self._clock = clock
        self._host = host(here.base_url)
        self._keeper = Keeper(db)
        self._guard = Guard(db, here)
        self._names: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._accept(scope, receive)
            answer = Turned(202)
        except Turned as turned:
            answer = turned
            if turned.status == 401 and self._limits is not None:
                self._limits.signature_failed(scope)
        except Busy as busy:
            log.warning("inbox_refused", why=str(busy))
            answer = Turned(503, "Not kept. Try again later.", retry_after_s=RETRY_AFTER_S)
        await _respond(send, answer)

    async def _accept(self, scope: Scope, receive: Receive) -> None:
        if not self._here.open:
            raise Turned(403, "This instance does not speak with others.")
        self._disk.check()
        if self._limits is not None:
            self._limits.before_signature(scope)
        await self._check_inbox(scope["path"])
        knock = await read_knock(scope, receive, host=self._host)
        activity = _envelope(knock.body)
        await self._check_welcome(activity.actor)
        await self._pass_over_strangers(activity)
        now = self._clock.now()
        signed = await self._signer(knock, activity, now)
        await self._check_welcome(signed.key.actor.uri, domain=signed.key.actor.domain)
        if self._limits is not None:
            self._limits.after_signature(signed.key.actor)
        arrived = _arrived(activity, knock, signed, number=self._here.ids.new(now), now=now)
        await self._keeper.keep(arrived)
        await self._hear(knock, signed.key.actor)

    async def _hear(self, knock: Knock, signer: Actor) -> None:
        """What goes with a delivery is no part of it: it is kept by now, whatever becomes of this (FEP-8fcf)."""
        for name, value in knock.headers:
            if name == _SYNCHRONIZATION and self._heard is not None:
                await self._heard(signer, value.decode("latin-1"))

    async def _check_inbox(self, path: str) -> None:
        if path == "/inbox":
            return
        name = path.removeprefix("/users/").removesuffix("/inbox")
        if name not in self._names:
            if not name.isprintable() or await self._db.read(actors.by_uri, urls.actor_uri(self._here, name)) is None:
                raise Turned(404, "Nobody of this name is here.")
            self._names.add(name)

    async def _check_welcome(self, uri: str, *, domain: str = "") -> None:
        """Whoever is blocked here is told so before anything is done about it, least of all a fetch. The `domain` of a
        handle is known of those who are known."""
        found = await (self._guard.verdict_of(uri, domain) if domain else self._guard.verdict(uri))
        if found is Verdict.BLOCK:
            raise Turned(403, "This instance does not speak with you.")

    async def _pass_over_strangers(self, activity: Envelope) -> None:
        """The whole network is told when somebody leaves, and their key is gone by then (INTEROP B.5.4, D.9)."""
        if activity.type not in _ABOUT_ONESELF or activity.object_id != activity.actor:
            return
        if await self._db.read(actors.by_uri, activity.actor) is None:
            raise Turned(202)

    async def _signer(self, knock: Knock, activity: Envelope, now: Instant) -> Signed:
        """Whose key signed, and when. Raises Turned: 401 for what does not hold, 503 while the key cannot be had, 429
        while we have asked others enough."""
        try:
            head = incoming.parse(knock.headers)
            request = knock.request(self._here.base_url)
            signed = await signer(self._fetcher, head, request, now)
            _check_speaker(signed.key, activity)
        except NotSigned as reason:
            raise Turned(401, str(reason), headers=_HOW_TO_SIGN) from None
        except TooManyFetches:
            raise too_many(FETCHES, RETRY_AFTER_S, self._clock) from None
        except Unreachable as trouble:
            raise Turned(503, f"Your key cannot be fetched: {trouble}", retry_after_s=RETRY_AFTER_S) from None
        except RemotelyGone as gone:
            raise Turned(202 if activity.type == "Delete" else 401, str(gone)) from None
        except (Untrusted, Malformed) as reason:
            raise Turned(401, str(reason)) from None
        return signed


def _envelope(body: bytes) -> Envelope:
    try:
        return read_envelope(body)
    except Malformed as reason:
        raise Turned(400, str(reason)) from None


def _check_speaker(key: KeyOf, activity: Envelope) -> None:
    """Somebody else may only pass on what the author has signed as a document: the worker then checks the proof, or
    asks the origin. A Linked Data Signature is no authority for us (SECURITY 0.1); without either, it is no forwarding.
    """
    forwarded = "signature" in activity.document or "proof" in activity.document
    if key.actor.uri != activity.actor and not forwarded:
        raise BadSignature("the signer is not the actor")


def _arrived(activity: Envelope, knock: Knock, signed: Signed, *, number: int, now: Instant) -> Arrived:
    signer_uri = signed.key.actor.uri
    return Arrived(
        id=number,
        uri=activity.id,
        type=activity.type,
        actor_uri=activity.actor,
        signer_uri=signer_uri,
        origin=origin(signer_uri),
        body=knock.body,
        digest=hashlib.sha256(knock.body).hexdigest(),
        signed_at=signed.at,
        received_at=now,
    )


async def _respond(send: Send, answer: Turned) -> None:
    headers = [(b"content-length", b"%d" % len(answer.why.encode())), (b"cache-control", b"no-store"), *answer.headers]
    if answer.why:
        headers += ((b"content-type", b"text/plain; charset=utf-8"), (b"x-content-type-options", b"nosniff"))
    if answer.retry_after_s is not None:
        headers.append((b"retry-after", b"%d" % answer.retry_after_s))
    if answer.status == 405:
        headers.append((b"allow", b"POST"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.why.encode()})
