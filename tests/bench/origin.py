"""Fake remote servers on loopback: actors with keys, webfinger, nodeinfo, inboxes that say 202."""

from __future__ import annotations

import asyncio
import json
import secrets
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.asymmetric import rsa
from http1 import Handler, HttpServer, Reply, Request, response
from keys import new_private_key, public_pem

CONTEXT = ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"]


@dataclass(frozen=True, slots=True)
class Actor:
    """A remote actor; several actors may share one key pair, which no server can notice."""

    url: str
    name: str
    host: str
    key: int

    @property
    def key_id(self) -> str:
        return f"{self.url}#main-key"


class Origins:
    """`hosts` loopback addresses, each its own server in the eyes of the server under test."""

    def __init__(
        self,
        hosts: int,
        actors: int,
        *,
        address: str = "127.0.1.{n}",
        port: int = 18080,
        name: str | None = None,
        key_pairs: int = 8,
        shared_inbox: bool = True,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        if hosts > 250:
            raise ValueError("at most 250 hosts: one loopback address each")
        self.addresses = [address.format(n=n + 1) for n in range(hosts)]
        suffix = "" if port == (443 if tls else 80) else f":{port}"
        self.hosts = [(name or address).format(n=n + 1) + suffix for n in range(hosts)]
        self.port, self.tls, self.shared_inbox = port, tls, shared_inbox
        self.scheme = "https" if tls else "http"
        self.keys: list[rsa.RSAPrivateKey] = [new_private_key() for _ in range(min(key_pairs, actors))]
        run = secrets.token_hex(3)
        self.run = run
        self.actors = [self._actor(f"{run}{n}", self.hosts[n % hosts], n % len(self.keys)) for n in range(actors)]
        self._documents = {actor.url: self._document(actor) for actor in self.actors}
        self._pems = [public_pem(key) for key in self.keys]
        self.on_post: Callable[[Request, int], Reply] = lambda request, host: response(202)
        self.fetches = 0
        self.servers: list[asyncio.Server] = []

    def _actor(self, name: str, host: str, key: int) -> Actor:
        return Actor(f"{self.scheme}://{host}/users/{name}", name, host, key)

    def _document(self, actor: Actor) -> dict[str, object]:
        base = f"{self.scheme}://{actor.host}"
        document: dict[str, object] = {
            "@context": CONTEXT,
            "id": actor.url,
            "type": "Person",
            "preferredUsername": actor.name,
            "name": f"Voisine {actor.name}",
            "summary": "<p>Je prête une perceuse et une remorque.</p>",
            "inbox": f"{actor.url}/inbox",
            "outbox": f"{actor.url}/outbox",
            "followers": f"{actor.url}/followers",
            "following": f"{actor.url}/following",
            "url": f"{base}/@{actor.name}",
            "published": "2025-03-01T00:00:00Z",
        }
        if self.shared_inbox:
            document["endpoints"] = {"sharedInbox": f"{base}/inbox"}
        return document

    def inboxes(self) -> list[str]:
        """Where an activity for all of these actors must be delivered."""
        if self.shared_inbox:
            return [f"{self.scheme}://{host}/inbox" for host in self.hosts]
        return [f"{actor.url}/inbox" for actor in self.actors]

    def _with_key(self, actor: Actor) -> bytes:
        key = {"id": actor.key_id, "owner": actor.url, "publicKeyPem": self._pems[actor.key]}
        return json.dumps(self._documents[actor.url] | {"publicKey": key}).encode()

    def handler(self, index: int) -> Handler:
        """Answer for one host."""
        base = f"{self.scheme}://{self.hosts[index]}"
        mine = {actor.url: actor for actor in self.actors if actor.host == self.hosts[index]}

        def handle(request: Request) -> Reply:
            if request.method == b"POST":
                return self.on_post(request, index)
            self.fetches += 1
            parts = urlsplit(request.target.decode())
            if actor := mine.get(base + parts.path):
                return response(200, self._with_key(actor))
            if parts.path == "/.well-known/webfinger":
                return self._webfinger(parse_qs(parts.query).get("resource", [""])[0], mine)
            if parts.path == "/.well-known/nodeinfo":
                link = {"rel": "http://nodeinfo.diaspora.software/ns/schema/2.1", "href": f"{base}/nodeinfo/2.1"}
                return response(200, json.dumps({"links": [link]}).encode(), b"application/json")
            if parts.path == "/nodeinfo/2.1":
                return response(200, json.dumps(NODEINFO).encode(), b"application/json")
            if parts.path.endswith("/replies"):
                kind = "CollectionPage" if parts.query else "Collection"
                empty = {"@context": CONTEXT[0], "id": base + request.target.decode(), "type": kind, "items": []}
                return response(200, json.dumps(empty).encode())
            collection = parts.path.rpartition("/")
            if collection[2] in ("followers", "following", "outbox") and base + collection[0] in mine:
                none = {"@context": CONTEXT[0], "id": base + parts.path, "type": "OrderedCollection", "totalItems": 0}
                return response(200, json.dumps(none).encode())
            return response(404)

        return handle

    def _webfinger(self, resource: str, mine: dict[str, Actor]) -> bytes:
        for actor in mine.values():
            if resource in (f"acct:{actor.name}@{actor.host}", actor.url):
                link = {"rel": "self", "type": "application/activity+json", "href": actor.url}
                found = {"subject": f"acct:{actor.name}@{actor.host}", "aliases": [actor.url], "links": [link]}
                return response(200, json.dumps(found).encode(), b"application/jrd+json")
        return response(404)

    async def start(self, skip: frozenset[int] = frozenset()) -> None:
        """Listen on each address, except the hosts that shall refuse connections."""
        loop = asyncio.get_running_loop()
        for index, address in enumerate(self.addresses):
            if index not in skip:
                handle = self.handler(index)
                self.servers.append(
                    await loop.create_server(lambda handle=handle: HttpServer(handle), address, self.port, ssl=self.tls)
                )

    def close(self) -> None:
        for server in self.servers:
            server.close()


NODEINFO = {
    "version": "2.1",
    "software": {"name": "yardstick", "version": "1"},
    "protocols": ["activitypub"],
    "services": {"inbound": [], "outbound": []},
    "openRegistrations": False,
    "usage": {"users": {"total": 1}},
    "metadata": {},
}
