"""Headers that hold with any proxy in front, and the check of the Host that a request names.

Source: SECURITY 6.4; HOUSE "Settled" for an http base URL. An answer may say more (its own Cache-Control), never less.
"""

from starlette.types import Message, Send

from fedishare.foundation.values.errors import N_, Refusal
from fedishare.foundation.values.here import Here

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; object-src 'none'; frame-src 'none'"
)
PERMISSIONS = "camera=(), microphone=(), geolocation=(self), payment=(), usb=(), interest-cohort=(), browsing-topics=()"
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
Raw = list[tuple[bytes, bytes]]
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


class WrongHost(Refusal):
    """The request was meant for somebody else; answering it would help whoever rebinds names."""

    status = 421
    slug = "wrong-host"
    title = N_("This site has another address.")
    advice = N_("Check the address, or ask whoever runs this server which name it answers to.")


def standing_headers(here: Here, *, hsts: bool) -> dict[str, str]:
    """What every answer carries. `hsts` is off where the domain has other sites, which speak http."""
    if not here.secure:
        return {**FIXED, "Content-Security-Policy": POLICY}
    secure = {**FIXED, "Content-Security-Policy": POLICY + "; upgrade-insecure-requests"}
    return {**secure, "Strict-Transport-Security": "max-age=31536000; includeSubDomains"} if hsts else secure


def seal(standing: dict[str, str], *, private: bool) -> Raw:
    """The standing headers as they are sent. What was made for one reader is stored by nobody."""
    all_of_them = {**standing, "Cache-Control": "no-store" if private else "private, no-cache"}
    return [(name.lower().encode(), value.encode()) for name, value in all_of_them.items()]


def sealing(send: Send, sealed_with: Raw) -> Send:
    """`send`, with those of these headers that the answer does not say itself."""

    async def sealed(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = message.setdefault("headers", [])
            named = {name for name, _ in given}
            message["headers"] = [*given, *(header for header in sealed_with if header[0] not in named)]
        await send(message)

    return sealed


def check_host(host: str, path: str, here: Here) -> None:
    """Raises WrongHost. Over plain http the machine's own names are fine too; health checks come from anywhere."""
    if path.startswith("/health/") or host.lower() in {here.host.lower(), here.handle_domain.lower()}:
        return
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    if not here.secure and name.lower() in LOCAL_NAMES:
        return
    raise WrongHost(f"Host: {host[:200]}")
