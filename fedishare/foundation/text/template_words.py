"""Find words for people that a template says without gettext. Used by the catalogues' check alone."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

SPOKEN = {"aria-label", "alt", "title", "placeholder", "content"}
"""Attributes whose value somebody hears or reads."""
JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
WORD = re.compile(r"[^\W\d_]{2,}")
NAMES = {"Fedishare", "English", "Français", "Mastodon", "Atom"}
META = re.compile(r"width=device-width|noindex|#[0-9a-f]{6}")


def words_outside_gettext(template: str) -> list[str]:
    """The texts and spoken attributes that hold a word of their own."""
    reader = _Reader()
    reader.feed(JINJA.sub(" ", template))
    return [words for words in reader.found if set(WORD.findall(words)) - NAMES]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.extend(_spoken(attrs))

    def handle_data(self, data: str) -> None:
        if WORD.search(data) and '="' not in data:  # a macro that writes attributes alone
            self.found.append(" ".join(data.split()))


def _spoken(attrs: list[tuple[str, str | None]]) -> Iterator[str]:
    for name, value in attrs:
        if name in SPOKEN and value and WORD.search(value) and not META.match(value):
            yield value
