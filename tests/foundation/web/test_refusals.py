"""What a refusal looks like: a page for people, problem+json for programs, and never an inner word."""

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fedishare.foundation.values.errors import Busy, Conflict, Gone, NotFound, Refusal, TooMany, Unreachable
from fedishare.foundation.web.kernel import build_web
from fedishare.foundation.web.pages import Site
from tests.engines import on_each_engine
from tests.front_door import FrontDoor, Reader


class Broken(RuntimeError):
    """Something of ours that must not be seen."""


def raising(site: FrontDoor, error: Exception) -> Reader:
    async def endpoint(request: Request) -> Response:
        raise error

    async def nobody(*_arguments: object) -> None:
        return None

    async def whose(*_arguments: object) -> Site:
        return Site(name="La Remise")

    site.asgi = build_web(
        [Route("/it", endpoint)], state=site.state(), menu=[], viewer_of=nobody, site_of=whose, csrf_key=b"k" * 32
    )
    return site.reader()


@pytest.mark.parametrize("kind", [NotFound, Gone, Conflict, TooMany, Busy])
async def test_a_refusal_is_a_page_with_its_two_sentences(unborn: FrontDoor, kind: type[Refusal]) -> None:
    answer = await raising(unborn, kind("an inner word")).go("/it", **{"Accept-Language": "en"})

    assert answer.status_code == kind.status
    assert f"<h1>{kind.title}</h1>" in answer.text
    assert kind.advice in answer.text
    assert "inner word" not in answer.text


async def test_a_program_gets_the_same_as_problem_json(unborn: FrontDoor) -> None:
    reader = raising(unborn, Gone("an inner word"))

    answer = await reader.go("/it", **{"Accept": "application/activity+json", "Accept-Language": "en"})

    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code == 410
    assert answer.json()["title"] == Gone.title
    assert "inner word" not in answer.text


@pytest.mark.parametrize("kind", [TooMany, Busy])
async def test_who_is_to_come_back_is_told_when(unborn: FrontDoor, kind: type[Refusal]) -> None:
    answer = await raising(unborn, kind()).go("/it")

    assert int(answer.headers["retry-after"]) > 0


async def test_a_mistake_of_ours_shows_a_mark_and_no_trace_of_code(unborn: FrontDoor) -> None:
    answer = await raising(unborn, Broken("secret detail")).go("/it")

    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "Traceback" not in answer.text
    assert "Broken" not in answer.text
    assert "Quelque chose n’a pas marché de notre côté" in answer.text
    assert 'class="handle">' in answer.text


async def test_trouble_with_another_server_is_told_as_such(unborn: FrontDoor) -> None:
    answer = await raising(unborn, Unreachable("10.0.0.1 refused")).go("/it")

    assert answer.status_code == 502
    assert "10.0.0.1" not in answer.text


async def test_a_wrong_way_to_use_an_address_is_a_page_too(site: FrontDoor) -> None:
    answer = await site.reader().go("/sign-out")

    assert answer.status_code == 405
    assert "ne s’utilise pas ainsi" in answer.text


async def test_what_an_address_holds_is_never_repeated_as_html(site: FrontDoor) -> None:
    answer = await site.reader().go("/<script>alert(1)</script>?q=<b>")

    assert answer.status_code == 404
    assert "<script>" not in answer.text
    assert "<b>" not in answer.text


@on_each_engine
async def test_address_that_no_database_holds_is_an_address_that_is_not_there(site: FrontDoor) -> None:
    reader = site.reader()

    for path in (f"/@amel/{'9' * 30}", f"/posts/{'9' * 5000}", "/@a%00", "/search?place=%00", f"/messages/{'9' * 19}"):
        assert (await reader.go(path)).status_code == 404, path[:40]
