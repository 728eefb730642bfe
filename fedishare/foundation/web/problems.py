"""What a refusal looks like to who asked: a page, or problem+json (RFC 9457). The one place where that is decided.

What the person reads is the refusal's own two sentences; what the log keeps is its detail and a reference that the
page shows too. No stack trace, no internal word leaves the house.
"""

from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import quote

import structlog
from msgspec import Struct, json
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from fedishare.foundation.text.translate import _
from fedishare.foundation.values.chance import new_reference
from fedishare.foundation.values.errors import (
    N_,
    Busy,
    Invalid,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Refusal,
    RemoteTrouble,
    TooLarge,
    TooMany,
)
from fedishare.foundation.web.negotiation import wants_json
from fedishare.foundation.web.pages import page

log = structlog.get_logger()

RETRY_AFTER_S = {429: "300", 503: "60"}


class WrongMethod(Refusal):
    """`allowed`: the methods that this address takes, which must be said (RFC 9110 15.5.6)."""

    status = 405
    slug = "wrong-method"
    title = N_("This address cannot be used that way.")
    advice = N_("Go back and use the links and buttons of the page.")

    def __init__(self, detail: str = "", *, allowed: Iterable[str] = ()) -> None:
        super().__init__(detail)
        self.headers = {"Allow": ", ".join(sorted(allowed))}


class OurFault(Refusal):
    status = 500
    slug = "our-fault"
    title = N_("Something went wrong on our side.")
    advice = N_("It was not you. Try again in a minute; if it happens again, give the team the mark below.")


class RemoteFault(Refusal):
    status = 502
    slug = "remote-fault"
    title = N_("The other server did not answer as it should.")
    advice = N_("Try again later, or check the address.")


class ErrorPage(Struct, frozen=True, kw_only=True):
    status: int
    title: str
    advice: str
    reference: str


def answer(request: Request, refusal: Refusal) -> Response:
    """The refusal as a page or as problem+json, by what was asked for."""
    reference: str = request.state.reference
    if refusal.detail:
        log.info("request_refused", slug=refusal.slug, detail=refusal.detail[:512], reference=reference)
    later = {"Retry-After": RETRY_AFTER_S[refusal.status]} if refusal.status in RETRY_AFTER_S else {}
    headers = {**later, **refusal.headers}
    title, advice = _(refusal.title, **refusal.values), _(refusal.advice, **refusal.values)
    if wants_json(request):
        problem = {"type": "about:blank", "title": title, "status": refusal.status, "detail": advice}
        told = {**problem, "code": refusal.slug, "reference": reference}
        return Response(json.encode(told), refusal.status, headers, "application/problem+json")
    if isinstance(refusal, NotSignedIn) and request.method in ("GET", "HEAD"):
        return RedirectResponse(f"/sign-in?then={quote(_address(request), safe='/')}", 303)
    view = ErrorPage(status=refusal.status, title=title, advice=advice, reference=reference)
    response = page(request, "web/error.html", view, refusal.status)
    response.headers.update(headers)
    return response


async def on_refusal(request: Request, error: Exception) -> Response:
    return answer(request, error if isinstance(error, Refusal) else OurFault())


async def on_http_error(request: Request, error: Exception) -> Response:
    """What the router itself refuses."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    if isinstance(error, HTTPException) and status == 405:
        return answer(request, WrongMethod(allowed=(error.headers or {}).get("Allow", "").split(", ")))
    kinds: dict[int, type[Refusal]] = {404: NotFound, 413: TooLarge, 429: TooMany, 503: Busy}
    kinds |= {401: NotSignedIn, 403: NotAllowed, 422: Invalid, 500: OurFault}
    return answer(request, kinds.get(status, Refusal)())


async def on_remote_trouble(request: Request, error: Exception) -> Response:
    """Only where a person waits for another server's answer."""
    return answer(request, RemoteFault(f"{type(error).__name__}: {error}"))


async def on_bug(request: Request, error: Exception) -> Response:
    log.error("request_failed", reference=request.state.reference, path=request.scope["path"], error=repr(error)[:512])
    return answer(request, OurFault())


async def on_bug_at_the_inbox(request: Request, error: Exception) -> Response:
    """Servers read no pages: a line, with the mark by which we find it in the log."""
    reference = new_reference()
    log.error("request_failed", reference=reference, path=request.scope["path"], error=repr(error)[:512])
    return PlainTextResponse(f"Something went wrong on our side. Mark: {reference}", 500)


HANDLERS: dict[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
    Refusal: on_refusal,
    HTTPException: on_http_error,
    RemoteTrouble: on_remote_trouble,
    Exception: on_bug,
}


async def answered(endpoint: Callable[[Request], Awaitable[Response]], request: Request) -> Response:
    """What the endpoint answers, or what is said in place of what it raises; a mistake of ours is raised on."""
    try:
        return await endpoint(request)
    except (Refusal, HTTPException, RemoteTrouble) as error:
        handler = next(HANDLERS[kind] for kind in type(error).__mro__ if kind in HANDLERS)
        return await handler(request, error)


def _address(request: Request) -> str:
    query = request.scope["query_string"].decode("ascii", "replace")
    return f"{request.scope['path']}?{query}" if query else str(request.scope["path"])
