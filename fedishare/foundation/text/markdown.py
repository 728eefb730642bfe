"""Markdown as members write it, to HTML as everybody may read it.

CommonMark without raw HTML and without pictures, plus bare links and struck text; then `sanitise`, which has the last
word. Titles become bold paragraphs: the page around the text owns the order of titles.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML

from fedishare.foundation.text.sanitise import sanitise
from fedishare.foundation.values.errors import TooLarge

LONGEST = 20_000
"""Characters of source; forms ask for less."""


def render(source: str) -> str:
    """Safe HTML. Raises TooLarge for more than `LONGEST` characters."""
    if len(source) > LONGEST:
        raise TooLarge(f"Markdown of {len(source)} characters")
    return sanitise(_parser().render(source)).strip()


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True, "maxNesting": 20})
    parser.enable(["linkify", "strikethrough"])
    parser.disable(["image", "html_block", "html_inline"])
    parser.add_render_rule("heading_open", _bold_opens)
    parser.add_render_rule("heading_close", _bold_closes)
    return parser


def _bold_opens(_self: RendererHTML, _tokens: Sequence[Any], _index: int, _options: Any, _env: Any) -> str:
    return "<p><strong>"


def _bold_closes(_self: RendererHTML, _tokens: Sequence[Any], _index: int, _options: Any, _env: Any) -> str:
    return "</strong></p>\n"
