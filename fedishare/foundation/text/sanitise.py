"""HTML from anywhere becomes HTML that our pages can show: an allow-list, applied when it is written down.

Source: SECURITY.md 0.17 (size check, allow-list, escape, CSP: this is the second of four layers); the tags are those
that Mastodon keeps, the classes those of attack A169. Pictures are attachments, never part of a text; where links may
lead is `links.py`. Not for our own templates.
"""

import re
from html import escape, unescape

import nh3

from fedishare.foundation.text.links import SCHEMES, allowed, honest

LARGEST = 100_000
"""Characters; a longer text is cut, and its words alone are kept."""
MOST_TAGS = 2_000
MOST_MARKS = 5_000
"""Signs that are written as references: each costs a parser a thousand times what a letter does."""
MOST_REPEATED = 5_000
"""Tags, times those of them that a parser opens again in each paragraph: eight thousand letters can become millions."""

TAGS = {
    *("p", "br", "span", "a", "em", "strong", "b", "i", "u", "del", "s", "code", "pre", "blockquote"),
    *("ul", "ol", "li", "sub", "sup"),
}
ATTRIBUTES = {
    "a": {"href", "translate"},
    "span": {"translate"},
    "ol": {"start", "reversed"},
    "li": {"value"},
    "*": {"lang"},
}
CLASSES = {
    "a": {"mention", "hashtag", "u-url"},
    "span": {"h-card", "invisible", "ellipsis", "mention", "hashtag"},
    "p": {"quote-inline"},
}
REL = "nofollow noopener ugc"

# The parser drops a line's end right behind <pre>: what is written there would be less each time it is read.
_PRE = re.compile(r'(<pre(?: [a-z]+="[^"]*")*>)\n+')
_FORMATTING = re.compile(r"(b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(>|(?![a-z0-9-]))", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_BREAKS = (("<br>", "\n"), ("</p>", "</p>\n\n"), ("</li>", "</li>\n"), ("</blockquote>", "</blockquote>\n"))


def sanitise(html: str) -> str:
    """`html` with nothing in it that can run, load or imitate. Doing it twice changes nothing.

    What is too long, or has too many tags, to be a text is stripped to its words (A066).
    """
    if _is_too_much(html):
        return _words(html)
    clean, again = "", _cleaned(_headings_as_paragraphs(html))
    # A browser reads what was written, not what was meant: <p> in <p> is two, whatever once stood between them.
    while again != clean:
        clean, again = again, _cleaned(again)
    shown = honest(clean)
    return _words(shown) if _is_too_much(shown) else shown


def plain(html: str) -> str:
    """The words of `html` alone, paragraphs apart: for previews and feeds."""
    if _is_too_much(html):
        return _bare(html)
    clean = nh3.clean(html, tags=TAGS, attributes={}, link_rel=None)
    for tag, gap in _BREAKS:
        clean = clean.replace(tag, gap)
    words = unescape(nh3.clean(clean, tags=set()))
    return "\n".join(line.strip() for line in words.strip().split("\n"))


def _only_whole_addresses(tag: str, attribute: str, value: str) -> str | None:
    if attribute != "href":
        return value
    return value.strip() if allowed(value.strip()) else None


def _cleaned(html: str) -> str:
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_only_whole_addresses,
        allowed_classes=CLASSES,
        url_schemes=SCHEMES,
        link_rel=REL,
        strip_comments=True,
    )
    return _PRE.sub(r"\1", clean)


def _is_too_much(html: str) -> bool:
    """Whether a parser would take long over it, or make much of it."""
    if len(html) > LARGEST or html.count("&") > MOST_MARKS:
        return True
    pieces = [piece for piece in html.split("<")[1:] if not piece.startswith("/")]
    if len(pieces) > MOST_TAGS:
        return True
    formats = [found for piece in pieces if (found := _FORMATTING.match(piece))]
    plain_ones = {found[1].lower() for found in formats if found[2]}
    dressed = sum(1 for found in formats if not found[2])
    return len(pieces) * (len(plain_ones) + dressed) > MOST_REPEATED


def _words(html: str) -> str:
    return _cleaned(escape(_bare(html), quote=False))


def _bare(html: str) -> str:
    words = unescape(_TAG.sub(" ", html[:LARGEST]))[:LARGEST]
    if sum(words.count(mark) for mark in "&<>") > MOST_MARKS:
        words = words.replace("&", " ").replace("<", " ").replace(">", " ")
    return " ".join(words.split())


def _headings_as_paragraphs(html: str) -> str:
    """A heading inside a text would break the order of titles of the page around it."""
    if "<h" not in html and "<H" not in html:
        return html
    for level in "123456":
        for letter in "hH":
            html = html.replace(f"<{letter}{level}>", "<p><strong>").replace(f"</{letter}{level}>", "</strong></p>")
    return html
