"""Forms: fields into a struct, every problem at once, nothing typed is lost."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

import pytest
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from fedishare.foundation.values.errors import Invalid, TooLarge
from fedishare.foundation.web.forms import Form, form_route, own_path, parse_fields, read_form, see_other
from fedishare.foundation.web.kernel import build_web
from fedishare.foundation.web.pages import Site, page
from tests.front_door import FrontDoor, Reader


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Order(Struct, frozen=True, kw_only=True):
    title: Annotated[str, Meta(min_length=2, max_length=10)]
    colour: Colour
    when: date | None = None
    amount: Decimal = Decimal(1)
    count: int = 1
    public: bool = False
    tags: tuple[str, ...] = ()
    note: Annotated[str, Meta(max_length=5)] | None = None


def asked(**fields: str | list[str]) -> Request:
    given = {name: [value] if isinstance(value, str) else value for name, value in fields.items()}
    return Request({"type": "http", "headers": [], "state": {"fields": given}})


async def problems_of(**fields: str | list[str]) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        await read_form(asked(**fields), Order)
    return refused.value.problems


async def test_a_form_becomes_a_struct_of_the_right_kinds() -> None:
    order = await read_form(
        asked(title="Vélo", colour="blue", when="2027-01-31", amount="2.5", count="3", public="1", tags=["a", "", "b"]),
        Order,
    )

    assert order == Order(
        title="Vélo",
        colour=Colour.BLUE,
        when=date(2027, 1, 31),
        amount=Decimal("2.5"),
        count=3,
        public=True,
        tags=("a", "b"),
    )


async def test_what_is_left_empty_takes_its_default() -> None:
    order = await read_form(asked(title="Vélo", colour="red", when="", amount="", count="", note=""), Order)

    assert order == Order(title="Vélo", colour=Colour.RED)


async def test_every_problem_is_told_at_once() -> None:
    problems = await problems_of(title="", colour="green", when="tomorrow", count="many", note="too long a note")

    assert set(problems) == {"title", "colour", "when", "count", "note"}
    assert problems["title"] == "Fill this in."
    assert problems["colour"] == "Choose one of these."
    assert "not a date" in problems["when"]
    assert problems["count"] == "Write a number."
    assert "5" in problems["note"]


@pytest.mark.parametrize("title", ["x", "x" * 11])
async def test_a_text_of_the_wrong_length_is_told_which_is_right(title: str) -> None:
    problem = (await problems_of(title=title, colour="red"))["title"]

    assert "2" in problem or "10" in problem


def test_fields_come_in_one_form_whatever_the_browser() -> None:
    fields = parse_fields(b"text=un%0D%0Adeux&name=+Z%C3%A9+&tag=a&tag=b&nul=a%00b")

    assert fields == {"text": ["un\ndeux"], "name": ["Zé"], "tag": ["a", "b"], "nul": ["ab"]}


@pytest.mark.parametrize("body", [b"name=%FF%FE", "name=é".encode(), b"&".join(b"a=1" for _each in range(300))])
def test_a_body_that_cannot_be_read_is_refused(body: bytes) -> None:
    with pytest.raises(Invalid):
        parse_fields(body)


def test_a_body_without_end_is_refused() -> None:
    with pytest.raises(TooLarge):
        parse_fields(b"a=" + b"x" * 300_000)


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/new", "/new"),
        ("/search?purpose=offer#x", "/search?purpose=offer#x"),
        ("//evil.test", "/"),
        ("/\\evil.test", "/"),
        ("https://evil.test", "/"),
        ("", "/"),
        ("new", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
    ],
)
def test_a_path_to_go_on_to_stays_on_this_site(path: str, kept: str) -> None:
    assert own_path(path) == kept


class OrderPage(Struct, frozen=True, kw_only=True):
    then: str


def with_an_order_form(site: FrontDoor) -> Reader:
    async def show(request: Request) -> Response:
        return page(request, "people/sign_in.html", OrderPage(then=""))

    async def receive(request: Request) -> Response:
        form: Any = await read_form(request, SignIn)
        if form.login == "refused":
            raise Invalid({"login": "Choose one of these."})
        return see_other(request, "/done", say=f"Merci <b>{form.login}</b>")

    async def nobody(*_arguments: object) -> None:
        return None

    async def whose(*_arguments: object) -> Site:
        return Site(name="La Remise")

    site.asgi = build_web(
        [form_route("/order", show=show, receive=receive)],
        state=site.state(),
        menu=[],
        viewer_of=nobody,
        site_of=whose,
        csrf_key=b"k" * 32,
    )
    return site.reader()


class SignIn(Struct, frozen=True, kw_only=True):
    login: str
    password: str


async def test_a_refused_form_comes_back_with_what_was_typed_and_a_summary(unborn: FrontDoor) -> None:
    reader = with_an_order_form(unborn)
    await reader.go("/order")

    answer = await reader.send("/order", {"login": 'Zoé "<b>"', "password": ""})

    assert answer.status_code == 422
    assert 'value="Zoé &#34;&lt;b&gt;&#34;"' in answer.text
    assert 'role="alert"' in answer.text
    assert 'href="#password"' in answer.text
    assert 'aria-invalid="true" aria-describedby="password-error"' in answer.text


async def test_what_an_operation_refuses_is_shown_at_its_field(unborn: FrontDoor) -> None:
    reader = with_an_order_form(unborn)
    await reader.go("/order")

    answer = await reader.send("/order", {"login": "refused", "password": "x"})

    assert answer.status_code == 422
    assert "Choisissez l’une des réponses." in answer.text
    assert 'id="login-error"' in answer.text


async def test_a_password_is_never_written_into_a_page(unborn: FrontDoor) -> None:
    reader = with_an_order_form(unborn)
    await reader.go("/order")

    answer = await reader.send("/order", {"login": "refused", "password": "une phrase secrète"})

    assert "une phrase secrète" not in answer.text


async def test_what_is_said_after_a_form_is_said_once_and_escaped(unborn: FrontDoor) -> None:
    reader = with_an_order_form(unborn)
    await reader.go("/order")
    answer = await reader.send("/order", {"login": "Zoé", "password": "x"})
    assert answer.headers["location"] == "/done"

    first, second = await reader.go("/order"), await reader.go("/order")

    assert "Merci &lt;b&gt;Zoé&lt;/b&gt;" in first.text
    assert "Merci" not in second.text


async def test_a_form_that_lives_on_another_page_leads_back_to_it(site: FrontDoor) -> None:
    amel = site.reader()
    await amel.signs_in("amel")
    await amel.go("/settings/account")

    refused = await amel.send("/settings/language", {"language": "xx"})
    reloaded = await amel.go("/settings/language?lang=en")

    assert refused.status_code == 422
    assert "Mon compte" in refused.text
    assert (reloaded.status_code, reloaded.headers["location"]) == (303, "/settings/account")


def test_a_form_on_its_first_visit_shows_what_is_there() -> None:
    form = Form()

    assert form.value("title", "Vélo") == "Vélo"
    assert form.value("until", None) == ""
    assert form.chosen("colour", "red", "red")
    assert not form.chosen("colour", "blue", "red")
    assert form.problem("title") == ""


def test_a_box_that_was_emptied_stays_empty_after_a_refusal() -> None:
    form = Form(sent=True, values={"title": ["Vélo"]})

    assert not form.chosen("public", "1", "1")
    assert form.value("title", "other") == "Vélo"
