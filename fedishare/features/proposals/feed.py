"""A list of proposals as an Atom feed (RFC 4287), for readers and websites."""

import re
from xml.etree.ElementTree import Element, SubElement, tostring

from fedishare.features.proposals.listing import Listing, Notice
from fedishare.foundation.text.translate import _
from fedishare.foundation.values.clock import Instant, rfc3339
from fedishare.foundation.values.here import Here

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

ATOM = "http://www.w3.org/2005/Atom"


def atom(found: Listing, *, site: str, here: Here, language: str) -> bytes:
    """The whole document. Its id stays the same whatever the page is called."""
    query = found.asked.query()
    feed = Element("feed", {"xmlns": ATOM, "xml:lang": language})
    _text(feed, "id", here.url(f"/search.atom{query}"))
    _text(feed, "title", _("Listings of %(site)s", site=site))
    newest = max((notice.card.updated_at for notice in found.notices), default=Instant(0))
    _text(feed, "updated", rfc3339(newest))
    SubElement(feed, "link", {"rel": "self", "type": "application/atom+xml", "href": here.url(f"/search.atom{query}")})
    SubElement(feed, "link", {"rel": "alternate", "type": "text/html", "href": here.url(f"/search{query}")})
    for notice in found.notices:
        _entry(feed, notice, here)
    document: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return document


def _entry(feed: Element, notice: Notice, here: Here) -> None:
    card = notice.card
    entry = SubElement(feed, "entry", {"xml:lang": card.language} if card.language else {})
    _text(entry, "id", card.uri)
    _text(entry, "title", _("%(kind)s: %(title)s", kind=notice.kind, title=card.title))
    _text(entry, "updated", rfc3339(card.updated_at))
    _text(entry, "published", rfc3339(card.published_at))
    author = SubElement(entry, "author")
    _text(author, "name", card.owner_name or card.owner_local_name)
    _text(author, "uri", card.owner_page)
    SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": here.url(card.path)})
    for term in (card.category, card.place_name):
        if term:
            SubElement(entry, "category", {"term": _legal(term)})
    content = SubElement(entry, "content", {"type": "html"})
    content.text = _legal(card.content)


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = _legal(text)


def _legal(text: str) -> str:
    """Without what XML 1.0 cannot carry, however it is written."""
    return _ILLEGAL.sub("", text)
