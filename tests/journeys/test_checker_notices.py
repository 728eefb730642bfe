"""The accessibility checker can fail: it finds a picture without words and a field without a label."""

import pytest

from tests.browser import axe, chromium, overflows, person

pytestmark = pytest.mark.real
GOOD = (
    '<!doctype html><html lang="fr"><title>Offres</title><main><h1>Offres</h1><p>Une perceuse.</p>{more}</main></html>'
)


def test_the_checker_finds_nothing_on_a_good_page() -> None:
    with chromium() as browser:
        page = person(browser).new_page()
        page.set_content(GOOD.format(more=""))

        assert axe(page) == []
        assert not overflows(page)


def test_the_checker_finds_a_picture_without_words_and_a_field_without_label() -> None:
    with chromium() as browser:
        page = person(browser).new_page()
        page.set_content(GOOD.format(more='<img src="data:," width="900" height="9"><input name="title">'))

        found = " ".join(axe(page))
        assert "image-alt" in found
        assert "label" in found
        assert overflows(page)
