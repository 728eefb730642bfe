"""Files under names that never change their content, and the sprite that all icons come from."""

import gzip
import re

from fedishare.foundation.web.static import FOLDER, STYLE_PARTS, static_files
from fedishare.foundation.web.templates import PACKAGE
from tests.front_door import FrontDoor

DRAWN = re.compile(r'id="i-([a-z0-9-]+)"')
ASKED = re.compile(r'(?:icon\(\s*"|drawing="|icon="|drawing=\()([a-z0-9-]+)"')


async def test_a_file_is_kept_for_a_year_under_a_name_that_holds_its_hash(site: FrontDoor) -> None:
    address = static_files().address("style.css")

    answer = await site.reader().go(address)

    assert re.fullmatch(r"/static/style\.[0-9a-f]{12}\.css", address)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["content-encoding"] == "gzip"
    assert all((FOLDER / part).read_text()[:200] in answer.text or part == "tokens.css" for part in STYLE_PARTS)


async def test_who_cannot_unpack_gets_it_as_it_is(site: FrontDoor) -> None:
    address = static_files().address("icons.svg")

    plain = await site.reader().go(address, **{"Accept-Encoding": "identity"})

    assert "content-encoding" not in plain.headers
    assert plain.text.startswith("<svg")
    assert plain.headers["vary"] == "Accept-Encoding"


async def test_another_name_or_another_folder_is_not_there(site: FrontDoor) -> None:
    reader = site.reader()

    for path in ("/static/style.css", "/static/..%2fstatic.py", "/static/style.000000000000.css", "/static/"):
        assert (await reader.go(path)).status_code == 404, path


async def test_the_font_is_found_by_the_name_in_the_style(site: FrontDoor) -> None:
    style = (await site.reader().go(static_files().address("style.css"))).text

    name = re.search(r'url\("(bricolage[^"]+)"\)', style)

    assert name is not None
    assert (await site.reader().go(f"/static/{name[1]}")).headers["content-type"] == "font/woff2"


def test_every_icon_that_a_page_asks_for_is_drawn() -> None:
    drawn = set(DRAWN.findall((FOLDER / "icons.svg").read_text()))
    texts = [path.read_text() for path in (*PACKAGE.glob("*/*/pages/*.html"), *PACKAGE.glob("*/*/feature.py"))]

    asked = {name for text in texts for name in ASKED.findall(text)}

    assert {"search", "plus", "bell"} <= asked
    assert asked <= drawn


def test_style_font_and_icons_stay_within_their_budgets() -> None:
    """SCREENS "Weight": 12 kB of style, 22 of font, 6 of icons, compressed."""
    style = b"".join((FOLDER / part).read_bytes() for part in (*STYLE_PARTS, "dark.css"))

    assert len(gzip.compress(style)) <= 12_000
    assert (FOLDER / "bricolage-700.woff2").stat().st_size <= 22_528
    assert len(gzip.compress((FOLDER / "icons.svg").read_bytes())) <= 6_000
