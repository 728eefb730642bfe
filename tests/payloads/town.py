"""An instance as `app.py` builds it, and the servers of the payloads around it, each with a key that really signs.

The association is `werkstatt` on share.example, since that is whom the payloads speak to; it has one offer and one
admin. What the payloads call by invented ids (our offer, our Follow) is called here by what it really is.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from fedishare import app
from fedishare.features.people.operations import NewAssociation, NewPerson, init
from fedishare.features.proposals import operations as proposals
from fedishare.features.proposals.model import Action, Draft, Proposal, Purpose
from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.following import operations as following
from fedishare.federation.inbox import store as inbox
from fedishare.federation.inbox.handling import joined
from fedishare.foundation.config.settings import Settings
from fedishare.foundation.jobs.runner import Runner
from tests import tables
from tests.clock import StoppedClock
from tests.house import apply_what_came, deliver_what_waits, keys_of
from tests.remote import Json, Network, Person, Reply, post

FOLDER = Path(__file__).parent
BASE_URL = "https://share.example"
WERKSTATT = f"{BASE_URL}/users/werkstatt"
OUR_OBJECT = f"{BASE_URL}/objects/01KHQ7Z6M4D3V9Q8R2T5Y1W0XC"
OUR_FOLLOW = f"{BASE_URL}/activities/01KHQ80A5N3T7E2S9K4B6C8D1F"
INDEX: dict[str, dict[str, str]] = json.loads((FOLDER / "_index.json").read_text())["files"]

_ACTORS = {
    "https://mastodon.example/users/alice": ("mastodon/update_person.json", "object"),
    "https://mastodon.example/actor": ("mastodon/instance_actor.json", None),
    "https://gts.example/users/greta": ("gotosocial/actor_person.json", None),
    "https://misskey.example/users/9xk2m7aa01": ("misskey/actor_person.json", None),
    "https://akkoma.example/users/paul": ("pleroma/actor_person.json", None),
    "https://lemmy.example/u/lena": ("lemmy/actor_person.json", None),
    "https://lemmy.example/c/tauschring": ("lemmy/actor_group.json", None),
    "https://mobilizon.example/@repaircafe": ("mobilizon/update_group.json", "object"),
    "https://mitra.example/users/mia": ("mitra/actor_person.json", None),
    "https://flohmarkt.example/users/fred": ("flohmarkt/actor_person.json", None),
}
"""Whose document is among the payloads, and where in the file; the others get a plain one."""
_APART = frozenset({"activity_in", "applied"})
"""What taking an activity writes in any case."""


def load(file: str) -> Json:
    return dict(json.loads((FOLDER / file).read_text()))


class Town:
    """One instance and its world. What waits is done by `work`, and only then."""

    def __init__(self, instance: app.Instance, network: Network, clock: StoppedClock) -> None:
        self.instance = instance
        self.network = network
        self.clock = clock
        self.db = instance.db
        self.here = instance.here
        self.handlers = joined(feature.handlers for feature in app.FEATURES)
        self.people: dict[str, Person] = {}
        self.werkstatt: Actor
        self.offer: Proposal
        self.our_follow = OUR_FOLLOW

    def person(self, uri: str) -> Person:
        """Whoever the payloads call by this id, on a server that serves their document."""
        if uri not in self.people:
            self.people[uri] = self._settle(uri)
        return self.people[uri]

    def _settle(self, uri: str) -> Person:
        file, part = _ACTORS.get(uri, (None, None))
        document = load(file) if file else _plain(uri)
        if part:
            document = {"@context": load(file or "")["@context"], **document[part]}
        key = document.get("publicKey", {}).get("id")
        server = self.network.server(urlsplit(uri).netloc)
        person = server.person(urlsplit(uri).path.rpartition("/")[2], document=document, key_id=key)
        if key and "#" not in key:
            stub = load("gotosocial/main_key_stub_actor.json")
            server.serve(urlsplit(key).path, {**stub, "publicKey": person.document["publicKey"]})
        return person

    def text(self, file: str) -> str:
        """A payload, about what really exists here, and with the key that its actor really has."""
        text = (FOLDER / file).read_text().replace(OUR_OBJECT, self.offer.uri).replace(OUR_FOLLOW, self.our_follow)
        text = text.replace(f'"{BASE_URL}/actor"', f'"{BASE_URL}/users/instance"')
        payload = json.loads(text)
        about = payload.get("object")
        if isinstance(about, dict) and "publicKey" in about:
            about["publicKey"] = self.person(about["id"]).document["publicKey"]
            return json.dumps(payload)
        return text

    def payload(self, file: str) -> Json:
        return dict(json.loads(self.text(file)))

    async def receives(self, what: str | Json, *, to: str = "/inbox", kind: str = "application/activity+json") -> None:
        """A payload (or an activity) arrives, signed by its actor, is taken, and everything that follows is done."""
        answer = await self.post(what, to=to, kind=kind)
        assert answer.status_code == 202, answer.text
        await self.work()

    async def post(
        self, what: str | Json, *, to: str = "/inbox", kind: str = "application/activity+json"
    ) -> httpx.Response:
        body = (self.text(what) if isinstance(what, str) else json.dumps(what)).encode()
        actor = json.loads(body)["actor"]
        signer = self.person(actor if isinstance(actor, str) else actor["id"])
        headers = signer.signed(BASE_URL + to, body, now=self.clock.now())
        return await post(self.instance.asgi, BASE_URL + to, body, {**headers, "Content-Type": kind})

    async def work(self) -> None:
        """Everything that is due: what came in, jobs, what goes out."""
        await apply_what_came(self.db, self.instance.fetcher, self.here, self.clock, self.handlers)
        kinds = [job for feature in app.FEATURES for job in feature.jobs]
        runner = Runner(db=self.db, clock=self.clock, kinds=kinds, tools=self.instance.tools, stop=asyncio.Event())
        while await runner.drain():
            pass
        await deliver_what_waits(self.db, self.instance.net, self.instance.secret, self.here, self.clock)

    async def follows(self, uri: str) -> str:
        """The association follows somebody; the id of its Follow, which has not been answered yet."""
        followed = await self.instance.fetcher.actor(self.person(uri).uri)
        await self.db.write(following.follow, self.werkstatt, followed, here=self.here, now=self.clock.now())
        await self.work()
        self.our_follow = str((await self.ask("select uri from follow order by id desc limit 1"))[0][0])
        return self.our_follow

    async def hears(self, uri: str) -> None:
        """The association follows somebody, who has accepted."""
        follow = await self.follows(uri)
        await self.receives(self.person(uri).activity("Accept", follow))

    async def last(self) -> inbox.Listed:
        """What became of the newest activity."""
        (row,) = await self.db.read(inbox.listing, state=None, size=1)
        return row

    def letters(self, uri: str) -> list[Json]:
        """What we have told somebody's server."""
        return self.person(uri).server.letters

    async def ask(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """What the tables hold."""
        return await tables.ask(self.db, statement, **values)

    async def dump(self) -> dict[str, str]:
        """A digest of each table that an activity could change."""
        return await tables.dump(self.db, without=_APART)

    async def is_met(self, uri: str) -> None:
        """Their server has spoken before: their key and profile are known, and nothing else of them."""
        await self.receives(self.person(uri).activity("Hello", WERKSTATT))


@asynccontextmanager
async def town(folder: Path, *, database_url: str = "") -> AsyncIterator[Town]:
    """The workshop on share.example, with one offer and an admin."""
    clock = StoppedClock()
    async with Network() as network:
        settings = Settings(data=folder, base_url=BASE_URL, database_url=database_url, update_delay=0)
        instance = await app.build(settings, clock=clock, resolver=network.resolver, connector=network.connector)
        made = Town(instance, network, clock)
        await made.db.write(
            init,
            association=NewAssociation(name="Werkstatt", handle="werkstatt"),
            admin=NewPerson(name="nadia", display_name="Nadia", email="nadia@share.example", password_hash=None),
            keys=(keys_of("Application"), keys_of("Organization"), keys_of("Person")),
            secret=instance.secret,
            here=made.here,
            now=clock.now(),
        )
        made.werkstatt = await made.db.read(actors.association)
        draft = Draft(purpose=Purpose.OFFER, action=Action.USE, title="Vélo cargo")
        made.offer = await made.db.write(
            proposals.publish, draft, owner=made.werkstatt, author_id=None, here=made.here, now=clock.now()
        )
        yield made
        await instance.stop()


def _plain(uri: str) -> Json:
    name = urlsplit(uri).path.rpartition("/")[2].lstrip("@")
    return {
        "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
        "id": uri,
        "type": "Application" if name in ("instance", "relay", "actor") else "Person",
        "preferredUsername": name,
        "inbox": f"{uri}/inbox",
        "outbox": f"{uri}/outbox",
        "followers": f"{uri}/followers",
    }


__all__ = ["BASE_URL", "INDEX", "WERKSTATT", "Reply", "Town", "load", "town"]
