"""Servers on the loopback that speak with the one under test: they send activities until these are taken, and keep
what is delivered to them.

Each has an address, one actor and the same key. All live in a thread of the test, so that the test can look at what
they saw; nothing is shared with the server but sockets.
"""

import asyncio
import base64
import hashlib
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Coroutine, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any, Self
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.processes import free_port

CONTEXT = ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"]
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
LONGEST_PAUSE_S = 0.5
"""However long we are asked to wait: time is short here."""
ANSWERED_IN_S = 15.0
GIVEN_UP_S = 240.0


@dataclass(frozen=True, kw_only=True)
class Door:
    """Where the server under test listens, and by which name it must be addressed."""

    port: int
    host: str


@dataclass
class Seen:
    """All that happened; written by the neighbours' thread alone."""

    acked: list[str] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)
    statuses: Counter[int | str] = field(default_factory=Counter)
    unexplained: int = 0
    """429 and 503 that do not say when to come back."""
    latencies: list[float] = field(default_factory=list)
    arrived: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often (neighbour, id of an activity) was delivered."""
    delivered: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Activities by their id."""
    answered_s: list[float] = field(default_factory=list)
    """From a Follow to its Accept."""


class Neighbours:
    """A context manager; `bad` of them answer what is sent to them with errors, or not at all."""

    def __init__(self, count: int, *, network: str, bad: float = 0.0, seed: int = 1) -> None:
        self.port = free_port(f"{network}.1")
        self.addresses = [f"{network}.{number + 1}" for number in range(count)]
        self.bad = frozenset(self.addresses[: round(count * bad)])
        self.seen = Seen()
        self._rng = random.Random(seed)
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._pem = self._key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._listening: list[asyncio.Server] = []
        self._number = 0
        self._awaited: dict[str, asyncio.Event] = {}
        self._liked: set[tuple[str, str]] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        self.soon(self._listen()).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        self.soon(self._hang_up()).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _hang_up(self) -> None:
        for server in self._listening:
            server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def soon(self, work: Coroutine[Any, Any, Any]) -> Future[Any]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def base(self, address: str) -> str:
        return f"http://{address}:{self.port}"

    @property
    def names(self) -> list[str]:
        return [f"{address}:{self.port}" for address in self.addresses]

    def follow(self, door: Door, actor: str) -> None:
        """Each follows the actor; returns when all Follows are taken."""
        follows = [
            self._tell(address, {"id": self._new_id(address), "type": "Follow", "object": actor}, [door])
            for address in self.addresses
        ]
        for follow in [self.soon(one) for one in follows]:
            follow.result(60)
        self.seen.acked.clear()

    def flood(self, count: int, *, door: Door, thing: str, rate: float) -> Future[None]:
        """The first of them sends so many answers, each once, whatever is said to it."""
        return self.soon(self._flood(count, door, thing, rate))

    async def _flood(self, count: int, door: Door, thing: str, rate: float) -> None:
        begun = time.monotonic()
        address = self.addresses[0]
        async with asyncio.TaskGroup() as telling:
            for number in range(count):
                await asyncio.sleep(max(0.0, begun + number / rate - time.monotonic()))
                telling.create_task(self._tell(address, self._made(address, thing), [door], given_up_s=0.0))

    def ask(self, count: int, *, door: Door, actor: str, rate: float) -> Future[None]:
        """One after the other follows, for the first time, and is answered: `seen.answered_s`."""
        return self.soon(self._ask(count, door, actor, rate))

    async def _ask(self, count: int, door: Door, actor: str, rate: float) -> None:
        async with asyncio.TaskGroup() as asking:
            for number in range(count):
                asking.create_task(self._answered(self.addresses[number % len(self.addresses)], door, actor))
                await asyncio.sleep(1 / rate)

    async def _answered(self, address: str, door: Door, actor: str) -> None:
        follow = self._new_id(address)
        begun = time.monotonic()
        answer = self._awaited[follow] = asyncio.Event()
        await self._tell(address, {"id": follow, "type": "Follow", "object": actor}, [door])
        await asyncio.wait_for(answer.wait(), GIVEN_UP_S)
        self.seen.answered_s.append(time.monotonic() - begun)

    def send(
        self,
        count: int,
        *,
        doors: Sequence[Door],
        things: Sequence[str],
        rate: float,
        twice: float = 0.2,
        only: str | None = None,
    ) -> Future[None]:
        """Answers and likes, at any of the doors, until each is taken; a share of them is sent again after that."""
        return self.soon(self._send(count, list(doors), list(things), rate, twice, only))

    async def _send(
        self, count: int, doors: list[Door], things: list[str], rate: float, twice: float, only: str | None
    ) -> None:
        begun = time.monotonic()
        async with asyncio.TaskGroup() as telling:
            for number in range(count):
                await asyncio.sleep(max(0.0, begun + number / rate - time.monotonic()))
                address = only or self.addresses[number % len(self.addresses)]
                made = self._made(address, things[number // len(self.addresses) % len(things)])
                telling.create_task(self._tell(address, made, doors, again=self._rng.random() < twice))

    def _new_id(self, address: str) -> str:
        self._number += 1
        return f"{self.base(address)}/activities/{self._number}"

    def _made(self, address: str, thing: str) -> dict[str, Any]:
        """A Like where there is none yet, else an answer to the thing."""
        uri, actor = self._new_id(address), f"{self.base(address)}/users/voisine"
        if (address, thing) not in self._liked and self._rng.random() < 0.5:
            self._liked.add((address, thing))
            return {"id": uri, "type": "Like", "object": thing}
        note = {
            "id": uri.replace("/activities/", "/statuses/"),
            "type": "Note",
            "attributedTo": actor,
            "inReplyTo": thing,
            "published": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "to": [PUBLIC],
            "cc": [thing.rpartition("/proposals/")[0] or thing],
            "content": f"<p>Est-ce encore libre ? ({uri.rpartition('/')[2]})</p>",
        }
        return {"id": uri, "type": "Create", "to": note["to"], "cc": note["cc"], "object": note}

    async def _tell(
        self,
        address: str,
        made: dict[str, Any],
        doors: list[Door],
        *,
        again: bool = False,
        given_up_s: float = GIVEN_UP_S,
    ) -> None:
        """Knock until it is taken: at another door after each refusal."""
        body = json.dumps({"@context": CONTEXT[0], "actor": f"{self.base(address)}/users/voisine"} | made).encode()
        begun = time.monotonic()
        turn = self._rng.randrange(len(doors))
        while True:
            turn += 1
            knocked = time.monotonic()
            status, headers = await self._knock(address, doors[turn % len(doors)], body)
            self.seen.statuses[status] += 1
            if status == 202:
                self.seen.latencies.append(time.monotonic() - knocked)
                if made["id"] not in self.seen.acked[-1:]:
                    self.seen.acked.append(made["id"])
                if not again:
                    return
                again = False
                continue
            if status in (429, 503) and "retry-after" not in headers:
                self.seen.unexplained += 1
            if time.monotonic() - begun > given_up_s:
                self.seen.given_up.append(made["id"])
                return
            pause = float(headers.get("retry-after", "0.1")) if status in (429, 503) else 0.1
            await asyncio.sleep(min(pause, LONGEST_PAUSE_S) * self._rng.uniform(0.5, 1.5))

    async def _knock(self, address: str, door: Door, body: bytes) -> tuple[int | str, dict[str, str]]:
        """The status, or the name of what went wrong; headers by lower-case name."""
        try:
            async with asyncio.timeout(ANSWERED_IN_S):
                reader, writer = await asyncio.open_connection("127.0.0.1", door.port, local_addr=(address, 0))
                try:
                    writer.write(self._signed(address, door, body))
                    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                finally:
                    writer.close()
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as trouble:
            return type(trouble).__name__, {}
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])}
        return int(head[0].split()[1]), headers

    def _signed(self, address: str, door: Door, body: bytes) -> bytes:
        """draft-cavage, as most of the network signs."""
        date = formatdate(usegmt=True)
        digest = "SHA-256=" + base64.b64encode(hashlib.sha256(body).digest()).decode()
        said = f"(request-target): post /inbox\nhost: {door.host}\ndate: {date}\ndigest: {digest}"
        signature = base64.b64encode(self._key.sign(said.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()
        lines = [
            "POST /inbox HTTP/1.1",
            f"Host: {door.host}",
            f"Date: {date}",
            f"Digest: {digest}",
            f'Signature: keyId="{self.base(address)}/users/voisine#main-key",algorithm="rsa-sha256",'
            f'headers="(request-target) host date digest",signature="{signature}"',
            "Content-Type: application/activity+json",
            f"Content-Length: {len(body)}",
            "Connection: close",
        ]
        return "\r\n".join([*lines, "", ""]).encode() + body

    async def _listen(self) -> None:
        for address in self.addresses:
            listening = await asyncio.start_server(
                lambda reader, writer, address=address: self._serve(address, reader, writer), address, self.port
            )
            self._listening.append(listening)

    async def _serve(self, address: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *lines = head.decode("latin-1").split("\r\n")
                length = next((int(line[15:]) for line in lines if line.lower().startswith("content-length:")), 0)
                body = await reader.readexactly(length)
                method, target, _ = first.split(" ")
                status, said = self._received(address, body) if method == "POST" else self._asked(address, target)
                writer.write(_answer(status, said))
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # they hung up, or the test is over
        finally:
            writer.close()

    def _received(self, address: str, body: bytes) -> tuple[int, bytes]:
        if address in self.bad:
            return 500, b"{}"
        made = json.loads(body)
        self.seen.arrived[f"{address}:{self.port}", made["id"]] += 1
        self.seen.delivered[made["id"]] = made
        about = made.get("object")
        if answer := self._awaited.get(about.get("id", "") if isinstance(about, dict) else about):
            answer.set()
        return 202, b""

    def _asked(self, address: str, target: str) -> tuple[int, bytes]:
        actor = f"{self.base(address)}/users/voisine"
        if urlsplit(target).path != "/users/voisine":
            return 404, b"{}"
        document = {
            "@context": CONTEXT,
            "id": actor,
            "type": "Person",
            "preferredUsername": "voisine",
            "inbox": f"{actor}/inbox",
            "endpoints": {"sharedInbox": f"{self.base(address)}/inbox"},
            "publicKey": {"id": f"{actor}#main-key", "owner": actor, "publicKeyPem": self._pem.decode()},
        }
        return 200, json.dumps(document).encode()


def _answer(status: int, body: bytes) -> bytes:
    lines = [
        f"HTTP/1.1 {status} Said",
        f"Date: {formatdate(usegmt=True)}",
        "Content-Type: application/activity+json",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body
