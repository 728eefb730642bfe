"""Nobody else's page may make a reader's browser act here: each layer alone (SECURITY 6.5)."""

import pytest
from starlette.routing import Route

from tests.front_door import PASSWORD, FrontDoor, Reader

SIGN_IN = {"login": "amel", "password": PASSWORD}


def without(reader: Reader, *names: str) -> Reader:
    for name in names:
        del reader.http.headers[name]
    return reader


async def at_the_door(site: FrontDoor) -> Reader:
    """A visitor with the form before them, who sends no word on where it comes from."""
    reader = without(site.reader(), "Sec-Fetch-Site")
    await reader.go("/sign-in")
    return reader


@pytest.mark.parametrize("source", ["cross-site", "same-site", "none", "Same-Origin", ""])
async def test_a_form_that_the_browser_says_comes_from_elsewhere_is_refused(site: FrontDoor, source: str) -> None:
    reader = await at_the_door(site)

    answer = await reader.send(
        "/sign-in",
        SIGN_IN,
        **{"Sec-Fetch-Site": source, "Origin": "https://remise.test", "Referer": "https://remise.test/"},
    )

    assert answer.status_code == 403
    assert "Ce formulaire ne vient pas de ce site" in answer.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://remise.test"}, 303),
        ({"Origin": "https://REMISE.test"}, 303),
        ({"Origin": "http://remise.test"}, 403),
        ({"Origin": "https://remise.test.evil.test"}, 403),
        ({"Origin": "https://remise.test:444"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://evil.test", "Referer": "https://remise.test/sign-in"}, 403),
        ({"Referer": "https://remise.test/sign-in"}, 303),
        ({"Referer": "https://evil.test/https://remise.test"}, 403),
        ({}, 403),
    ],
)
async def test_an_older_browser_is_believed_by_origin_and_then_by_referer(
    site: FrontDoor, headers: dict[str, str], status: int
) -> None:
    reader = await at_the_door(site)

    answer = await reader.send("/sign-in", SIGN_IN, **headers)

    assert answer.status_code == status


@pytest.mark.parametrize("token", ["", "x", "é", "A" * 64, "====", "!" * 64])
async def test_a_form_without_its_token_is_refused(site: FrontDoor, token: str) -> None:
    reader = site.reader()
    await reader.go("/sign-in")

    answer = await reader.send("/sign-in", SIGN_IN, token=token)

    assert answer.status_code == 403
    assert "restée ouverte trop longtemps" in answer.text


async def test_a_token_serves_nobody_else(site: FrontDoor) -> None:
    amel, nadia = site.reader(), site.reader()
    await amel.signs_in("amel")
    await nadia.signs_in("nadia")
    await amel.go("/settings/account")

    answer = await nadia.send("/settings/language", {"language": "en"}, token=amel.token)

    assert answer.status_code == 403


async def test_a_token_from_before_the_sign_in_is_worth_nothing_after_it(site: FrontDoor) -> None:
    amel = site.reader()
    await amel.go("/sign-in")
    before = amel.token
    await amel.signs_in("amel")

    answer = await amel.send("/settings/language", {"language": "en"}, token=before)

    assert answer.status_code == 403


async def test_a_token_without_its_cookie_is_refused(site: FrontDoor) -> None:
    reader = site.reader()
    await reader.go("/sign-in")
    token = reader.token
    reader.http.cookies.clear()

    answer = await reader.send("/sign-in", SIGN_IN, token=token)

    assert answer.status_code == 403


async def test_a_token_looks_different_in_each_page(site: FrontDoor) -> None:
    reader = site.reader()

    tokens = {(await reader.go("/sign-in"), reader.token)[1] for _visit in range(5)}

    assert len(tokens) == 5
    assert (await reader.send("/sign-in", SIGN_IN, token=tokens.pop())).status_code == 303


async def test_no_route_that_takes_a_form_forgets_the_guard(site: FrontDoor) -> None:
    """The whole table, signed in: without a token, and from another site with one."""
    nadia = site.reader()
    await nadia.signs_in()
    await nadia.go("/settings/account")
    posts = [route.path for route in site.routes if isinstance(route, Route) and "POST" in (route.methods or ())]
    paths = [path.replace("{id:int}", "1").replace("{name}", "amel") for path in posts]

    without_token = {path: (await nadia.send(path, {}, token="")).status_code for path in paths}
    from_elsewhere = {
        path: (await nadia.send(path, {}, **{"Sec-Fetch-Site": "cross-site"})).status_code for path in paths
    }

    assert len(paths) > 8, "the table must have forms to mean anything"
    assert set(without_token.values()) == {403}
    assert set(from_elsewhere.values()) == {403}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_other_ways_to_change_things_are_guarded_too(site: FrontDoor, method: str) -> None:
    reader = without(site.reader(), "Sec-Fetch-Site")

    answer = await reader.http.request(method, "/sign-in")

    assert answer.status_code == 405


async def test_only_the_cookie_opens_a_page(site: FrontDoor) -> None:
    amel = site.reader()
    await amel.signs_in("amel")

    with_the_token_as_bearer = site.reader(headers={"Authorization": f"Bearer {amel.session}"})

    assert (await with_the_token_as_bearer.go("/settings/account")).status_code == 303


async def test_a_body_that_is_no_form_is_refused(site: FrontDoor) -> None:
    reader = site.reader()
    await reader.go("/sign-in")

    answer = await reader.http.post("/sign-in", json={"login": "amel", "csrf": reader.token})

    assert answer.status_code == 415


async def test_a_form_larger_than_any_of_ours_is_refused(site: FrontDoor) -> None:
    reader = site.reader()
    await reader.go("/sign-in")

    assert (await reader.send("/sign-in", {"login": "x" * 300_000, "password": "y"})).status_code == 413
    assert (await reader.send("/sign-in", {f"field{number}": "" for number in range(300)})).status_code == 422
