"""Every page, found by following every link, passes axe: in French, light, on a phone.

Both for a stranger and for somebody signed in, with offers, needs, an answer that waits, and what goes wrong. All eight
looks (language, size, light) are in `make shots`.
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser import Requests, axe, chromium, overflows, person
from tests.figures import Figure
from tests.servers import PASSWORD, Server

pytestmark = pytest.mark.real

# What a crawl must have met, or it did not look at everything. `N` is an id.
STRANGERS_MEET = {"/", "/search", "/about", "/sign-in", "/@association", "/@association/N"}
MEMBERS_MEET = {"/new", "/notifications", "/messages", "/settings/account", "/settings/listings", "/report"}
ADMINISTRATORS_MEET = {"/admin/partners", "/admin/reports", "/admin/queue"}
SAME_PAGES = 2  # of each kind, so that a page with and one without something are both likely to be seen
AT_MOST = 60
HANGAR = "hangar.association.example"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Server]:
    """La Remise with offers and needs of its own and of a member's."""
    server = Server(tmp_path / "town", settings={"FEDISHARE_MODE": "closed"}).init("La Remise")
    table = tmp_path / "listings.csv"
    table.write_text(
        "purpose,action,title,text,place\n"
        "offer,use,Perceuse à percussion,Avec ses **mèches** et un coffret.,Lille\n"
        "offer,transfer,Bocaux en verre,Une trentaine.,Roubaix\n"
        "request,work,Bras pour la fête du quartier,Monter et démonter les tables.,Lille\n"
        "request,deliverService,Réparer un vélo cargo,Le frein arrière ne tient plus.,Tourcoing\n"
    )
    server.cli("proposal", "import", str(table), "--as", "association")
    server.cli("user", "create", "amel", "--email", "amel@example.org", "--password-stdin", typed=PASSWORD + "\n")
    something_is_late(server.data / "fedishare.db")
    with server:
        yield server


def something_is_late(path: Path) -> None:
    """One thing waits for a server that fails, one was given up, and one that came in breaks us."""
    trouble = "no-such-host-with-a-long-name.association.example: Name or service not known"
    with closing(sqlite3.connect(path)) as db, db:
        db.executemany(
            "insert into delivery (id, activity_id, host, inbox, topic, state, attempts, due_at, lease_until, outcome, "
            "created_at) select ?, max(id), ?, 'https://' || ? || '/users/association/inbox', '', ?, 3, 0, 0, ?, 0 "
            "from activity_out",
            [(1, HANGAR, HANGAR, "waiting", trouble), (2, "tri.example", "tri.example", "dead", trouble)],
        )
        db.execute(
            "insert into host (host, failures, open_until, failing_since, failed_days, scheme, software) "
            "values (?, 9, ?, 0, 3, 'cavage', '')",
            (HANGAR, 2_000_000_000_000),
        )
        db.execute(
            "insert into activity_in (id, uri, type, actor_uri, signer_uri, origin, body, digest, signed_at, "
            "received_at, state, attempts, due_at, lease_until, outcome) values "
            "(1, 'https://tri.example/1', 'Like', 'https://tri.example/users/a', '', '', x'', '', 0, 0, 'dead', 5, 0, "
            "0, 'KeyError')"
        )


@pytest.mark.timeout(300)
def test_a_stranger_meets_no_page_that_keeps_somebody_out(town: Server, figure: Figure) -> None:
    with chromium() as browser:
        seen = crawl(town, person(browser), start=["/", "/no-such-page", "/users/association", "/search?q=zzzz"])

    figure("pages a stranger meets, checked by axe", len(seen), "")
    assert {kind_of(path) for path in seen} >= STRANGERS_MEET


@pytest.mark.timeout(300)
def test_a_member_meets_no_page_that_keeps_somebody_out(town: Server, figure: Figure) -> None:
    with chromium() as browser:
        amel = person(browser)
        sign_in(town, amel.new_page(), "amel")
        answer_something(town, amel.new_page())
        nadia = person(browser)
        sign_in(town, nadia.new_page(), "nadia")
        report = f"/report?about={str(town.rows('proposal', 'list')[0]['id']).rsplit('/', 1)[1]}"
        seen = crawl(town, nadia, start=["/notifications", "/new", "/settings/account", "/messages", report, "/"])

    figure("pages an administrator meets, checked by axe", len(seen), "")
    assert {kind_of(path) for path in seen} >= MEMBERS_MEET | ADMINISTRATORS_MEET


