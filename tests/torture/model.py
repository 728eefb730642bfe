"""What others say to us in a shuffled storm, and how things must stand after it: the model that the server is held to.

A Create, a Like, a Follow, an Announce, and about each of them sometimes what changes it or takes it back soon after.
Each activity has a second of its own to be signed in, so that there is an order however they arrive.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.remote import PUBLIC
from tests.torture.peers import Person

Json = dict[str, Any]
WINDOW = 50
SHARES = {"Create": 30, "Like": 20, "Announce": 12, "Follow": 8}
"""Of what begins something; the rest are Updates, Deletes and Undos of these."""
CHANGED = 0.45
EDITED = "2026-01-02T00:00:00Z"
GAP = 12
"""At most so many activities later."""


@dataclass(frozen=True)
class Said:
    by: Person
    activity: Json


@dataclass
class Model:
    """How things stand when each activity had its effect once, in the order in which they were signed."""

    posts: dict[str, str] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    reactions: set[tuple[str, str, str]] = field(default_factory=set)
    undone: set[tuple[str, str, str]] = field(default_factory=set)
    follows: set[tuple[str, str]] = field(default_factory=set)
    unfollowed: set[tuple[str, str]] = field(default_factory=set)


class Storm:
    """`count` activities of `people` about `things` (objects) and `whom` (actors) of ours."""

    def __init__(
        self, people: Sequence[Person], things: Sequence[str], whom: Sequence[str], *, count: int, seed: int
    ) -> None:
        self._random = random.Random(seed)
        self._people, self._things = people, things
        self._pairs = {
            "Like": self._all_pairs(people, things),
            "Announce": self._all_pairs(people, things),
            "Follow": self._all_pairs(people, whom),
        }
        self.model = Model()
        self.said: list[Said] = []
        self._waiting: list[tuple[int, Said]] = []
        while len(self.said) < count:
            due = [said for at, said in self._waiting if at <= len(self.said)]
            self._waiting = [(at, said) for at, said in self._waiting if at > len(self.said)]
            for said in (*due, self._begin()):
                self.said.append(said)
        self.said = self.said[:count]
        for said in self.said:
            self._expect(said)

    def in_disorder(self, times: int) -> list[int]:
        """Positions in `said`, each so many times, none further than WINDOW from its place."""
        places = [number for number in range(len(self.said)) for _ in range(times)]
        order = sorted(range(len(places)), key=lambda place: place + self._random.uniform(0, WINDOW))
        return [places[place] for place in order]

    def _all_pairs(self, people: Sequence[Person], others: Sequence[str]) -> list[tuple[Person, str]]:
        pairs = [(person, other) for person in people for other in others]
        self._random.shuffle(pairs)
        return pairs

    def _begin(self) -> Said:
        kind = self._random.choices(list(SHARES), list(SHARES.values()))[0]
        if kind == "Create" or not self._pairs[kind]:
            by, about = self._random.choice(self._people), self._random.choice(self._things)
            kind = "Create"
        else:
            by, about = self._pairs[kind].pop()
        number = len(self.said)
        said = Said(by, {"id": f"{by.uri}/activities/{number}", "type": kind, "object": about})
        if kind == "Create":
            said.activity["object"] = self._note(by, number, about, "d'abord")
            said.activity["to"] = [PUBLIC]
        if self._random.random() < CHANGED:
            self._later(said)
        return said

    def _note(self, by: Person, number: int, about: str, words: str, *, updated: str = "") -> Json:
        note = {
            "id": f"{by.uri}/notes/{number}",
            "type": "Note",
            "attributedTo": by.uri,
            "to": [PUBLIC],
            "inReplyTo": about,
            "published": "2026-01-01T00:00:00Z",
            "content": f"<p>{number} {words}</p>",
        }
        return note | ({"updated": updated} if updated else {})

    def _later(self, said: Said) -> None:
        """What changes it, or takes it back."""
        place = len(self.said) + self._random.randint(1, GAP)
        activity, by = said.activity, said.by
        number = activity["id"].rpartition("/")[2]
        changed: Json
        if activity["type"] != "Create":
            inner = {name: activity[name] for name in ("id", "type", "object")} | {"actor": by.uri}
            changed = {"id": f"{by.uri}/undos/{number}", "type": "Undo", "object": inner}
        elif self._random.random() < 0.6:
            note = self._note(
                by, int(number), activity["object"]["inReplyTo"], "ensuite", updated="2026-01-02T00:00:00Z"
            )
            changed = {"id": f"{by.uri}/updates/{number}", "type": "Update", "object": note, "to": [PUBLIC]}
        else:
            gone = {"id": activity["object"]["id"], "type": "Tombstone"}
            changed = {"id": f"{by.uri}/deletes/{number}", "type": "Delete", "object": gone, "to": [PUBLIC]}
        self._waiting.append((place, Said(by, changed)))

    def _expect(self, said: Said) -> None:
        model, activity, about = self.model, said.activity, said.activity["object"]
        match activity["type"]:
            case "Create" | "Update":
                model.posts[about["id"]] = about["content"]
            case "Delete":
                del model.posts[about["id"]]
                model.deleted.add(about["id"])
            case "Like" | "Announce":
                model.reactions.add((activity["type"].lower(), said.by.uri, about))
            case "Follow":
                model.follows.add((said.by.uri, about))
            case "Undo" if about["type"] == "Follow":
                model.follows.remove((said.by.uri, about["object"]))
                model.unfollowed.add((said.by.uri, about["object"]))
            case "Undo":
                reaction = (about["type"].lower(), said.by.uri, about["object"])
                model.reactions.remove(reaction)
                model.undone.add(reaction)
