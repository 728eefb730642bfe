"""Nobody else's page may make a reader's browser act here: two of the three layers; the third is SameSite=Lax.

Source: SECURITY 6.5 (OWASP cheat sheet, MDN Fetch Metadata). Every request that may change something passes here
before it reaches a handler, so no handler can forget it: (1) the browser's own word on where the request comes from;
(2) a token in the form, bound to the session, or before signing in to a cookie that only we can set. It is masked
anew in each page (BREACH). The inbox is not a page: it has no cookies and stands outside.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from hashlib import sha256
from hmac import compare_digest
from hmac import digest as hmac_digest
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import Response

from fedishare.foundation.values.chance import new_token, random_bytes
from fedishare.foundation.values.errors import N_, NotAllowed
from fedishare.foundation.values.here import Here
from fedishare.foundation.web.sessions import session_token

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FIELD = "csrf"
_MASK = 16


class ForeignForm(NotAllowed):
    """A request that another site's page sent, or that nobody can vouch for."""

    slug = "foreign-form"
    title = N_("This form does not come from this site.")
    advice = N_("Open the page again from its own address and send the form from there.")


class StaleForm(NotAllowed):
    """The token is not the one of this session: most often a page that stayed open while one signed in or out."""

    slug = "stale-form"
    title = N_("This page was open for too long.")
    advice = N_("Go back, load the page again, and send the form once more.")


def check_source(headers: Headers, here: Here) -> None:
    """The first layer: Sec-Fetch-Site, else Origin, else Referer, else refused. Raises ForeignForm."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        if site != "same-origin":
            raise ForeignForm(f"Sec-Fetch-Site: {site[:40]}")
        return
    source = headers.get("origin") or headers.get("referer") or ""
    if _origin(source) != _origin(here.base_url):
        raise ForeignForm(f"from {source[:200] or 'nowhere'}")


def check_token(token: str, binding: str, key: bytes) -> None:
    """The second layer. Raises StaleForm."""
    try:
        raw = urlsafe_b64decode(token.encode("ascii"))
    except (NotBase64, ValueError):
        raise StaleForm("unreadable token") from None
    mask, proof = raw[:_MASK], raw[_MASK:]
    if not binding or not compare_digest(proof, _proof(binding, mask, key)):
        raise StaleForm("token of another session")


def make_token(binding: str, key: bytes) -> str:
    mask = random_bytes(_MASK)
    return urlsafe_b64encode(mask + _proof(binding, mask, key)).decode()


def cookie_name(here: Here) -> str:
    return "__Host-csrf" if here.secure else "fedishare_csrf"


def binding_of(request: HTTPConnection, here: Here) -> str:
    """What a token is bound to: the session, or the cookie given with the first form; '' when there is neither."""
    if getattr(request.state, "viewer", None) is not None:
        return "session " + session_token(request, here)
    cookie = request.cookies.get(cookie_name(here), "")
    return "visitor " + cookie if cookie else ""


def token_for_page(request: HTTPConnection, here: Here, key: bytes) -> str:
    """The token to put into a page's forms. A visitor without the cookie gets one with the answer (`give_cookie`)."""
    binding = binding_of(request, here)
    if not binding:
        request.state.new_csrf = getattr(request.state, "new_csrf", "") or new_token()
        binding = "visitor " + request.state.new_csrf
    return make_token(binding, key)


def give_cookie(request: HTTPConnection, response: Response, here: Here) -> None:
    fresh = getattr(request.state, "new_csrf", "")
    if fresh:
        response.set_cookie(cookie_name(here), fresh, path="/", secure=here.secure, httponly=True, samesite="lax")


def _proof(binding: str, mask: bytes, key: bytes) -> bytes:
    return hmac_digest(key, sha256(binding.encode("utf-8", "surrogateescape")).digest() + mask, "sha256")


def _origin(url: str) -> tuple[str, str]:
    """Scheme and place; nothing for what is no address at all, which a client may write as it likes."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    return parts.scheme.lower(), parts.netloc.lower()
