"""What reading costs on PostgreSQL is round trips: one for one question, one version for all who wait for it."""

import asyncio
from pathlib import Path

from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.db.database import Database
from fedishare.foundation.db.postgres_version import Version
from fedishare.foundation.db.queries import parse
from tests.engines import on_each_engine

SQL = parse(
    "-- put\ninsert into setting (name, value) values (:name, '')\n\n-- count\nselect count(*) from setting",
    source=Path(__file__),
)


async def put(tx: Tx, name: str) -> None:
    await tx.run(SQL["put"], name=name)


async def as_often(read: Read, times: int, begun: list[int]) -> list[int]:
    begun.append(times)
    return [int(await read.value(SQL["count"])) for _ in range(times)]


@on_each_engine
async def test_a_function_may_ask_once_or_often(database: Database):
    begun: list[int] = []
    await database.write(put, "a")

    for times in (0, 1, 3, 1, 2):
        assert await database.read(as_often, times, begun) == [1] * times

    assert len(begun) <= 6  # the first that asked for more was begun again, and none after it


class Server:
    """Answers when it is told to."""

    def __init__(self) -> None:
        self.version = 1
        self.asked = 0
        self.answers = asyncio.Semaphore(0)

    async def ask(self) -> str:
        self.asked += 1
        seen = self.version
        await self.answers.acquire()
        return str(seen)


async def test_all_who_came_before_the_question_share_its_answer():
    server = Server()
    version = Version(server.ask)
    first = [asyncio.create_task(version.now()) for _ in range(5)]
    await asyncio.sleep(0.01)

    # Somebody writes while the question is under way: who comes now must not hear of the time before.
    server.version = 2
    late = [asyncio.create_task(version.now()) for _ in range(5)]
    await asyncio.sleep(0.01)
    server.answers.release()
    server.answers.release()

    assert await asyncio.gather(*first) == ["1"] * 5
    assert await asyncio.gather(*late) == ["2"] * 5
    assert server.asked == 2


async def test_who_no_longer_waits_takes_nobodys_answer_away():
    server = Server()
    version = Version(server.ask)
    asking = [asyncio.create_task(version.now()) for _ in range(3)]
    await asyncio.sleep(0.01)
    asking[0].cancel()
    server.answers.release()

    assert await asyncio.gather(*asking[1:]) == ["1", "1"]


async def test_a_question_that_fails_leaves_nobody_waiting():
    failures = [OSError("away")]

    async def fails_once() -> str:
        await asyncio.sleep(0)
        if failures:
            raise failures.pop()
        return "1"

    version = Version(fails_once)
    async with asyncio.timeout(5):
        assert await asyncio.gather(version.now(), version.now()) == ["", ""]
        assert await version.now() == "1"
