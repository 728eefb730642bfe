"""What people here read of what others wrote: its words, and in words whatever else it is. Pure.

A poll is shown as the text that it asks and the answers that it offers: nobody votes from here. What is quoted is a
plain link, whatever authorisation is shown with it: none is believed, so none can be forged (A099). Sources: INTEROP
A.9, FEP-044f "unauthorised quotes".
"""

from html import escape

from fedishare.federation.vocabulary.note import Note
from fedishare.foundation.text.sanitise import sanitise

KINDS = ("Note", "Question", "Article", "Page", "Event", "ChatMessage", "Audio", "Video", "Image")
"""What is kept as a post: what Mastodon shows, and the chats of Pleroma and Lemmy, which are letters to one person."""


def words(note: Note) -> str:
    """Sanitised HTML. Raises Malformed for what is too long, or has too many tags, to be a text."""
    return sanitise(f"{_title(note)}{note.content}{_options(note)}{_quote(note)}")


def _title(note: Note) -> str:
    """Of a Note, a name is none: GoToSocial and Misskey have other uses for it."""
    return f"<p><strong>{escape(note.name)}</strong></p>" if note.name and note.type != "Note" else ""


def _options(note: Note) -> str:
    offered = "".join(f"<li>{escape(name)}</li>" for name in note.options)
    return f"<ul>{offered}</ul>" if offered else ""


def _quote(note: Note) -> str:
    """Most servers write the link into the text for those who know no quotes."""
    if note.quote is None or "quote-inline" in note.content or escape(note.quote) in note.content:
        return ""
    shown = escape(note.quote)
    return f'<p class="quote-inline">RE: <a href="{shown}">{shown}</a></p>'
