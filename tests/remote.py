"""The rest of the network, as tests need it: servers under any name, people on them with real keys, and their inboxes.

    async with Network() as network:
        net = open_net(NetSettings(user_agent="test"), resolver=network.resolver, connector=network.connector)
        amel = network.server("mastodon.example").person("amel")
        answer = await amel.post(app, {"type": "Follow", "object": ...}, now=clock.now())

Names resolve to a public address, and every connection leads to one real server on loopback that answers by `Host`:
the guard, the pool and the parser in front of it are the real ones. TLS alone is left out here (`tests/tls.py`).
"""

import asyncio
import itertools
import json
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import ModuleType, TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fedishare.federation.signatures import cavage
from fedishare.federation.signatures.keys import PrivateKey
from fedishare.foundation.net.addresses import Address
from fedishare.foundation.net.connection import Connection
from fedishare.foundation.net.urls import Location
from fedishare.foundation.values.clock import Instant

ADDRESS = "93.184.215.14"
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
CONTEXT = ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"]
ACTIVITY = "application/activity+json"
Json = dict[str, Any]
App = Callable[..., Awaitable[None]]


@dataclass
class Asked:
    """A request that one of the servers got."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)

    @property
    def json(self) -> Json:
        return dict(json.loads(self.body))


@dataclass
class Reply:
    """What a server answers. `after_s` is how long it takes; a `status` of 0 hangs up without a word."""

    status: int = 202
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    after_s: float = 0.0


class Network:
    """Every server but ours. A context manager: open inside the test's event loop."""

    def __init__(self) -> None:
        self.servers: dict[str, Server] = {}
        self.people = itertools.count()
        self.ports: dict[str, int] = {}
        """Names that are answered by a listener of their own on loopback, which speaks byte by byte."""
        self.connections = 0
        self._unreachable: set[str] = set()
        self._wires: dict[str, set[asyncio.StreamWriter]] = {}
        self._listening: asyncio.Server | None = None
        self._talking: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._listening = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._listening is not None
        self._listening.close()
        for task in self._talking:
            task.cancel()
        await asyncio.gather(*self._talking, return_exceptions=True)

    def server(self, host: str) -> "Server":
        """The server of that name, made at the first call."""
        return self.servers.setdefault(host, Server(host, self.people))

    def cut_off(self, host: str) -> None:
        """From now on nobody can connect to it, and whoever was connected is not any more."""
        self._unreachable.add(host)
        for wire in self._wires.pop(host, ()):
            wire.close()

    def mend(self, host: str) -> None:
        self._unreachable.discard(host)

    async def resolver(self, host: str) -> list[str]:
        """For `open_net`: every name of ours has one public address."""
        if host not in {name.partition(":")[0] for name in (*self.servers, *self.ports)}:
            raise OSError(f"no such host: {host}")
        return [ADDRESS]

    async def connector(self, location: Location, address: Address) -> Connection:
        """For `open_net`: leads to the one server on loopback."""
        assert self._listening is not None
        self.connections += 1
        if location.authority in self._unreachable:
            raise ConnectionRefusedError(f"{location.authority} refuses")
        port = self.ports.get(location.authority) or self._listening.sockets[0].getsockname()[1]
        _, connection = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", port)
        return connection

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talking.add(task)
        try:
            while (asked := await _read(reader)) is not None:
                host = asked.headers["host"]
                self._wires.setdefault(host, set()).add(writer)
                reply = await self.servers[host].respond(asked)
                if reply.after_s:
                    await asyncio.sleep(reply.after_s)
                if not reply.status:
                    break
                writer.write(_written(reply))
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the other side has gone, or the test is over
        finally:
            self._talking.discard(task)
            writer.close()


