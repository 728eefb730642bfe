"""A proposal as the network sees it: a Note that every server shows, with FEP-0837's properties on the same object.

Source: WIRE.md "A proposal", INTEROP A.9, A.10; what each receiver breaks on is asserted in
`tests/features/proposals/test_shape.py`. Reading what others send is `reading.py`. Nothing is stored here.
"""

from html import escape
from typing import Any
from urllib.parse import quote

from fedishare.features.proposals import flohmarkt, words
from fedishare.features.proposals.model import Proposal, State
from fedishare.federation.actors.model import Actor
from fedishare.federation.policy import circles
from fedishare.federation.vocabulary.origins import origin
from fedishare.federation.vocabulary.reading import PUBLIC
from fedishare.foundation.text.translate import in_language
from fedishare.foundation.values.clock import rfc3339
from fedishare.foundation.values.grid import degrees
from fedishare.foundation.values.here import Here

FACTS_BEGIN = '<p class="fedishare-facts">'
"""Where the words end and what we add to them begins. Others drop the class; our own reader cuts here."""

Object = dict[str, Any]


def note(proposal: Proposal, owner: Actor, here: Here) -> Object:
    """The hybrid: `type` is a plain text and there is no `name`, or half the network refuses or mangles it."""
    content = _content(proposal, here)
    return {
        "id": proposal.uri,
        "type": "Note",
        "attributedTo": owner.uri,
        "url": proposal.page_url,
        **_times(proposal),
        **_audience(proposal, owner),
        "context": f"{proposal.uri}/context",
        "conversation": f"{proposal.uri}/context",
        "replies": f"{proposal.uri}/replies",
        "inReplyTo": None,
        "summary": None,
        "sensitive": False,
        "content": content,
        "contentMap": {proposal.language: content},
        "attachment": [],
        "tag": _hashtags(proposal, here),
        "interactionPolicy": {"canQuote": {"automaticApproval": [_may_quote(proposal, owner)], "manualApproval": []}},
        **flohmarkt.data(proposal),
        **_terms(proposal, here),
    }


def standalone(proposal: Proposal, owner: Actor, here: Here) -> Object:
    """The same for servers that read FEP-0837 alone; its intents are those of the Note, so answers meet."""
    return {
        "id": f"{proposal.uri}/proposal",
        "type": "Proposal",
        "attributedTo": owner.uri,
        "name": proposal.title,
        "content": proposal.content,
        "contentMap": {proposal.language: proposal.content},
        "url": proposal.page_url,
        **_times(proposal),
        **_audience(proposal, owner),
        "tag": _hashtags(proposal, here),
        **_terms(proposal, here),
    }


def update(said: Object) -> Object:
    """What a reader sees has changed; `updated` in the Note has grown."""
    return {
        "type": "Update",
        "actor": said["attributedTo"],
        "published": said.get("updated", said["published"]),
        "to": said["to"],
        "cc": said["cc"],
        "object": said,
    }


def delete(proposal: Proposal, owner: Actor) -> Object:
    return {
        "type": "Delete",
        "actor": owner.uri,
        **_audience(proposal, owner),
        "object": {"id": proposal.uri, "type": "Tombstone"},
    }


def for_listing_readers(said: Object) -> Object:
    """A Create or Delete for everybody as it goes to a few, who are told apart: it names nobody's followers."""
    return {**said, "to": [PUBLIC], "cc": []}


def announce(proposal: Proposal, owner: Actor, *, by: Actor) -> Object:
    """The association points at what one of its members published, by id, once (WIRE "Who speaks")."""
    return {
        "type": "Announce",
        "actor": by.uri,
        "published": rfc3339(proposal.published_at),
        "to": [PUBLIC],
        "cc": [by.followers or f"{by.uri}/followers", owner.uri],
        "object": proposal.uri,
    }


def hashtag(text: str) -> str:
    """`Vélo cargo` becomes `Vélocargo`: a hashtag is one word on every server; '' when nothing is left."""
    letters = "".join(letter for letter in text if letter.isalnum() or letter == "_")
    return "" if letters.isdigit() else letters


