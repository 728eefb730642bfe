"""A real browser: Debian's Chromium, driven by Playwright, that speaks with nobody but the test's own servers.

With the accessibility checker axe, every rule on, no part of a page left out.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from tests.foreign import node
from tests.tls import Names

FLAGS = [
    "--no-sandbox",  # the tests may run as root, which Chromium refuses otherwise
    *["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
    *["--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"],
]
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 900}


@contextmanager
def chromium(names: Names | None = None) -> Iterator[Browser]:
    """The browser, for one test. It finds the names of `names` where they are."""
    program = shutil.which("chromium")
    if program is None:
        raise AssertionError("Chromium is missing: apt-get install chromium")
    flags = list(FLAGS)
    if names:
        rules = ",".join(f"MAP {name} {address}" for name, address in names.addresses.items())
        flags.append(f"--host-resolver-rules={rules}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, headless=True, args=flags)
        try:
            yield browser
        finally:
            browser.close()


def person(browser: Browser, *, viewport: ViewportSize = PHONE, language: str = "fr-FR", **more: Any) -> BrowserContext:
    """Somebody's own profile: cookies, language, size of the screen; certificates of the test's authority pass."""
    context = browser.new_context(viewport=viewport, locale=language, ignore_https_errors=True, **more)
    context.set_default_timeout(20_000)
    return context


def axe(page: Page) -> list[str]:
    """What is wrong with this page for somebody who sees, hears or points otherwise: a line a finding."""
    page.evaluate(node.axe_source())  # through the debugger: the page's own policy stays in force
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    assert len(found["passes"]) >= 10, "axe has hardly looked at anything"
    return [
        f"{rule['id']} ({rule['impact']}): {rule['help']}: {json.dumps(place['target'])} {place['html'][:200]}"
        for rule in found["violations"]
        for place in rule["nodes"]
    ]


def overflows(page: Page) -> bool:
    """Whether the page is wider than the screen, so that it must be pushed about to be read."""
    wide: bool = page.evaluate("() => document.documentElement.scrollWidth > document.documentElement.clientWidth + 1")
    return wide


class Requests:
    """Every address a page asked for: to see that nobody else is told that somebody reads here."""

    def __init__(self, page: Page) -> None:
        self.seen: list[str] = []
        page.on("request", lambda request: self.seen.append(request.url))

    def elsewhere(self, base_url: str) -> list[str]:
        own = (base_url + "/", "data:", "blob:")
        return [url for url in self.seen if not url.startswith(own) and url != base_url]
