"""What a neighbouring server says: follows, likes, posts as Mastodon sends them, and proposals."""

# ruff: noqa: SIM905 (a sentence split into words reads better than a list of words)
from __future__ import annotations

import json
import random
import time
from dataclasses import dataclass

from origin import CONTEXT, Actor

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
MASTODON_CONTEXT = [
    CONTEXT[0],
    {
        "ostatus": "http://ostatus.org#",
        "atomUri": "ostatus:atomUri",
        "inReplyToAtomUri": "ostatus:inReplyToAtomUri",
        "conversation": "ostatus:conversation",
        "sensitive": "as:sensitive",
        "toot": "http://joinmastodon.org/ns#",
        "votersCount": "toot:votersCount",
        "Hashtag": "as:Hashtag",
    },
]
PROPOSAL_CONTEXT = [
    CONTEXT[0],
    {
        "sensitive": "as:sensitive",
        "Hashtag": "as:Hashtag",
        "om2": "http://www.ontology-of-units-of-measure.org/resource/om-2/",
        "vf": "https://w3id.org/valueflows/ont/vf#",
        "Intent": "vf:Intent",
        "Proposal": "vf:Proposal",
        "purpose": "vf:purpose",
        "publishes": "vf:publishes",
        "reciprocal": "vf:reciprocal",
        "unitBased": "vf:unitBased",
        "action": "vf:action",
        "resourceConformsTo": "vf:resourceConformsTo",
        "resourceQuantity": "vf:resourceQuantity",
        "hasUnit": "om2:hasUnit",
        "hasNumericalValue": "om2:hasNumericalValue",
    },
]
Json = dict[str, object]
NOW = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())  # servers may treat old posts otherwise
THINGS = ("perceuse", "vélo cargo", "échelle", "tente", "barnum", "appareil à raclette", "remorque", "ladder", "drill")
WORDS = (
    "bonjour je voudrais emprunter pour samedi prochain est-ce encore disponible merci beaucoup nous sommes à Lille "
    "près de la gare et nous pouvons passer le soir après dix-huit heures ou bien dimanche matin si cela vous arrange"
).split()


@dataclass(frozen=True, slots=True)
class Target:
    """What the activities are about."""

    inbox: str
    actor: str
    name: str
    things: tuple[str, ...]


def text(rng: random.Random, words: int) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(words))


def note(rng: random.Random, actor: Actor, number: str, target: Target, thing: str | None, public: bool) -> Json:
    """A Note as Mastodon sends it; `thing` is the post that it answers."""
    url = f"{actor.url}/statuses/{number}"
    mention = {"type": "Mention", "href": target.actor, "name": target.name}
    more = f"{url}/replies?only_other_accounts=true&page=true"
    page = {"type": "CollectionPage", "next": more, "partOf": f"{url}/replies", "items": []}
    return {
        "id": url,
        "type": "Note",
        "summary": None,
        "inReplyTo": thing,
        "published": NOW,
        "url": url,
        "attributedTo": actor.url,
        "to": [PUBLIC] if public else [target.actor],
        "cc": [f"{actor.url}/followers", target.actor] if public else [],
        "sensitive": False,
        "atomUri": url,
        "inReplyToAtomUri": thing,
        "conversation": f"tag:{actor.host},2026-11-20:objectId={number}:objectType=Conversation",
        "content": f'<p><a href="{target.actor}" class="u-url mention">{target.name.rpartition("@")[0]}</a> '
        f"{text(rng, rng.randint(20, 90))}</p>",
        "contentMap": {"fr": f"<p>{text(rng, 20)}</p>"},
        "attachment": [],
        "tag": [mention],
        "replies": {"id": f"{url}/replies", "type": "Collection", "first": page},
    }


def proposal(rng: random.Random, actor: Actor, number: str) -> Json:
    """A Note that also carries the FEP-0837 properties."""
    url, thing = f"{actor.url}/proposals/{number}", rng.choice(THINGS)
    quantity = {"hasUnit": "one", "hasNumericalValue": "1"}
    return {
        "id": url,
        "type": "Note",
        "published": NOW,
        "attributedTo": actor.url,
        "to": PUBLIC,
        "cc": [f"{actor.url}/followers"],
        "url": url,
        "content": f"<p><strong>Prête : {thing}</strong></p><p>{text(rng, rng.randint(20, 60))}</p>",
        "tag": [{"type": "Hashtag", "name": "#lille", "href": f"https://{actor.host}/tags/lille"}],
        "purpose": "offer",
        "location": {"type": "Place", "name": "Lille", "latitude": 50.63, "longitude": 3.06},
        "publishes": {
            "type": "Intent",
            "id": f"{url}#primary",
            "action": "transfer",
            "resourceConformsTo": "https://www.wikidata.org/wiki/Q170658",
            "resourceQuantity": quantity,
        },
        "reciprocal": {"type": "Intent", "id": f"{url}#reciprocal", "action": "transfer", "resourceQuantity": quantity},
        "unitBased": False,
    }


def activity(
    rng: random.Random, kind: str, actor: Actor, number: str, target: Target, turn: int = 0
) -> tuple[str, bytes]:
    """Id and body of one activity; `turn` picks the local post it is about."""
    thing = target.things[turn % len(target.things)]
    url = f"{actor.url}/activities/{number}"
    made: Json
    common_part = {"id": url, "actor": actor.url, "published": NOW}
    if kind == "follow":
        made = {"@context": CONTEXT[0], **common_part, "type": "Follow", "object": target.actor}
    elif kind == "like":
        made = {"@context": CONTEXT[0], **common_part, "type": "Like", "object": thing}
    else:
        item = (
            proposal(rng, actor, number)
            if kind == "proposal"
            else note(rng, actor, number, target, thing if kind in ("reply", "answer") else None, kind != "reply")
        )
        context = PROPOSAL_CONTEXT if kind == "proposal" else MASTODON_CONTEXT
        made = {"@context": context, **common_part, "type": "Create", "to": item["to"], "cc": item["cc"]}
        made["object"] = item
    return url, json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode()
