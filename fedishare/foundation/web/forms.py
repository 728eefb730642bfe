"""Forms: fields in, a struct out; what is wrong with each, in words, and nothing typed is lost.

    form_route("/new", show=new_page, receive=publish)

`receive` calls `read_form(request, Draft)` and then its operation; either may raise Invalid. The page that `show`
draws is then sent again with 422: its macros find the values and the problems in `form`. Only
`application/x-www-form-urlencoded`: files come with pictures.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, TypeVar, get_args, get_origin
from urllib.parse import parse_qsl, quote, unquote

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from fedishare.foundation.text.translate import _
from fedishare.foundation.values.errors import N_, Invalid, TooLarge
from fedishare.foundation.values.here import Here

T = TypeVar("T", bound=Struct)
Endpoint = Callable[[Request], Awaitable[Response]]

LARGEST_BODY = 200_000
MOST_FIELDS = 200
SAY_COOKIE = "fedishare_say"

EMPTY = N_("Fill this in.")
NOT_ONE_OF_THESE = N_("Choose one of these.")
NOT_A_DATE = N_("This is not a date. Write it like 2027-01-31.")
NOT_A_NUMBER = N_("Write a number.")


class Form(Struct, frozen=True, kw_only=True):
    """What a page's fields show: what was sent, and what is wrong with it. Empty on the first visit."""

    sent: bool = False
    values: Mapping[str, Sequence[str]] = {}
    problems: Mapping[str, str] = {}

    def value(self, name: str, default: object = "") -> str:
        if self.sent:
            given = self.values.get(name, ())
            return given[0] if given else ""
        return "" if default is None else str(default)

    def chosen(self, name: str, value: object, default: object = "") -> bool:
        """Whether a box or radio is ticked."""
        if self.sent:
            return str(value) in self.values.get(name, ())
        return str(value) in (default if isinstance(default, (list, tuple)) else (str(default),))

    def problem(self, name: str) -> str:
        """In the reader's language, '' when there is none."""
        return _(self.problems[name]) if name in self.problems else ""


def form_route(path: str, *, receive: Endpoint, show: Endpoint, name: str | None = None, home: str = "") -> Route:
    """GET shows, POST receives; what is Invalid is shown again. `home` is for a form that lives on a page with another
    address: who comes back to this one, by reloading or from the footer's links, is led there."""

    async def endpoint(request: Request) -> Response:
        if request.method != "POST":
            return see_other(request, home) if home else await show(request)
        try:
            return await receive(request)
        except Invalid as invalid:
            problems = {field: _(why, **invalid.values) for field, why in invalid.problems.items()}
            request.state.form = Form(sent=True, values=request.state.fields, problems=problems)
            request.state.refused = invalid
            response = await show(request)
            response.status_code = invalid.status
            return response

    return Route(path, endpoint, methods=["GET", "POST"], name=name)


def parse_fields(body: bytes) -> dict[str, list[str]]:
    """Fields in order. Raises TooLarge, Invalid."""
    if len(body) > LARGEST_BODY:
        raise TooLarge(f"a form of {len(body)} bytes")
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise Invalid(detail=f"unreadable form: {error}") from None
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value.replace("\r\n", "\n").replace("\x00", "").strip())
    return fields


async def read_form(request: Request, shape: type[T]) -> T:
    """The form as a struct; an empty field takes its default. Raises Invalid with every problem, not only the first;
    what the struct's own `__post_init__` refuses, it raises as Invalid itself."""
    fields: Mapping[str, Sequence[str]] = request.state.fields
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for field in msgspec.structs.fields(shape):
        given = fields.get(field.encode_name, ())
        if not any(given):
            if field.required:
                problems[field.encode_name] = EMPTY
            continue
        try:
            values[field.name] = _convert(given, field.type)
        except msgspec.ValidationError as error:
            problems[field.encode_name] = _in_words(str(error), field.type)
    if problems:
        raise Invalid(problems)
    return shape(**values)


def see_other(request: Request, path: str, *, say: str = "") -> RedirectResponse:
    """After a POST: go and look. `say` is shown once at the top of the next page, already translated."""
    response = RedirectResponse(path, 303)
    if say:
        here: Here = request.state.here
        response.set_cookie(
            SAY_COOKIE, quote(say[:300]), max_age=60, path="/", secure=here.secure, httponly=True, samesite="lax"
        )
    return response


def said(request: Request) -> str:
    """What the last action left to say."""
    return unquote(request.cookies.get(SAY_COOKIE, ""))[:300]


def own_path(text: str, default: str = "/") -> str:
    """A path to go on to, or `default` when it would lead to another site (`//evil`, `/\\evil`, `https:`)."""
    fine = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable() and "\\" not in text
    return text if fine else default


def _convert(given: Sequence[str], kind: Any) -> Any:
    plain = _without_none(kind)
    if get_origin(plain) in (list, tuple):
        return msgspec.convert([value for value in given if value], kind, strict=False)
    if plain is bool:
        return given[0] not in ("", "0", "no", "false")
    return msgspec.convert(given[0], kind, strict=False)


def _without_none(kind: Any) -> Any:
    if get_origin(kind) is UnionType or str(get_origin(kind)) == "typing.Union":
        kept = [part for part in get_args(kind) if part is not type(None)]
        return kept[0] if len(kept) == 1 else kind
    return kind


def _in_words(error: str, kind: Any) -> str:
    """msgspec's sentence is for programmers; these are for people."""
    most = _limit(kind, "max_length")
    if most is not None and "length <=" in error:
        return _("This is too long: at most %(most)s characters.", most=most)
    least = _limit(kind, "min_length")
    if least is not None and "length >=" in error:
        return _("This is too short: at least %(least)s characters.", least=least)
    if "enum" in error.lower():
        return NOT_ONE_OF_THESE
    if "date" in error.lower():
        return NOT_A_DATE
    if "int" in error or "float" in error or "decimal" in error:
        return NOT_A_NUMBER
    return N_("This cannot be read.")


def _limit(kind: Any, name: str) -> int | None:
    plain = _without_none(kind)
    if get_origin(plain) is not Annotated:
        return None
    for note in get_args(plain)[1:]:
        value = getattr(note, name, None)
        if isinstance(value, int):
            return value
    return None
