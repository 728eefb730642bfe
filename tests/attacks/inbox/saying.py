"""What strangers say in these attacks, as bytes ready to be signed."""

import json
from typing import Any

from tests.attacks.world import World
from tests.remote import Json, Person


def greeting(world: World, author: Person, **properties: Any) -> Json:
    """A Create of a public note that names alice: what would be kept if it were believed."""
    note = author.server.note(f"/n/{author.name}", author, **properties)
    return author.activity("Create", naming_alice(world, note))


def naming_alice(world: World, note: Json) -> Json:
    return {**note, "tag": [{"type": "Mention", "href": world.alice.uri, "name": "@alice@fedi.test"}]}


def as_bytes(activity: Json) -> bytes:
    return json.dumps(activity).encode()