@pytest.mark.parametrize("language", ["fr-FR", "en-GB"])
@pytest.mark.parametrize("width", [960, 1280])
def test_an_administrators_bar_has_room_on_a_desk(town: Server, width: int, language: str) -> None:
    with chromium() as browser:
        page = person(browser, viewport={"width": width, "height": 900}, language=language).new_page()
        sign_in(town, page, "nadia")
        for path in ("/", "/settings/account", *sorted(ADMINISTRATORS_MEET)):
            page.goto(town.base_url + path)
            assert not overflows(page), path


def test_a_refused_form_says_so_to_everybody(town: Server) -> None:
    with chromium() as browser:
        context = person(browser)
        page = context.new_page()
        page.goto(f"{town.base_url}/sign-in")
        page.locator('main [name="login"]').fill("nadia")
        page.locator('main [name="password"]').fill("pas le bon")
        page.get_by_role("main").get_by_role("button").first.click()
        assert page.locator('[role="alert"]').count() == 1
        assert axe(page) == []

        sign_in(town, page, "nadia")
        page.goto(f"{town.base_url}/new")
        page.locator("main form").get_by_role("button", name=re.compile("^Publier")).click()
        assert page.locator('[aria-invalid="true"]').count() >= 1
        assert axe(page) == []
        assert not overflows(page)


def crawl(town: Server, context: BrowserContext, *, start: list[str]) -> list[str]:
    """Follow every link of the site. Returns the paths seen; raises AssertionError with all that was found wrong."""
    page = context.new_page()
    asked = Requests(page)
    waiting, seen, wrong = list(start), list[str](), list[str]()
    while waiting and len(seen) < AT_MOST:
        path = waiting.pop(0)
        if path in seen or sum(kind_of(path) == kind_of(other) for other in seen) >= SAME_PAGES:
            continue
        answer = page.goto(urljoin(town.base_url, path))
        seen.append(path)
        if answer is None or "html" not in answer.headers.get("content-type", ""):
            continue
        wrong += [f"{path}: {finding}" for finding in axe(page)]
        wrong += [f"{path}: wider than the screen"] * overflows(page)
        wrong += [f"{path}: {answer.status}"] * (answer.status >= 500)
        waiting += own_links(town, page)
    assert not wrong, "\n".join(wrong)
    assert asked.elsewhere(town.base_url) == [], "somebody else is told who reads here"
    return seen


def own_links(town: Server, page: Page) -> list[str]:
    addresses: list[str] = page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
    parts = [urlsplit(address) for address in addresses if address.startswith(town.base_url + "/")]
    feeds = (".atom", ".rss", ".ics", ".csv", ".json", ".geojson")
    paths = [part.path + (f"?{part.query}" if part.query else "") for part in parts if not part.path.endswith(feeds)]
    return list(dict.fromkeys(paths))


def kind_of(path: str) -> str:
    """Pages that differ only by an id, or by what is looked for, are one kind."""
    return re.sub(r"/\d+", "/N", urlsplit(path).path)


def sign_in(town: Server, page: Page, name: str) -> None:
    page.goto(f"{town.base_url}/sign-in")
    page.locator('main [name="login"]').fill(name)
    page.locator('main [name="password"]').fill(PASSWORD)
    page.get_by_role("main").get_by_role("button").first.click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


def answer_something(town: Server, page: Page) -> None:
    """So that something waits for the steward."""
    page.goto(f"{town.base_url}/search")
    page.get_by_role("link", name="Perceuse à percussion").first.click()
    page.locator("main form textarea").first.fill("Est-elle libre samedi ?")
    page.locator("main form").filter(has=page.locator("textarea")).get_by_role("button").first.click()
    page.wait_for_load_state()
