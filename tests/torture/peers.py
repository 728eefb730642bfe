"""Twenty servers on loopback, with people and keys: they sign, and write down what reaches them before they say so.

They live in a thread of the test. What they were told is a line of a file, synced before the 202: as with a real
server, what they confirmed is theirs for good.
"""

import asyncio
import base64
import hashlib
import json
import os
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.processes import free_port
from tests.remote import CONTEXT
from tests.torture.wire import read_message

Json = dict[str, Any]


@dataclass(frozen=True)
class Person:
    """Somebody on one of the servers; the people of a server share its key pair, which no server can notice."""

    uri: str
    pair: RSAPrivateKey

    def signed(self, inbox: str, activity: Json, *, at: float) -> bytes:
        """A whole request, as it goes over the wire; `at` in seconds."""
        body = json.dumps({"@context": CONTEXT[0], "actor": self.uri, **activity}).encode()
        _, _, host, path = inbox.split("/", 3)
        digest = f"SHA-256={base64.b64encode(hashlib.sha256(body).digest()).decode()}"
        date = formatdate(at, usegmt=True)
        text = f"(request-target): post /{path}\nhost: {host}\ndate: {date}\ndigest: {digest}"
        signature = base64.b64encode(self.pair.sign(text.encode(), PKCS1v15(), SHA256())).decode()
        head = (
            f"POST /{path} HTTP/1.1\r\nHost: {host}\r\nDate: {date}\r\nDigest: {digest}\r\n"
            f"Content-Type: application/activity+json\r\nContent-Length: {len(body)}\r\n"
            f'Signature: keyId="{self.uri}#main-key",algorithm="rsa-sha256",'
            f'headers="(request-target) host date digest",signature="{signature}"\r\n'
        )
        return f"{head}\r\n".encode() + body


class Peers:
    """A context manager: while it is open, all of them answer."""

    def __init__(self, folder: Path, *, servers: int, people: int) -> None:
        """`people` of each."""
        port, pairs = free_port(), [generate_private_key(65537, 2048) for _ in range(servers)]
        self._addresses = [(f"127.0.7.{number + 1}", port) for number in range(servers)]
        self.people = [
            Person(f"http://{address}:{port}/users/p{number}", pair)
            for number in range(people)
            for (address, _), pair in zip(self._addresses, pairs, strict=True)
        ]
        self._documents = {person.uri: json.dumps(_document(person)).encode() for person in self.people}
        self._arrived = folder / "arrived"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._file = self._arrived.open("ab")
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def arrived(self) -> Counter[tuple[str, str, str]]:
        """(inbox, id of the activity, its type), and how often."""
        return Counter(tuple(json.loads(line)) for line in self._arrived.read_text().splitlines())

    def forget(self) -> None:
        """Nothing has arrived."""
        self._file.truncate(0)

    async def _listen(self) -> None:
        for address, port in self._addresses:
            await asyncio.start_server(self._serve, address, port)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while message := await read_message(reader):
                writer.write(self._answer(message.first.split(), message.headers["host"], message.body))
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # our server was killed in the middle of a word
        finally:
            writer.close()

    def _answer(self, first: list[str], host: str, body: bytes) -> bytes:
        method, target, _ = first
        if method == "POST":
            told = json.loads(body)
            self._keep([f"http://{host}{target}", told["id"], told["type"]])
            return b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
        document = self._documents.get(f"http://{host}{target}")
        if document is None:
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/activity+json\r\nContent-Length: {len(document)}\r\n\r\n"
        return head.encode() + document

    def _keep(self, line: Iterable[str]) -> None:
        self._file.write(json.dumps(list(line)).encode() + b"\n")
        self._file.flush()
        os.fdatasync(self._file.fileno())


def _document(person: Person) -> Json:
    pem = person.pair.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return {
        "@context": CONTEXT,
        "id": person.uri,
        "type": "Person",
        "preferredUsername": person.uri.rpartition("/")[2],
        "inbox": f"{person.uri}/inbox",
        "outbox": f"{person.uri}/outbox",
        "followers": f"{person.uri}/followers",
        "publicKey": {"id": f"{person.uri}#main-key", "owner": person.uri, "publicKeyPem": pem},
    }