def _times(proposal: Proposal) -> Object:
    times = {"published": rfc3339(proposal.published_at)}
    if proposal.updated_at > proposal.published_at:
        times["updated"] = rfc3339(proposal.updated_at)
    return times


def partners_of(uri: str) -> str:
    """What something for the partners of a server is addressed to, whoever of that server says it."""
    return f"{origin(uri)}/partners"


def _audience(proposal: Proposal, owner: Actor) -> Object:
    if proposal.circle_id == circles.PARTNERS:
        return {"to": [partners_of(proposal.uri)], "cc": []}
    return {"to": [PUBLIC], "cc": [owner.followers or f"{owner.uri}/followers"]}


def _may_quote(proposal: Proposal, owner: Actor) -> str:
    return PUBLIC if proposal.circle_id == circles.PUBLIC else owner.uri


def _content(proposal: Proposal, here: Here) -> str:
    """In the author's language, whoever runs the worker."""
    with in_language(proposal.language):
        facts = words.facts(proposal, zone=here.time_zone)
    tags = " ".join(
        f'<a href="{escape(tag["href"])}" class="mention hashtag" rel="tag">#<span>{escape(tag["name"][1:])}</span></a>'
        for tag in _hashtags(proposal, here)
    )
    page = escape(proposal.page_url)
    return "".join(
        (
            f"<p><strong>{escape(proposal.title)}</strong></p>",
            proposal.content,
            FACTS_BEGIN + "<br>".join(escape(line) for line in facts) + "</p>",
            f"<p>{tags}</p>" if tags else "",
            f'<p><a href="{page}">{page}</a></p>',
        )
    )


def _hashtags(proposal: Proposal, here: Here) -> list[Object]:
    texts = {"category": proposal.category, "place": proposal.place_name}
    return [
        {"type": "Hashtag", "href": here.url(f"/search?{name}={quote(text)}"), "name": f"#{hashtag(text)}"}
        for name, text in texts.items()
        if hashtag(text)
    ]


def _terms(proposal: Proposal, here: Here) -> Object:
    """FEP-0837's properties, the same on both objects. What is not known is left out, `unitBased` never."""
    several = proposal.quantity != "1"
    terms: Object = {
        "purpose": proposal.purpose,
        "publishes": _primary(proposal, here, several=several),
        "unitBased": several,
    }
    if proposal.conditions:
        terms["reciprocal"] = _reciprocal(proposal)
    if proposal.place_name:
        terms["location"] = _place(proposal)
    if proposal.ends_at is not None:
        terms["hasEnd"] = rfc3339(proposal.ends_at)
    return terms


def _primary(proposal: Proposal, here: Here, *, several: bool) -> Object:
    """A lot is one unit at a time out of what is available; an identified thing is one (WIRE "Intent")."""
    intent: Object = {
        "type": "Intent",
        "id": f"{proposal.uri}#primary",
        "action": proposal.action,
        "resourceQuantity": {"hasUnit": proposal.unit, "hasNumericalValue": "1"},
    }
    if several:
        intent["availableQuantity"] = {"hasUnit": proposal.unit, "hasNumericalValue": proposal.quantity}
    if proposal.category:
        intent["resourceClassifiedAs"] = [here.url(f"/search?category={quote(proposal.category)}")]
    if proposal.state == State.CLOSED:
        intent["finished"] = True
    return intent


def _reciprocal(proposal: Proposal) -> Object:
    """What is hoped for in return, in words: no figure is made up for a free contribution."""
    return {
        "type": "Intent",
        "id": f"{proposal.uri}#reciprocal",
        "action": "transfer",
        "name": proposal.conditions,
        "resourceQuantity": {"hasUnit": "one", "hasNumericalValue": "1"},
    }


def _place(proposal: Proposal) -> Object:
    place: Object = {"type": "Place", "name": proposal.place_name}
    if proposal.latitude is not None and proposal.longitude is not None:
        place["latitude"] = degrees(proposal.latitude)
        place["longitude"] = degrees(proposal.longitude)
    return place
