"""Who is asking: cookies of a session, and what a request knows of its reader.

The cookie carries 256 random bits; the database only their SHA-256 (SECURITY 6.5). Where sessions are kept, how long
they live and who they belong to is `features/people`; here is only the way in and out of a request.
"""

from collections.abc import Awaitable, Callable
from hashlib import sha256

from msgspec import Struct
from starlette.requests import HTTPConnection
from starlette.responses import Response

from fedishare.foundation.db.database import Database
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.errors import NotAllowed, NotSignedIn
from fedishare.foundation.values.here import Here

NINETY_DAYS_S = 90 * 24 * 3600


class SignedIn(Struct, frozen=True, kw_only=True):
    """The person behind a request. `language` is '' until chosen; `name` is the local name, `display_name` for eyes."""

    person_id: int
    actor_id: int
    name: str
    display_name: str
    role: str
    language: str

    @property
    def is_admin(self) -> bool:
        return self.role == "admin"


ViewerOf = Callable[[Database, bytes, Instant], Awaitable[SignedIn | None]]
"""Given the hash of a session's token: whose it is, or None when it has ended."""


def signed_in(request: HTTPConnection) -> SignedIn:
    """Who asks. Raises NotSignedIn."""
    viewer: SignedIn | None = request.state.viewer
    if viewer is None:
        raise NotSignedIn
    return viewer


def admin(request: HTTPConnection) -> SignedIn:
    """Who asks, when they may administer. Raises NotSignedIn, NotAllowed."""
    viewer = signed_in(request)
    if not viewer.is_admin:
        raise NotAllowed
    return viewer


def viewer_id(request: HTTPConnection) -> int:
    """The actor who looks, for the visibility predicate; 0 is nobody in particular."""
    viewer: SignedIn | None = request.state.viewer
    return viewer.actor_id if viewer else 0


def session_cookie_name(here: Here) -> str:
    return "__Host-session" if here.secure else "fedishare_session"


def session_token(request: HTTPConnection, here: Here) -> str:
    """'' when there is none."""
    return request.cookies.get(session_cookie_name(here), "")


def token_hash(token: str) -> bytes:
    """What the database keeps of a token."""
    return sha256(token.encode("utf-8", "surrogateescape")).digest()


def give_session(response: Response, token: str, here: Here) -> None:
    response.set_cookie(
        session_cookie_name(here),
        token,
        max_age=NINETY_DAYS_S,
        path="/",
        secure=here.secure,
        httponly=True,
        samesite="lax",
    )


def take_session(response: Response, here: Here) -> None:
    response.delete_cookie(session_cookie_name(here), path="/", secure=here.secure, httponly=True, samesite="lax")
