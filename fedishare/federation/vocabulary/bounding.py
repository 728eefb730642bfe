"""What is worth keeping of a document from elsewhere: all of it, each list and text no longer than anybody reads it.

Source: SECURITY 0.9; attacks A060, A062, A063. A document of a megabyte that says nothing but hashtags would lie on the
disk for years. Nothing that was signed is checked against what is kept.
"""

from typing import Any

from fedishare.federation.vocabulary import limits

_LISTS = {"tag": limits.TAGS, "attachment": limits.ATTACHMENTS}
_TEXTS = {
    "content": limits.CONTENT,
    "contentMap": limits.CONTENT,
    "summary": limits.SUMMARY,
    "summaryMap": limits.SUMMARY,
    "tag": limits.URI,
}


def bounded(document: dict[str, Any], *, text: int = limits.ALT_TEXT) -> dict[str, Any]:
    """The same document; what is longer than it may be ends there. What stands inside has the bounds of its parent."""
    kept = list(document.items())[: limits.ITEMS]
    cut = {
        name: _cut(value, items=_LISTS.get(name, limits.RECIPIENTS), text=_TEXTS.get(name, text))
        for name, value in kept
        if len(name) <= limits.URI
    }
    return {name: _with_short_names(value) if name == "tag" else value for name, value in cut.items()}


def _with_short_names(tags: Any) -> Any:
    if isinstance(tags, list):
        return [_with_short_names(tag) for tag in tags]
    if isinstance(tags, dict) and isinstance(tags.get("name"), str):
        return {**tags, "name": tags["name"][: limits.TAG]}
    return tags


def _cut(value: Any, *, items: int, text: int) -> Any:
    if isinstance(value, str):
        return value[:text]
    if isinstance(value, list):
        return [_cut(item, items=items, text=text) for item in value[:items]]
    return bounded(value, text=text) if isinstance(value, dict) else value
