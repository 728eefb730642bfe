"""Forms and headers of browsers that are none: each is read, or refused by its name."""

from contextlib import suppress
from typing import Annotated
from urllib.parse import urljoin, urlsplit

from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct
from starlette.requests import Request

from fedishare.foundation.values.errors import Invalid, TooLarge
from fedishare.foundation.web.forms import own_path, parse_fields, read_form
from fedishare.foundation.web.language import preferred_language
from fedishare.foundation.web.negotiation import ACTIVITY_TYPES, PAGE_TYPES, prefers
from fedishare.foundation.web.proxies import NEAR, Counted

BODY = st.sampled_from(
    [b"text=", b"&", b"=", b"%", b"%00", b"%ff", b"+", b";", b"count=", b"9" * 30, b"1", b"\x80", b"\0"]
)
BODIES = st.binary(max_size=80) | st.lists(BODY, max_size=12).map(b"".join)
HEADER = st.text(st.characters(codec="latin-1"), max_size=80)


class Typed(Struct, frozen=True, kw_only=True):
    text: Annotated[str, Meta(max_length=20)]
    count: Annotated[int, Meta(ge=0, le=9)] | None = None
    several: list[str] = []
    sure: bool = False


@given(BODIES)
async def test_a_form_is_read_or_invalid(body: bytes) -> None:
    try:
        fields = parse_fields(body)
    except (Invalid, TooLarge):
        return
    assert not any("\0" in value for values in fields.values() for value in values)
    request = Request({"type": "http", "state": {"fields": fields}})
    with suppress(Invalid):
        form = await read_form(request, Typed)
        assert 0 < len(form.text) <= 20


@given(st.text(max_size=30) | st.lists(st.sampled_from(["/", "\\", "evil.test", ":", "https", "\t", "a"])).map("".join))
def test_a_way_back_is_on_our_own_site(text: str) -> None:
    assert urlsplit(urljoin("https://fedi.test/x", own_path(text))).netloc == "fedi.test"


@given(HEADER)
def test_what_a_client_wants_is_one_thing_or_the_other(header: str) -> None:
    assert not (prefers(header, ACTIVITY_TYPES, PAGE_TYPES) and prefers(header, PAGE_TYPES, ACTIVITY_TYPES))
    assert preferred_language(header) in {"", "fr", "en"}


@given(HEADER | st.lists(st.sampled_from(["1.2.3.4", "::1", ", ", "unknown", "127.0.0.1:80", "[::1]"])).map("".join))
def test_an_address_behind_a_proxy_is_one_or_nothing(header: str) -> None:
    headers = [(b"x-forwarded-for", header.encode("latin-1"))]
    request = {"type": "http", "client": ("127.0.0.1", 1), "headers": headers}

    assert isinstance(Counted(NEAR).whom(request), str)