class Server:
    """One of them. `documents` are served by path; inboxes take everything unless told otherwise.

    What `at_the_door` answers comes before either.
    """

    def __init__(self, host: str, people: Iterator[int]) -> None:
        self.host = host
        self._people = people
        self.documents: dict[str, Reply] = {}
        self.asked: list[Asked] = []
        self.inbox_reply: Callable[[Asked], Reply] = lambda asked: Reply()
        self.at_the_door: Callable[[Asked], Reply | None] = lambda asked: None

    def url(self, path: str) -> str:
        return f"https://{self.host}{path}"

    def person(self, name: str, *, document: Json | None = None, key_id: str | None = None) -> "Person":
        """Somebody with a key of their own, served at `/users/name`, or as `document` says."""
        person = Person(self, name, key=rsa_key(next(self._people)), document=document, key_id=key_id)
        self.serve(urlsplit(person.uri).path, person.document)
        return person

    def serve(self, path: str, document: Json | Reply) -> None:
        """Answer GETs of `path` with a document, or with whatever reply is given."""
        if not isinstance(document, Reply):
            document = Reply(200, json.dumps(document).encode(), {"content-type": ACTIVITY})
        self.documents[path] = document

    def note(self, path: str, author: "Person", **properties: Any) -> Json:
        """A public note, served at `path`."""
        note = {
            "@context": CONTEXT,
            "id": self.url(path),
            "type": "Note",
            "attributedTo": author.uri,
            "content": "<p>Bonjour</p>",
            "published": "2026-11-23T11:00:00Z",
            "to": [PUBLIC],
            "cc": [f"{author.uri}/followers"],
            **properties,
        }
        self.serve(path, note)
        return note

    @property
    def letters(self) -> list[Json]:
        """What was posted here, in the order in which it came."""
        return [asked.json for asked in self.asked if asked.method == "POST"]

    async def respond(self, asked: Asked) -> Reply:
        """What it answers; an instance of ours takes its time (`tests/features/partners/towns.py`)."""
        return self.answer(asked)

    def answer(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        refused = self.at_the_door(asked)
        if refused is not None:
            return refused
        if asked.method == "POST":
            return self.inbox_reply(asked)
        return self.documents.get(asked.path) or self.documents.get(asked.path.partition("?")[0]) or Reply(404)


class Person:
    """Somebody elsewhere, who signs."""

    def __init__(
        self, server: Server, name: str, *, key: RSAPrivateKey, document: Json | None, key_id: str | None
    ) -> None:
        self.server = server
        self.name = name
        self.uri: str = document["id"] if document else server.url(f"/users/{name}")
        self.key = PrivateKey(id=key_id or f"{self.uri}#main-key", rsa=key)
        self.document = with_key(document or self._document(), self.key)

    def _document(self) -> Json:
        return {
            "@context": CONTEXT,
            "id": self.uri,
            "type": "Person",
            "preferredUsername": self.name,
            "name": self.name.capitalize(),
            "inbox": f"{self.uri}/inbox",
            "outbox": f"{self.uri}/outbox",
            "followers": f"{self.uri}/followers",
            "following": f"{self.uri}/following",
            "url": self.server.url(f"/@{self.name}"),
            "endpoints": {"sharedInbox": self.server.url("/inbox")},
        }

    def activity(self, kind: str, about: Any, **properties: Any) -> Json:
        """An activity of theirs, with an id that nothing else has."""
        return {
            "@context": CONTEXT,
            "id": self.server.url(f"/activities/{next(_numbers)}"),
            "type": kind,
            "actor": self.uri,
            "object": about,
            **properties,
        }

    def signed(self, url: str, body: bytes, *, now: Instant, scheme: ModuleType = cavage) -> dict[str, str]:
        """The headers of a POST to `url`; `scheme` is `cavage` or `rfc9421`."""
        return {**scheme.sign("POST", url, body=body, key=self.key, now=now), "Content-Type": ACTIVITY}

    async def post(
        self, app: App, activity: Json | bytes, *, now: Instant, to: str = "https://share.example/inbox"
    ) -> httpx.Response:
        """Sign it and put it into one of our inboxes."""
        body = activity if isinstance(activity, bytes) else json.dumps(activity).encode()
        return await post(app, to, body, self.signed(to, body, now=now))


async def post(app: App, url: str, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
    """A POST to an application in this process."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app)) as client:
        return await client.post(url, content=body, headers=dict(headers))


async def until(true: Callable[[], bool], *, seconds: float) -> None:
    """Wait for something that happens elsewhere. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - what is waited for knows nothing of an event
            await asyncio.sleep(0.01)


def with_key(document: Json, key: PrivateKey) -> Json:
    """The document with this key in the place of those it shows."""
    shown = {"id": key.id, "owner": document["id"], "publicKeyPem": public_pem(key)}
    kept = {name: value for name, value in document.items() if name not in ("assertionMethod", "signature", "proof")}
    return {**kept, "publicKey": shown}


def public_pem(key: PrivateKey) -> str:
    return key.rsa.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


_KEYS = 8
_numbers = itertools.count(1)


def rsa_key(number: int) -> RSAPrivateKey:
    """A key takes a tenth of a second to make: from the ninth person of a network on, they share."""
    return _made(number % _KEYS)


@lru_cache(maxsize=_KEYS)
def _made(number: int) -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


async def _read(reader: asyncio.StreamReader) -> Asked | None:
    head = await reader.readuntil(b"\r\n\r\n") if not reader.at_eof() else b""
    if not head:
        return None
    first, *lines = head.decode("latin-1").strip().split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Asked(method, path, headers, await reader.readexactly(int(headers.get("content-length", "0"))))


def _written(reply: Reply) -> bytes:
    headers = {"content-length": str(len(reply.body)), **reply.headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {reply.status} Status\r\n{lines}\r\n".encode() + reply.body
