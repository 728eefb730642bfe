"""HTML from anywhere becomes HTML that our pages can show: an allow-list, applied when it is written down.

Source: SECURITY.md 0.17 (size check, allow-list, escape, CSP: this is the second of four layers); the tags are those
that Mastodon keeps. Pictures are attachments, never part of a text. Not for our own templates.
"""

from html import unescape

import nh3

from fedishare.foundation.values.errors import Malformed

LARGEST = 100_000
"""Characters; a longer text is refused before the parser sees it."""
MOST_TAGS = 5_000

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
    "a": {"mention", "hashtag", "u-url", "status-link"},
    "span": {"h-card", "invisible", "ellipsis", "mention", "hashtag"},
    "p": {"quote-inline"},
}
SCHEMES = {"http", "https", "mailto", "tel"}
REL = "nofollow noopener ugc"

_BREAKS = (("<br>", "\n"), ("</p>", "</p>\n\n"), ("</li>", "</li>\n"), ("</blockquote>", "</blockquote>\n"))


def sanitise(html: str) -> str:
    """`html` with nothing in it that can run, load or imitate. Doing it twice changes nothing.

    Raises Malformed when it is too long or has too many tags to be a text.
    """
    _check_size(html)
    return nh3.clean(
        _headings_as_paragraphs(html),
        tags=TAGS,
        attributes=ATTRIBUTES,
        allowed_classes=CLASSES,
        url_schemes=SCHEMES,
        link_rel=REL,
        strip_comments=True,
    )


def plain(html: str) -> str:
    """The words of `html` alone, paragraphs apart: for previews and feeds. Raises Malformed like sanitise."""
    _check_size(html)
    clean = nh3.clean(html, tags=TAGS, attributes={}, link_rel=None)
    for tag, gap in _BREAKS:
        clean = clean.replace(tag, gap)
    words = unescape(nh3.clean(clean, tags=set()))
    return "\n".join(line.strip() for line in words.strip().split("\n"))


def _check_size(html: str) -> None:
    if len(html) > LARGEST:
        raise Malformed(f"a text of {len(html)} characters")
    if html.count("<") > MOST_TAGS:
        raise Malformed(f"a text with {html.count('<')} tags")


def _headings_as_paragraphs(html: str) -> str:
    """A heading inside a text would break the order of titles of the page around it."""
    if "<h" not in html and "<H" not in html:
        return html
    for level in "123456":
        for letter in "hH":
            html = html.replace(f"<{letter}{level}>", "<p><strong>").replace(f"</{letter}{level}>", "</strong></p>")
    return html
