"""A piece of writing, as every kind of server sends it: Note, and what is read like one (Page, Article, Question).

Nothing is sanitised here: `content` is HTML from elsewhere. Addresses inside (attachments, mentions) are data; nobody
has been asked whether they are true.
"""

from typing import Any

from msgspec import Struct

from fedishare.federation.vocabulary import limits, reading
from fedishare.federation.vocabulary.bounding import bounded
from fedishare.federation.vocabulary.origins import same_origin
from fedishare.federation.vocabulary.shapes import check_note
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.errors import Malformed

_QUOTES = ("quote", "quoteUrl", "quoteUri", "_misskey_quote")
_ACTIVITY_TYPES = ("application/activity+json", "application/ld+json")


class Attachment(Struct, frozen=True, kw_only=True):
    """A picture or file that a note shows, by its address."""

    type: str
    url: str
    media_type: str
    name: str


class Note(Struct, frozen=True, kw_only=True):
    """`content`, `summary` and `name` are as sent, cut at their limits. Mentions are ids of actors, hashtags have no #.

    `language` and `page_url` may be empty or None; `context` is a hint at best (flohmarkt gives every chat the same).
    `options` are the answers that a Question offers; `quote` is what it says it quotes, which nobody has confirmed.
    """

    uri: str
    type: str
    attributed_to: str
    content: str
    language: str
    summary: str
    sensitive: bool
    name: str
    in_reply_to: str | None
    to: tuple[str, ...]
    cc: tuple[str, ...]
    mentions: tuple[str, ...]
    hashtags: tuple[str, ...]
    attachments: tuple[Attachment, ...]
    page_url: str | None
    context: str | None
    options: tuple[str, ...]
    quote: str | None
    published: Instant | None
    updated: Instant | None
    raw: dict[str, Any]

    @property
    def addressed(self) -> tuple[str, ...]:
        """Everybody it is for, `to` first."""
        return tuple(dict.fromkeys(self.to + self.cc))

    @property
    def public(self) -> bool:
        """Whether everybody may see it, listed (`to`) or not (`cc`)."""
        return reading.PUBLIC in self.to or reading.PUBLIC in self.cc


def read_note(document: dict[str, Any], *, by: str | None = None) -> Note:
    """`by` is the actor who says it: of several authors, that one counts (PeerTube's list, INTEROP B.8.3).

    Raises Malformed without an id that has an origin, without an author, with an author of another origin, or with
    values of another kind than they must be.
    """
    uri = reading.url(reading.id_of(document))
    if uri is None:
        raise Malformed("an object has an id with an address")
    check_note(document)
    author = _author(document, by)
    if author is None or uri == author or not same_origin(uri, author):
        raise Malformed("an object has an author of its own server, and is not the author")
    tags = [tag for tag in reading.many(document.get("tag"))[: limits.TAGS] if isinstance(tag, dict)]
    return Note(
        uri=uri,
        type=reading.kind(document),
        attributed_to=author,
        content=_content(document),
        language=reading.language(document),
        summary=reading.text(document.get("summary"), cap=limits.WARNING),
        sensitive=reading.flag(document.get("sensitive")),
        name=reading.label(document.get("name")),
        in_reply_to=reading.first_id(document.get("inReplyTo")),
        to=reading.ids(document.get("to")),
        cc=reading.ids(document.get("cc")),
        mentions=_mentions(tags),
        hashtags=_hashtags(tags),
        attachments=_attachments(document),
        page_url=_page(document, uri),
        context=reading.first_id(document.get("context")) or reading.first_id(document.get("conversation")),
        options=_options(document),
        quote=_quote(document, tags),
        published=reading.moment(document.get("published")),
        updated=reading.moment(document.get("updated")),
        raw=bounded(document),
    )


def _author(document: dict[str, Any], by: str | None) -> str | None:
    authors = reading.ids(document.get("attributedTo"), cap=limits.ITEMS) or reading.ids(document.get("actor"))
    return by if by in authors else next(iter(authors), None)


def _content(document: dict[str, Any]) -> str:
    content = reading.text(document.get("content"))
    by_language = document.get("contentMap")
    if content or not isinstance(by_language, dict):
        return content
    return reading.text(next(iter(by_language.values()), None))


def _mentions(tags: list[dict[str, Any]]) -> tuple[str, ...]:
    """By `href` alone: flohmarkt sends names that are not those of anybody (INTEROP D.27)."""
    found = (reading.url(tag.get("href")) for tag in tags if reading.kind(tag) == "Mention")
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _hashtags(tags: list[dict[str, Any]]) -> tuple[str, ...]:
    found = (reading.label(tag.get("name"), cap=limits.TAG) for tag in tags if reading.kind(tag) == "Hashtag")
    return tuple(dict.fromkeys(one for one in (name.lstrip("#") for name in found) if one))


def _attachments(document: dict[str, Any]) -> tuple[Attachment, ...]:
    found = (_attachment(item) for item in reading.many(document.get("attachment"))[: limits.ATTACHMENTS])
    return tuple(item for item in found if item is not None)


def _attachment(item: object) -> Attachment | None:
    if not isinstance(item, dict):
        return None
    address = reading.link(item.get("url")) or reading.url(item.get("href"))
    if address is None:
        return None
    return Attachment(
        type=reading.kind(item),
        url=address,
        media_type=reading.label(item.get("mediaType"), cap=limits.TAG),
        name=reading.text(item.get("name"), cap=limits.ALT_TEXT),
    )


def _options(document: dict[str, Any]) -> tuple[str, ...]:
    """What a poll offers, of which one (`oneOf`) or several (`anyOf`) may be chosen."""
    offered = reading.many(document.get("oneOf")) or reading.many(document.get("anyOf"))
    found = (reading.label(item.get("name")) for item in offered[: limits.OPTIONS] if isinstance(item, dict))
    return tuple(name for name in found if name)


def _quote(document: dict[str, Any], tags: list[dict[str, Any]]) -> str | None:
    """By any of the names in use (FEP-044f, Misskey, Fedibird), or as a link among the tags (FEP-e232)."""
    named = (reading.url(reading.first_id(document.get(name))) for name in _QUOTES)
    linked = (reading.url(tag.get("href")) for tag in tags if _is_object_link(tag))
    return next((uri for uri in (*named, *linked) if uri is not None), None)


def _is_object_link(tag: dict[str, Any]) -> bool:
    return reading.kind(tag) == "Link" and reading.label(tag.get("mediaType")).startswith(_ACTIVITY_TYPES)


def _page(document: dict[str, Any], uri: str) -> str | None:
    """Only a page of the same server: Mastodon's rule against a link that says one thing and goes elsewhere."""
    page = reading.link(document.get("url"))
    return page if page is not None and same_origin(page, uri) else None
