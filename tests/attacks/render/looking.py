"""A real Chromium that looks at every page on which words of others stand, and notices whatever they make it do.

It asks for https://fedi.test, and the application of this process answers; every other request is noted and goes
nowhere. Nothing of the pages or of their policy is changed on the way.
"""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from xml.etree import ElementTree

import httpx
from msgspec import Struct, field
from playwright.async_api import BrowserContext, Dialog, Page, Route, async_playwright

from tests.attacks.world import BASE_URL, World
from tests.browser import FLAGS, PHONE
from tests.front_door import Reader

ATOM = "{http://www.w3.org/2005/Atom}"
_ABOUT_THE_WIRE = frozenset({"content-encoding", "content-length", "transfer-encoding"})
_REPORTS = """addEventListener('securitypolicyviolation', report =>
    console.log('CSP: ' + report.effectiveDirective + ' ' + report.blockedURI))"""
_WORDS = """() => [...document.querySelectorAll('.prose *')]
    .filter(one => !one.matches('.msg-body > details, .msg-body > details > summary'))  // our own, for a warning
    .map(one => ({tag: one.localName, classes: [...one.classList],
                  attributes: Object.fromEntries([...one.attributes].map(a => [a.name, a.value]))}))"""
_DANGERS = """() => {
    const found = [...document.querySelectorAll(
        'script, iframe, frame, object, embed, base, meta[http-equiv], img, video, audio, link[rel=stylesheet]')]
        .filter(one => one.localName !== 'link' || new URL(one.href).origin !== origin)
        .map(one => one.outerHTML);
    for (const one of document.querySelectorAll('*')) {
        const names = one.getAttributeNames();
        if (names.some(name => name.startsWith('on') || ['style', 'srcdoc'].includes(name))) found.push(one.outerHTML);
    }
    for (const form of document.forms) {  // `form.action` may be one of its own fields
        const where = new URL(form.getAttribute('action') || '', document.baseURI);
        if (where.origin !== origin) found.push(form.outerHTML);
    }
    return found; }"""


class Element(Struct, kw_only=True):
    """One element among the words of somebody."""

    tag: str
    classes: list[str]
    attributes: dict[str, str]


class Seen(Struct, kw_only=True):
    """What the browser noticed: `html` and `policy` by path, elements of words, and all that should not have been."""

    html: dict[str, str] = field(default_factory=dict)
    text: dict[str, str] = field(default_factory=dict)
    policies: dict[str, str] = field(default_factory=dict)
    words: list[Element] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    dangers: list[str] = field(default_factory=list)

    def nothing_happened(self) -> None:
        """Raises AssertionError for a request elsewhere, a dialog, a report, or markup that acts by itself."""
        assert self.html, "nobody looked"
        assert self.words, "no words of others were seen"
        assert self.elsewhere == []
        assert self.dialogs == []
        assert self.violations == []
        assert self.dangers == []


async def look(world: World, paths: list[str]) -> Seen:
    """Every one of these pages and the feed, with the eyes of alice, who has signed in."""
    reader = world.reader()
    await reader.signs_in("alice")
    seen = Seen()
    async with browser(reader, seen) as context:
        page = await context.new_page()
        for path in paths:
            await _visit(page, path, seen)
        await _read_feed(page, await reader.go("/search.atom"), seen)
    return seen


async def _visit(page: Page, path: str, seen: Seen) -> None:
    answer = await page.goto(BASE_URL + path, wait_until="networkidle")
    assert answer is not None
    assert answer.status == 200, path
    seen.policies[path] = await answer.header_value("content-security-policy") or ""
    seen.html[path] = await page.content()
    seen.text[path] = await page.locator("main").text_content() or ""
    seen.words += [Element(**one) for one in await page.evaluate(_WORDS)]
    seen.dangers += await page.evaluate(_DANGERS)
    assert page.url.startswith(BASE_URL), page.url


async def _read_feed(page: Page, answer: httpx.Response, seen: Seen) -> None:
    """As a reader of feeds shows it, who has no policy of ours: the words alone, in a page of nobody's."""
    contents = [entry.findtext(f"{ATOM}content", "") for entry in ElementTree.fromstring(answer.content)]
    await page.goto("about:blank")
    await page.set_content(
        "<main>" + "".join(f'<div class="prose">{content}</div>' for content in contents) + "</main>"
    )
    await page.wait_for_load_state("networkidle")
    seen.html["/search.atom"] = await page.content()
    seen.text["/search.atom"] = await page.locator("main").text_content() or ""
    seen.words += [Element(**one) for one in await page.evaluate(_WORDS)]
    seen.dangers += await page.evaluate(_DANGERS)


@asynccontextmanager
async def browser(reader: Reader, seen: Seen) -> AsyncIterator[BrowserContext]:
    """For one test. Whatever its pages do is noted in `seen`."""
    program = shutil.which("chromium")
    assert program, "Chromium is missing: apt-get install chromium"

    async def answer(route: Route) -> None:
        asked = route.request
        if not asked.url.startswith(f"{BASE_URL}/"):
            seen.elsewhere.append(asked.url)
            await route.abort()
            return
        got = await reader.http.request(asked.method, asked.url, headers={"Accept": asked.headers.get("accept", "*/*")})
        headers = {name: value for name, value in got.headers.items() if name not in _ABOUT_THE_WIRE}
        await route.fulfill(status=got.status_code, headers=headers, body=got.content)

    async def dismiss(dialog: Dialog) -> None:
        seen.dialogs.append(dialog.message)
        await dialog.dismiss()

    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=program, headless=True, args=FLAGS)
        context = await chromium.new_context(viewport=PHONE, locale="fr-FR")
        context.set_default_timeout(20_000)
        await context.add_init_script(_REPORTS)
        context.on("dialog", dismiss)
        context.on("console", lambda line: seen.violations.append(line.text) if "CSP" in line.text else None)
        await context.route("**/*", answer)
        try:
            yield context
        finally:
            await chromium.close()
