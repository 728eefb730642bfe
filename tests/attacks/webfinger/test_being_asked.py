"""Questions about whom we know: other hosts, other forms, people who left, and ten thousand names in a row."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.types import Message, Scope

from fedishare.federation.actors import webfinger
from fedishare.federation.following.actor_changes import forget
from fedishare.foundation.db.access import Read
from fedishare.foundation.db.queries import Query
from fedishare.foundation.values.errors import NotFound
from fedishare.foundation.web.limits import ANONYMOUS
from tests.attacks.lines import attack
from tests.attacks.world import World

PATH = "/.well-known/webfinger"
ALICE = {
    "subject": "acct:alice@fedi.test",
    "aliases": ["https://fedi.test/@alice", "https://fedi.test/users/alice"],
    "links": [
        {"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": "https://fedi.test/@alice"},
        {"rel": "self", "type": "application/activity+json", "href": "https://fedi.test/users/alice"},
    ],
}


@attack("A157")
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("resource=acct:alice@fedi.test%0d%0aX:%20y", 404),
        ("resource=../../etc/passwd", 400),
        ("resource=acct:../../etc/passwd@fedi.test", 404),
        ("resource=", 400),
        ("resource=%00@fedi.test", 404),
        ("resource=%ff%fe", 400),
        ("", 400),
        ("resource=acct:alice@fedi.test&resource=acct:bob@fedi.test", 400),
        ("resource=" + "x" * 5_000, 400),
        ("resource=acct:alice'--@fedi.test", 404),
    ],
)
async def test_a_question_is_only_a_question(world: World, query: str, status: int) -> None:
    async with world.unchanged():
        answer = await world.reader().go(f"{PATH}?{query}")

    assert answer.status_code == status
    assert "x" not in answer.headers


@attack("A158")
@pytest.mark.parametrize(
    "resource",
    [
        "acct:alice@other.test",
        "https://other.test/users/alice",
        "alice@fedi.test.other.test",
        "https://fedi.test.other.test/users/alice",
        "https://fedi.test:8443/users/alice",
        "https://fedi.test@other.test/users/alice",
    ],
)
async def test_nobody_of_another_host_is_known_here(world: World, resource: str) -> None:
    answer = await world.reader().go(f"{PATH}?resource={resource}")

    assert answer.status_code == 404


@attack("A159")
@pytest.mark.parametrize(
    "resource",
    [
        "acct:alice@fedi.test",
        "acct:ALICE@FEDI.TEST",
        "acct%3Aalice%40fedi.test",
        "ACCT:Alice@Fedi.Test",
        "@alice@fedi.test",
        "https://fedi.test/@alice",
        "https://FEDI.test/@Alice",
        "https://fedi.test/users/alice",
        "https%3A%2F%2Ffedi.test%2F%40alice",
    ],
)
async def test_somebody_is_the_same_in_every_form(world: World, resource: str) -> None:
    answer = await world.reader().go(f"{PATH}?resource={resource}")

    assert answer.status_code == 200
    assert answer.json() == ALICE


@attack("A160")
async def test_who_left_is_gone_without_a_word_about_them(world: World) -> None:
    await world.db.write(forget, world.bob.id, here=world.here, now=world.clock.now())

    answer = await world.reader().go(f"{PATH}?resource=acct:bob@fedi.test")

    assert (answer.status_code, answer.content) == (410, b"")


@attack("A162")
async def test_names_cannot_be_tried_by_the_thousand(world: World) -> None:
    answers = [await asked(world, f"acct:name{number}@fedi.test") for number in range(10_000)]

    assert [answer["status"] for answer in answers] == [404] * 300 + [429] * 9_700
    assert ANONYMOUS.burst == 300
    assert int(dict(answers[-1]["headers"])[b"retry-after"]) > 0


async def asked(world: World, resource: str) -> Message:
    """How an answer begins. Without a client in between, which would take longer than we do."""
    said: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        said.append(message)

    scope: Scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "https",
        "root_path": "",
        "path": PATH,
        "raw_path": PATH.encode(),
        "query_string": f"resource={resource}".encode(),
        "headers": [(b"host", b"fedi.test")],
        "client": ("192.0.2.7", 40_000),
        "server": ("fedi.test", 443),
    }
    await world.asgi(scope, receive, send)
    return said[0]


@attack("A162")
async def test_somebody_and_nobody_are_looked_up_alike(world: World) -> None:
    somebody, nobody = Log(), Log()

    await world.db.read(somebody.of, webfinger.find, "acct:alice@fedi.test", world.here)
    with pytest.raises(NotFound):
        await world.db.read(nobody.of, webfinger.find, "acct:alicf@fedi.test", world.here)

    assert somebody.asked == nobody.asked != []


class Log:
    """Which queries an operation asks."""

    def __init__(self) -> None:
        self.asked: list[Query] = []

    async def of(self, read: Read, operation: Callable[..., Awaitable[Any]], *arguments: Any) -> None:
        await operation(Overheard(read, self.asked), *arguments)


class Overheard:
    """A reader that writes down what it is asked."""

    def __init__(self, read: Read, asked: list[Query]) -> None:
        self._read = read
        self._asked = asked

    def __getattr__(self, name: str) -> Any:
        ask = getattr(self._read, name)

        async def noting(*arguments: Any, **values: Any) -> Any:
            self._asked += [argument for argument in arguments if isinstance(argument, Query)]
            return await ask(*arguments, **values)

        return noting
