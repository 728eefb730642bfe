"""A process that takes, applies and delivers, and kills itself at a named point. Started by `test_crashes.py`.

    python -m tests.federation.crashing DATABASE_URL FOLDER RUN [POINT NUMBER]

It goes on where the run before it was killed. What was answered with 202 and what our peer received is written to
files and synced before anybody else knows of it: these are the promises that the test then checks.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from fedishare.federation.actors import store as actors
from fedishare.federation.inbox.handling import Outcome, Received
from fedishare.federation.outbox import send
from fedishare.foundation.db.access import Tx
from fedishare.foundation.db.database import Database, open_database
from fedishare.foundation.db.queries import parse
from fedishare.foundation.net.client import Answer, Net
from fedishare.foundation.values.clock import MINUTE
from fedishare.foundation.values.here import Here
from tests.clock import StoppedClock
from tests.house import BASE_URL, House, house
from tests.remote import Asked, Person, Reply

ACTIVITIES = 60
POINTS = {
    "after keep_all": (1, 75, 120),
    "after lease_fresh": (1,),
    "in handler": (1, 30, 60),
    "after apply_group": (1, 2),
    "after lease": (1, 2),
    "after post": (1, 30, 60),
    "before record": (1, 2),
    "after record": (1, 2),
}
"""Where it may be killed, and at which of the times that the point is reached."""
EFFECT = parse("-- effect\ninsert into effect (uri) values (:uri)\n", source=Path(__file__))["effect"]


class Killer:
    """Ends this process at the numbered time that the chosen point is reached, without a word."""

    def __init__(self, point: str, number: int) -> None:
        self._point = point
        self._left = number

    def reach(self, point: str) -> None:
        if point == self._point:
            self._left -= 1
            if not self._left:
                os.kill(os.getpid(), signal.SIGKILL)


class MortalDatabase:
    """A database whose process may die before or after any operation."""

    def __init__(self, database: Database, killer: Killer) -> None:
        self._database = database
        self._killer = killer
        self.engine = database.engine
        self.read = database.read
        self.write = database.write
        self.on_wake = database.on_wake
        self.close = database.close

    async def work(self, operation: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
        self._killer.reach(f"before {operation.__name__}")
        result = await self._database.work(operation, *args, **kwargs)
        self._killer.reach(f"after {operation.__name__}")
        return result


class MortalNet:
    """The network, whose process may die when the peer has answered."""

    def __init__(self, net: Net, killer: Killer) -> None:
        self._net = net
        self._killer = killer
        self.get = net.get
        self.close = net.close

    async def post(self, *args: Any, **kwargs: Any) -> Answer:
        answer = await self._net.post(*args, **kwargs)
        self._killer.reach("after post")
        return answer


async def main(url: str, folder: Path, run: int, killer: Killer) -> None:
    database: Any = MortalDatabase(await open_database(url), killer)
    clock = StoppedClock()
    # The clock of this process is later than the lease of the one before it.
    clock.advance(run * 5 * MINUTE)
    async with house(database, founded=run > 0, clock=clock) as made:
        made.net = MortalNet(made.net, killer)  # type: ignore[assignment] - it does what is asked of it here
        made.handlers["Like", "*"] = _effect(killer)
        amel = made.network.server("mastodon.example").person("amel")
        amel.server.inbox_reply = _written_down(folder / "received")
        await _tell(made, amel, folder / "answered")
        await made.apply()
        await made.deliver()
    await database.close()


def _effect(killer: Killer) -> Callable[[Tx, Received, Here], Awaitable[Outcome]]:
    async def handler(tx: Tx, received: Received, here: Here) -> Outcome:
        """A row for each time it happens, and an answer to be delivered."""
        await tx.run(EFFECT, uri=received.activity.id)
        remise = await actors.by_uri(tx, f"{BASE_URL}/users/remise")
        assert remise is not None
        accept = {"type": "Accept", "actor": remise.uri, "object": received.activity.id, "to": [received.actor.uri]}
        await send.send(tx, accept, by=remise, here=here, now=received.received_at)
        killer.reach("in handler")
        return Outcome.APPLIED

    return handler


async def _tell(made: House, amel: Person, answered: Path) -> None:
    """Each activity twice, until it is answered: a peer that does not know whether the first one arrived."""
    done = _lines(answered)
    for number in range(ACTIVITIES):
        uri = amel.server.url(f"/likes/{number}")
        if uri not in done:
            like = {"id": uri, "type": "Like", "actor": amel.uri, "object": f"{BASE_URL}/proposals/1"}
            for _ in range(2):
                answer = await amel.post(made.inbox, like, now=made.clock.now())
                assert answer.status_code == 202, answer.text
            _sync(answered, uri)


def _written_down(received: Path) -> Callable[[Asked], Reply]:
    def take(asked: Asked) -> Reply:
        _sync(received, json.loads(asked.body)["object"])
        return Reply(202)

    return take


def _lines(path: Path) -> set[str]:
    return set(path.read_text().split()) if path.exists() else set()


def _sync(path: Path, line: str) -> None:
    with path.open("a") as file:
        file.write(line + "\n")
        file.flush()
        os.fsync(file.fileno())


if __name__ == "__main__":
    url, folder, run, *rest = sys.argv[1:]
    point, number = rest or ("nowhere", "1")
    asyncio.run(main(url, Path(folder), int(run), Killer(point, int(number))))
