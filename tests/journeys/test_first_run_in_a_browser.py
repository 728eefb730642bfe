"""From the first start to the first published offer, in a browser alone: no terminal, on a phone, in French.

The one-time link is read from what the server prints, as the person who started it does.
"""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Requests, axe, chromium, overflows, person
from tests.figures import Figure
from tests.servers import PASSWORD, Server

pytestmark = pytest.mark.real


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Server]:
    """As `make run` starts it: nothing is set up, and it speaks with nobody."""
    server = Server(tmp_path / "fresh", settings={"FEDISHARE_MODE": "closed", "FEDISHARE_MIGRATE": "on"})
    server.settings["FEDISHARE_BASE_URL"] = server.base_url = server.base_url.replace("127.0.0.1", "localhost")
    with server:
        yield server


def test_the_first_run_link_leads_to_a_published_offer(fresh: Server, figure: Figure) -> None:
    begin = time.perf_counter()
    link = first_run_link(fresh)
    with chromium() as browser:
        page = person(browser).new_page()
        asked = Requests(page)

        page.goto(link)
        assert axe(page) == []
        assert not overflows(page)
        fill(page, association="La Remise", admin="nadia", email="nadia@example.org", password=PASSWORD)
        page.get_by_role("button", name="Ouvrir le site").click()

        expect(page).to_have_url(re.compile("/new$"))
        fill(page, title="Perceuse à percussion", text="Avec ses **mèches**. À rendre le dimanche.", place="Lille")
        page.locator("main form").get_by_role("button", name=re.compile("^Publier")).click()

        expect(page.get_by_role("heading", level=1)).to_contain_text("Perceuse à percussion")
        expect(page.locator("main strong", has_text="mèches")).to_be_visible()
        assert not overflows(page)
        figure("first-run link to published offer, by a fast typist", time.perf_counter() - begin, "s", at_most=60)

        # It is public, and the link worked once.
        visitor = person(browser).new_page()
        visitor.goto(fresh.base_url)
        expect(visitor.get_by_text("Perceuse à percussion").first).to_be_visible()
        refused = visitor.goto(link)
        assert refused
        assert refused.status in (403, 404, 409, 410)
        assert asked.elsewhere(fresh.base_url) == []


def test_the_first_run_works_without_javascript_and_keeps_what_was_typed(fresh: Server) -> None:
    link = first_run_link(fresh)
    with chromium() as browser:
        page = person(browser, java_script_enabled=False).new_page()
        page.goto(link)
        fill(page, association="La Remise", admin="nadia", email="nadia@example.org", password="court")
        page.get_by_role("button", name="Ouvrir le site").click()

        expect(page.locator('input[name="association"]')).to_have_value("La Remise")
        expect(page.locator('input[name="password"]')).to_have_attribute("aria-invalid", "true")

        fill(page, password=PASSWORD)
        page.get_by_role("button", name="Ouvrir le site").click()
        expect(page).to_have_url(re.compile("/new$"))


def test_the_link_is_printed_again_at_each_start_until_it_was_used(fresh: Server) -> None:
    first = first_run_link(fresh)
    assert fresh.stop() == 0
    fresh.start()

    second = first_run_link(fresh)

    assert first != second
    with chromium() as browser:
        page = person(browser).new_page()
        old = page.goto(first)
        assert old
        assert old.status in (403, 404, 409, 410)
        new = page.goto(second)
        assert new
        assert new.status == 200


def first_run_link(server: Server) -> str:
    assert server.process
    found = server.process.until(
        lambda: re.search(r"https?://\S+/first-run\?token=[\w-]+", server.process.text() if server.process else ""),
        seconds=20,
        what="the first-run link in what the server prints",
    )
    return found[0]


def fill(page: Page, **values: str) -> None:
    """Fields by their names; a choice by its value."""
    for name, value in values.items():
        field = page.locator(f'main [name="{name}"]').first
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
