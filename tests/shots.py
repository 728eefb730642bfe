"""`make shots`: a picture of every page, both languages, phone and desk, light and dark, each one seen by axe.

Starts a seeded instance of its own and writes into `tests/shots/` (kept out of git): `home.fr.390.light.png`. To be
looked at by people; it fails only on what axe finds, on a page wider than its screen, and on one that is too heavy.
"""

import gzip
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Page

from tests.browser import DESK, PHONE, axe, chromium, overflows, person
from tests.servers import PASSWORD, Server

FOLDER = Path(__file__).parent / "shots"
LISTINGS = Path(__file__).parent / "shots_listings.csv"


class Look(NamedTuple):
    """One way of looking at a page."""

    language: str
    width: int
    scheme: str


LOOKS = [
    Look(language, width, scheme) for language in ("fr", "en") for width in (390, 1280) for scheme in ("light", "dark")
]
REPORT_IT = re.compile("Signaler|Report")
LIMITS = {"page": 12_000, "style": 12_000, "icons": 6_000}
"""Bytes, compressed (SCREENS, "Weight")."""


def main() -> int:
    """All shots; what is wrong, a line each."""
    FOLDER.mkdir(exist_ok=True)
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        with Server(Path(folder) / "empty", settings={"FEDISHARE_MODE": "closed"}) as unborn:
            wrong += photograph(browser, unborn, before_it_is_open(unborn))
        with seeded(Path(folder) / "town") as town:
            answer_and_report_something(browser, town)
            wrong += photograph(browser, town, for_strangers(town))
            wrong += too_heavy(browser, town)
            wrong += photograph(browser, town, for_members(town), name="nadia")
    sys.stdout.write("\n".join(wrong) + "\n" if wrong else f"All is in {FOLDER}, and axe found nothing.\n")
    return 1 if wrong else 0


Visit = Callable[[Page], None]


def before_it_is_open(server: Server) -> dict[str, Visit]:
    assert server.process is not None
    link = next(word for word in server.process.text().split() if "/first-run?token=" in word)
    return {"not-open": to(server, "/"), "first-run": to(server, link.removeprefix(server.base_url))}


def for_strangers(town: Server) -> dict[str, Visit]:
    offer, need = page_of(town, "Vélo cargo"), page_of(town, "Une échelle")
    return {
        "home": to(town, "/"),
        "search": to(town, "/search"),
        "search-needs": to(town, "/search?purpose=request"),
        "search-empty": to(town, "/search?category=parapluie"),
        "offer": to(town, offer),
        "need": to(town, need),
        "profile": to(town, "/@association"),
        "about": to(town, "/about"),
        "sign-in": to(town, "/sign-in"),
        "sign-in-refused": refused_sign_in(town),
        "not-found": to(town, "/no-such-page"),
    }


def for_members(town: Server) -> dict[str, Visit]:
    return {
        "home-member": to(town, "/"),
        "new": to(town, "/new"),
        "new-refused": refused_listing(town),
        "offer-steward": to(town, page_of(town, "Vélo cargo")),
        "listings": to(town, "/settings/listings"),
        "followers": to(town, "/settings/followers"),
        "account": to(town, "/settings/account"),
        "notifications": to(town, "/notifications"),
        "messages": to(town, "/messages"),
        "report": to(town, f"/report?about={number_of(town, 'Vélo cargo')}"),
        "reports": to(town, "/admin/reports"),
        "partners": to(town, "/admin/partners"),
        "queue": to(town, "/admin/queue"),
    }


def photograph(browser: Browser, server: Server, visits: dict[str, Visit], *, name: str = "") -> list[str]:
    wrong: list[str] = []
    for look in LOOKS:
        context = person(
            browser,
            viewport=PHONE if look.width == PHONE["width"] else DESK,
            language={"fr": "fr-FR", "en": "en-GB"}[look.language],
            color_scheme=look.scheme,
        )
        page = context.new_page()
        if name:
            sign_in(server, page, name)
        for title, visit in visits.items():
            visit(page)
            wrong += [f"{title} {look}: {fault}" for fault in faults(page)]
            page.screenshot(path=FOLDER / f"{title}.{look.language}.{look.width}.{look.scheme}.png", full_page=True)
        context.close()
    return wrong


