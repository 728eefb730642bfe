"""What is said when something breaks: that it was us, a mark to find it by, and nothing else."""

import asyncio
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import asyncpg
import pytest

from tests.attacks.http.wire import Door, Reply
from tests.attacks.lines import attack

MARK = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}")
INTERNAL = re.compile(
    r"traceback|exception|sqlite|postgres|asyncpg|select |no such|relation|column|\.py|/home|/work|/tmp|uvicorn"
    r"|starlette|python|[0-9]+\.[0-9]+\.[0-9]+|httptools",
    re.IGNORECASE,
)
TABLES = {"/search": "proposal", "/users/association": "actor", "/about": "actor"}


def tell(door: Door, statement: str) -> None:
    """To the server's own database, behind its back."""
    url = door.server.settings.get("FEDISHARE_DATABASE_URL")
    if url is None:
        with closing(sqlite3.connect(door.server.data / "fedishare.db")) as file, file:
            file.execute(statement)
        return

    async def ask() -> None:
        connection = await asyncpg.connect(url)
        await connection.execute(statement)
        await connection.close()

    asyncio.run(ask())


@pytest.fixture(params=TABLES)
def broken(request: pytest.FixtureRequest, door: Door) -> Iterator[str]:
    """An address whose table has gone."""
    table = TABLES[request.param]
    tell(door, f"alter table {table} rename to gone")
    yield request.param
    tell(door, f"alter table gone rename to {table}")


def check(door: Door, answer: Reply) -> None:
    text = answer.body.decode()
    assert answer.status == 500
    assert not INTERNAL.search(text), INTERNAL.findall(text)
    assert "server" not in answer.headers
    assert answer.headers["content-security-policy"]
    mark = MARK.search(text)
    assert mark
    assert mark[0] in (door.server.folder / "server.log").read_text()


@attack("A270")
def test_an_error_page_says_nothing_of_the_house(door: Door, broken: str) -> None:
    answer = door.ask("GET", broken, headers=b"Accept: text/html\r\n")

    assert answer.headers["content-type"].startswith("text/html")
    check(door, answer)


@attack("A270")
def test_a_problem_document_says_nothing_of_the_house(door: Door, broken: str) -> None:
    answer = door.ask("GET", broken, headers=b"Accept: application/json\r\n")

    assert answer.headers["content-type"] == "application/problem+json"
    assert json.loads(answer.body)["status"] == 500
    check(door, answer)


@attack("A270")
def test_what_breaks_at_the_inbox_says_nothing_of_the_house(door: Door) -> None:
    body = (
        b'{"id":"https://good.test/a/1","type":"Create","actor":"https://good.test/u","object":"https://good.test/n"}'
    )
    head = b"Content-Type: application/activity+json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body)
    tell(door, "alter table actor rename to gone")
    try:
        answer = door.send(b"POST /users/nadia/inbox HTTP/1.1\r\nHost: fedi.test\r\n" + head + body)
    finally:
        tell(door, "alter table gone rename to actor")

    assert answer.status == 500
    assert not INTERNAL.search(answer.body.decode())
    assert MARK.search(answer.body.decode())
