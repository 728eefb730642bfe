"""Posts as the network sees them: Notes that answer something or somebody.

Source: WIRE.md, INTEROP A.9, A.10. A public reply is unlisted elsewhere: it is for the thread, not for the timelines of
a whole town. Reading is `vocabulary.note`; who a Note is for is read here.
"""

from collections.abc import Sequence
from typing import Any

from fedishare.features.conversations.model import Audience, Post
from fedishare.federation.actors.model import Actor
from fedishare.federation.vocabulary.note import Note
from fedishare.federation.vocabulary.reading import PUBLIC
from fedishare.foundation.values.clock import rfc3339

Object = dict[str, Any]


def audience(note: Note, author: Actor) -> Audience:
    """What its addressing means; with neither everybody nor followers in it, it is direct."""
    if note.public:
        return Audience.PUBLIC
    if author.followers is not None and author.followers in note.addressed:
        return Audience.FOLLOWERS
    return Audience.DIRECT


def reply_note(post: Post, author: Actor, *, to: Sequence[Actor], context: str | None) -> Object:
    """For those it answers, readable by everybody: Public stands in `cc`."""
    return _note(
        post,
        author,
        to=[actor.uri for actor in to],
        cc=[PUBLIC, author.followers or f"{author.uri}/followers"],
        mentioned=to,
        context=context,
        may_quote=PUBLIC,
    )


def public_note(post: Post, author: Actor) -> Object:
    """To all who follow."""
    followers = author.followers or f"{author.uri}/followers"
    return _note(post, author, to=[PUBLIC], cc=[followers], mentioned=(), context=None, may_quote=PUBLIC)


def direct_note(post: Post, author: Actor, *, to: Sequence[Actor]) -> Object:
    """For these and nobody else."""
    readers = [actor.uri for actor in to]
    return _note(post, author, to=readers, cc=[], mentioned=to, context=None, may_quote=author.uri)


def create(said: Object) -> Object:
    """The activity has the audience of what is said: GoToSocial, Lemmy and Akkoma compare them."""
    return {
        "type": "Create",
        "actor": said["attributedTo"],
        "published": said["published"],
        "to": said["to"],
        "cc": said["cc"],
        "object": said,
    }


def delete(said: Object) -> Object:
    """To whoever may have it: Public in `to`, as Mastodon does it, unless it was direct."""
    return {
        "type": "Delete",
        "actor": said["attributedTo"],
        "to": said["to"],
        "cc": said["cc"],
        "object": {"id": said["id"], "type": "Tombstone"},
    }


def _note(
    post: Post,
    author: Actor,
    *,
    to: list[str],
    cc: list[str],
    mentioned: Sequence[Actor],
    context: str | None,
    may_quote: str,
) -> Object:
    said: Object = {
        "id": post.uri,
        "type": "Note",
        "attributedTo": author.uri,
        "url": post.page_url,
        "published": rfc3339(post.published_at),
        "to": to,
        "cc": cc,
        "inReplyTo": post.in_reply_to,
        "summary": None,
        "sensitive": False,
        "content": post.content,
        "contentMap": {post.language: post.content},
        "attachment": [],
        "tag": [{"type": "Mention", "href": actor.uri, "name": f"@{actor.handle}"} for actor in mentioned],
        "interactionPolicy": {"canQuote": {"automaticApproval": [may_quote], "manualApproval": []}},
    }
    if context is not None:
        said |= {"context": context, "conversation": context}
    return said
