"""In which language, and in which theme, to answer: the reader's last choice, else what their device asks for.

Source: HOUSE "Language". `?lang=` and `?theme=` on any page are links in the footer; they set a cookie.
"""

from typing import Literal

from starlette.requests import HTTPConnection
from starlette.responses import Response

from fedishare.foundation.text.translate import LANGUAGES

Theme = Literal["auto", "light", "dark"]

THEMES: dict[str, Theme] = {"auto": "auto", "light": "light", "dark": "dark"}
CHOICES = frozenset({"lang", "theme"})
"""What these are called in an address."""
LANGUAGE_COOKIE = "fedishare_lang"
THEME_COOKIE = "fedishare_theme"
A_YEAR_S = 365 * 24 * 3600


def chooses(request: HTTPConnection) -> bool:
    """Whether the address may say something of language or theme: most say nothing, and need not be read for it."""
    query: bytes = request.scope["query_string"]
    return b"lang=" in query or b"theme=" in query


def language_of(request: HTTPConnection, *, account: str, default: str) -> str:
    """`?lang=`, then the cookie it left, then the account's, then what the browser prefers, then the instance's."""
    asked = request.query_params.get("lang", "") if chooses(request) else ""
    chosen = (asked, request.cookies.get(LANGUAGE_COOKIE, ""), account)
    for language in chosen:
        if language in LANGUAGES:
            return language
    return preferred_language(request.headers.get("accept-language", "")) or default


def preferred_language(header: str) -> str:
    """The one of ours with the greatest weight in an Accept-Language header, '' when there is none."""
    best, best_weight = "", 0.0
    for part in header[:500].split(","):
        tag, _, parameters = part.strip().partition(";")
        language = tag.split("-")[0].lower()
        weight = _weight(parameters)
        if language in LANGUAGES and weight > best_weight:
            best, best_weight = language, weight
    return best


def theme_of(request: HTTPConnection) -> Theme:
    asked = request.query_params.get("theme", "") if chooses(request) else ""
    for choice in (asked, request.cookies.get(THEME_COOKIE, "")):
        if choice in THEMES:
            return THEMES[choice]
    return "auto"


def keep_choices(request: HTTPConnection, response: Response, *, secure: bool) -> None:
    """Remember what the address chose. Not a secret, so not HttpOnly for security's sake: nothing reads it but us."""
    for name, cookie, allowed in (
        ("lang", LANGUAGE_COOKIE, frozenset(LANGUAGES)),
        ("theme", THEME_COOKIE, frozenset(THEMES)),
    ):
        choice = request.query_params.get(name, "")
        if choice in allowed:
            response.set_cookie(
                cookie, choice, max_age=A_YEAR_S, path="/", secure=secure, httponly=True, samesite="lax"
            )


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