def faults(page: Page) -> list[str]:
    return axe(page) + ["wider than the screen"] * overflows(page)


def too_heavy(browser: Browser, server: Server) -> list[str]:
    """The budgets of the design (SCREENS, "Weight"), compressed."""
    context = person(browser)
    page = context.new_page()
    page.goto(server.base_url)
    styles = page.eval_on_selector_all('link[rel="stylesheet"]', "links => links.map(link => link.href)")
    icons = page.eval_on_selector("use", "use => use.href.baseVal.split('#')[0]")
    sizes = {
        "page": len(gzip.compress(page.content().encode())),
        "style": sum(len(gzip.compress(context.request.get(address).body())) for address in styles),
        "icons": len(gzip.compress(context.request.get(server.base_url + icons).body())),
    }
    context.close()
    sys.stdout.write(f"home, compressed: {sizes}\n")
    return [f"{kind}: {size} bytes, at most {LIMITS[kind]}" for kind, size in sizes.items() if size > LIMITS[kind]]


def seeded(folder: Path) -> Server:
    """La Remise, with offers, needs, and two people."""
    town = Server(folder, settings={"FEDISHARE_MODE": "closed"})
    town.cli(
        *("init", "--base-url", town.base_url, "--name", "La Remise", "--handle", "association", "--place", "Lille"),
        *("--admin", "nadia", "--email", "nadia@example.org", "--password-stdin", "--no-input"),
        typed=PASSWORD + "\n",
    )
    town.cli("proposal", "import", str(LISTINGS), "--as", "association")
    amel = ("--email", "amel@example.org", "--display-name", "Amel B.", "--password-stdin", "--no-input")
    town.cli("user", "create", "amel", *amel, typed=PASSWORD + "\n")
    return town


def page_of(town: Server, title: str) -> str:
    """The page of a listing, on the site."""
    row = next(row for row in town.rows("proposal", "list") if row["title"].startswith(title))
    return f"/@association/{str(row['id']).rsplit('/', 1)[1]}"


def number_of(town: Server, title: str) -> str:
    return page_of(town, title).rsplit("/", 1)[1]


def to(server: Server, path: str) -> Visit:
    def visit(page: Page) -> None:
        page.goto(server.base_url + path)

    return visit


def sign_in(town: Server, page: Page, name: str) -> None:
    page.goto(f"{town.base_url}/sign-in")
    page.locator('main [name="login"]').fill(name)
    page.locator('main [name="password"]').fill(PASSWORD)
    page.get_by_role("main").get_by_role("button").first.click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


def refused_sign_in(town: Server) -> Visit:
    def visit(page: Page) -> None:
        page.goto(f"{town.base_url}/sign-in")
        page.get_by_role("main").get_by_role("button").first.click()
        page.wait_for_selector('[role="alert"]')

    return visit


def refused_listing(town: Server) -> Visit:
    def visit(page: Page) -> None:
        page.goto(f"{town.base_url}/new")
        page.locator("main form button.btn-main").first.click()
        page.wait_for_selector('[role="alert"]')

    return visit


def answer_and_report_something(browser: Browser, town: Server) -> None:
    """So that a question waits for the steward, and a report for the administrators."""
    context = person(browser)
    page = context.new_page()
    sign_in(town, page, "amel")
    page.goto(town.base_url + page_of(town, "Vélo cargo"))
    page.locator("main form textarea").first.fill("La caisse accepte-t-elle un siège bébé ?")
    page.locator("main form").filter(has=page.locator("textarea")).get_by_role("button").first.click()
    page.wait_for_load_state()
    page.get_by_role("link", name=REPORT_IT).click()
    page.locator("main form textarea").fill("Ce vélo n’existe plus : il a été volé au printemps.")
    page.get_by_role("main").get_by_role("button").first.click()
    page.wait_for_load_state()
    context.close()


if __name__ == "__main__":
    sys.exit(main())
