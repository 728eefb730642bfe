"""Who reads: a GET may be signed, and then it is somebody's, who sees what is for them and nothing else.

Sources: WIRE.md "Signatures" ("Authorized fetch"), INTEROP A.5, SECURITY 0.11. A signature is only looked at where it
matters: everywhere when this instance wants one of each reader (`Door`), else where something is not public, so that
no passer-by makes us ask for keys. Pages for people are as ever: what they show is public, or wants a session.
"""

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fedishare.federation.actors import urls
from fedishare.federation.actors.model import Actor
from fedishare.federation.actors.views import SIGNER
from fedishare.federation.fetching.fetcher import Fetcher
from fedishare.federation.fetching.signers import signer
from fedishare.federation.policy import domains
from fedishare.federation.policy.domains import Guard, Verdict
from fedishare.federation.signatures import incoming
from fedishare.foundation.db.database import Database
from fedishare.foundation.values.clock import Clock
from fedishare.foundation.values.errors import RemoteTrouble, Unreachable
from fedishare.foundation.values.here import Here
from fedishare.foundation.web.negotiation import wants_activity
from fedishare.foundation.web.sessions import viewer_id

FOR_THEM_ALONE = {"Cache-Control": "private, no-store"}
RETRY_AFTER_S = "60"

_SAFE = frozenset({"GET", "HEAD"})
_OPEN_TO_ALL = ("/.well-known/", "/nodeinfo/", "/health/", "/static/")
_SIGNED = frozenset({b"signature", b"signature-input"})


async def reader_id(request: HTTPConnection) -> int:
    """For the visibility predicate: who is signed in, else who signed this request; 0 for nobody in particular.

    Asked where something is not public. A signature that does not hold is none.
    """
    viewer = viewer_id(request)
    if viewer or not (wants_activity(request) and is_signed(request.scope)):
        return viewer
    known: Actor | None = request.scope.get(SIGNER)
    if known is None:
        state = request.state
        try:
            known = await signed_by(request.scope, fetcher=state.fetcher, here=state.here, clock=state.clock)
        except RemoteTrouble:
            return 0
        # A blocked server's key is not asked for; one that we know already opens nothing either.
        if await state.db.read(domains.verdict_of, known.uri, known.domain, here=state.here) is Verdict.BLOCK:
            return 0
    return known.id


def is_signed(scope: Scope) -> bool:
    """Whether there is a signature at all, good or bad."""
    return any(name in _SIGNED for name, _ in scope["headers"])


async def signed_by(scope: Scope, *, fetcher: Fetcher, here: Here, clock: Clock) -> Actor:
    """Whose the request is. Raises NotSigned, BadSignature, Untrusted, Malformed, Unreachable, RemotelyGone."""
    query: bytes = scope["query_string"]
    path: bytes = scope["raw_path"]
    asked = incoming.Request(
        method=scope["method"],
        target=path + b"?" + query if query else path,
        headers=scope["headers"],
        body=b"",
        base_url=here.base_url,
    )
    return (await signer(fetcher, incoming.parse(asked.headers), asked, clock.now())).key.actor


class Door:
    """In front of the pages where `authorized_fetch` is set: whoever reads ActivityPub says who they are.

    Actors are let through to their stub (`actors/views.py`), the instance's own always whole: two servers that both
    wanted a signature first would wait for each other.
    """

    def __init__(self, web: ASGIApp, *, db: Database, fetcher: Fetcher, here: Here, clock: Clock) -> None:
        self._web = web
        self._fetcher = fetcher
        self._here = here
        self._clock = clock
        self._guard = Guard(db, here)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = await self._refusal(scope) if scope["type"] == "http" else None
        answer = _for_them_alone(send) if SIGNER in scope else send
        await (refusal or self._web)(scope, receive, answer)

    async def _refusal(self, scope: Scope) -> Response | None:
        if scope["method"] not in _SAFE or not wants_activity(HTTPConnection(scope)) or _is_open(scope["path"]):
            return None
        has_stub = _is_actor(scope["path"])
        try:
            actor = await signed_by(scope, fetcher=self._fetcher, here=self._here, clock=self._clock)
        except RemoteTrouble as trouble:
            return None if has_stub else _not_read(trouble)
        if await self._guard.verdict_of(actor.uri, actor.domain) is Verdict.BLOCK:
            return PlainTextResponse("This instance does not speak with you.", 403, headers=FOR_THEM_ALONE)
        scope[SIGNER] = actor
        return None


def _for_them_alone(send: Send) -> Send:
    """What somebody signed for is nobody else's: few caches on the way know of a `Vary` that names signatures."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(FOR_THEM_ALONE)
        await send(message)

    return sent


def _not_read(trouble: RemoteTrouble) -> Response:
    if isinstance(trouble, Unreachable):
        return PlainTextResponse("Your key cannot be fetched.", 503, headers={"Retry-After": RETRY_AFTER_S})
    headers = {"Accept-Signature": incoming.accepted("GET"), **FOR_THEM_ALONE}
    return PlainTextResponse("Sign your request.", 401, headers=headers)


def _is_open(path: str) -> bool:
    return path == "/actor" or path.startswith(_OPEN_TO_ALL) or path == f"/users/{urls.INSTANCE}"


def _is_actor(path: str) -> bool:
    """`/users/{name}`, and nothing below it."""
    name = path.removeprefix("/users/")
    return name != path and bool(name) and "/" not in name
