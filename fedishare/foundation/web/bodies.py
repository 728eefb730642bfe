"""The body of a request that may change something: read whole, within its limits, and once more for who wants it."""

import asyncio

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Message, Receive

from fedishare.foundation.values.errors import N_, Refusal, TooLarge
from fedishare.foundation.web.forms import LARGEST_BODY

BODY_DEADLINE_S = 30


class NotAForm(Refusal):
    status = 415
    slug = "not-a-form"
    title = N_("This cannot be sent in that form.")
    advice = N_("Go back and use the form of the page.")


class TooSlow(Refusal):
    status = 408
    slug = "too-slow"
    title = N_("The connection was too slow.")
    advice = N_("Nothing was saved. Go back and send the form again.")


async def read_body(request: Request) -> bytes:
    """Raises TooLarge before it is all here, and TooSlow."""
    chunks, size = [], 0
    try:
        async with asyncio.timeout(BODY_DEADLINE_S):
            async for chunk in request.stream():
                size += len(chunk)
                if size > LARGEST_BODY:
                    raise TooLarge(f"a body of more than {LARGEST_BODY} bytes")
                chunks.append(chunk)
    except TimeoutError:
        raise TooSlow(f"{size} bytes in {BODY_DEADLINE_S} s") from None
    return b"".join(chunks)


def is_form(given: Headers, body: bytes) -> bool:
    """Raises NotAForm for a body of another kind."""
    if not body:
        return False
    if given.get("content-type", "").split(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise NotAForm(given.get("content-type", "")[:100])
    return True


def replayed(body: bytes) -> Receive:
    """The body once more, for a handler that wants it as it came."""
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> Message:
        return next(messages, {"type": "http.disconnect"})

    return receive
