"""In which language and theme a page answers (HOUSE, "Language")."""

import pytest

from fedishare.foundation.web.language import preferred_language
from tests.front_door import FrontDoor


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("fr", "fr"),
        ("en-GB,en;q=0.9", "en"),
        ("de,fr;q=0.5,en;q=0.7", "en"),
        ("de-DE,de;q=0.9", ""),
        ("fr-BE;q=0.4, EN;q=0.8", "en"),
        ("fr;q=0, en;q=0.1", "en"),
        ("*", ""),
        ("fr;q=much", ""),
        ("", ""),
    ],
)
def test_the_browser_says_which_of_our_languages_it_prefers(header: str, language: str) -> None:
    assert preferred_language(header) == language


async def test_who_prefers_none_of_ours_gets_the_instances(site: FrontDoor) -> None:
    answer = await site.reader(headers={"Accept-Language": "de"}).go("/about")

    assert '<html lang="fr"' in answer.text


async def test_a_choice_in_the_footer_outweighs_the_browser_and_lasts(site: FrontDoor) -> None:
    reader = site.reader()

    chosen = await reader.go("/about?lang=en")
    later = await reader.go("/")

    assert '<html lang="en"' in chosen.text
    assert '<html lang="en"' in later.text
    assert 'hreflang="fr"' in later.text


async def test_a_language_we_do_not_speak_changes_nothing(site: FrontDoor) -> None:
    reader = site.reader()

    answer = await reader.go("/about?lang=xx")

    assert '<html lang="fr"' in answer.text
    assert "set-cookie" not in answer.headers


async def test_two_readers_at_once_each_hear_their_own(site: FrontDoor) -> None:
    french, english = site.reader(), site.reader(headers={"Accept-Language": "en"})

    for _visit in range(3):
        assert "Aide" in (await french.go("/about")).text
        assert "Help" in (await english.go("/about")).text


async def test_links_of_the_footer_keep_the_rest_of_the_address(site: FrontDoor) -> None:
    answer = await site.reader().go("/search?purpose=offer&place=Lille")

    assert 'href="?purpose=offer&amp;place=Lille&amp;lang=en"' in answer.text


@pytest.mark.parametrize(
    ("theme", "linked", "follows_device"), [("auto", True, True), ("dark", True, False), ("light", False, False)]
)
async def test_a_theme_is_chosen_without_a_script(
    site: FrontDoor, theme: str, linked: bool, follows_device: bool
) -> None:
    reader = site.reader()
    await reader.go(f"/about?theme={theme}")

    answer = await reader.go("/about")

    assert ("/static/dark." in answer.text) is linked
    assert ('media="(prefers-color-scheme: dark)"><meta' in answer.text.replace("\n", "")) is follows_device


async def test_pages_differ_by_language_for_caches(site: FrontDoor) -> None:
    answer = await site.reader().go("/about")

    assert {"Accept-Language", "Cookie"} <= {name.strip() for name in answer.headers["vary"].split(",")}
