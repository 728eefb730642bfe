"""A foreign neighbour as a test holds it: its program running, its orders, and the lines it prints.

`Neighbour(...)` is the small server on Fedify (`peer.mjs`), `bot_server(...)` is activitypub.bot (`bot/bot.mjs`).
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.foreign import node
from tests.processes import Program, eventually, free_port
from tests.tls import Names

Line = dict[str, Any]


class Neighbour:
    """One server with one actor, whose name is `name`. The caller stops it."""

    def __init__(
        self,
        folder: Path,
        *,
        origin: str | None = None,
        names: Names | None = None,
        name: str = "voisine",
        program: Path = node.HERE / "peer.mjs",
        actors: str = "/users/",
        options: Sequence[str] = (),
    ) -> None:
        node.install(program.parent)
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.origin = origin or f"http://{self.address}"
        self.actor = f"{self.origin}{actors}{name}"
        command = [node.node(), str(program), "--origin", self.origin, "--port", str(self.port), *options]
        env = {"PATH": os.environ["PATH"], "HOME": str(folder)}
        if names:
            command += ["--hosts", str(names.hosts_file)]
            env["NODE_EXTRA_CA_CERTS"] = str(names.ca_file)
        self._orders = 0
        self._program = Program([*command, "--name", name], log=folder / f"{name}.log", env=env, typed=True)
        self.until("ready", seconds=30)

    def lines(self, event: str | None = None, **like: Any) -> list[Line]:
        """What it has said so far; only lines with these values, where some are given. Its log is event "log"."""
        whole = [line for line in self._program.text().split("\n")[:-1] if line.startswith("{")]
        said: list[Line] = [{"event": "log"} | json.loads(line) for line in whole]
        return [
            line
            for line in said
            if event in (None, line["event"]) and all(line.get(key) == value for key, value in like.items())
        ]

    def until(self, event: str, *, seconds: float = 20.0, **like: Any) -> Line:
        """The first such line, waited for."""

        def look() -> Line | None:
            return next(iter(self.lines(event, **like)), None)

        return self._program.until(look, seconds=seconds, what=f"{event} {like} from {self.actor}")

    def does(self, what: str, *, seconds: float = 30.0, **given: Any) -> Line:
        """Give an order and wait until it is carried out. Raises AssertionError with its reason when it fails."""
        self._orders += 1
        order, orders = self._orders, self._program.process.stdin
        assert orders is not None
        orders.write(json.dumps({"id": order, "does": what, **given}).encode() + b"\n")
        orders.flush()

        def answered() -> Line | None:
            return next((line for line in self.lines() if line.get("id") == order and "does" in line), None)

        line = eventually(answered, seconds=seconds, what=f"{what} {given} by {self.actor}")
        if line["event"] == "failed":
            raise AssertionError(f"{what} {given}: {line['why']}\n{self._program.text()[-3000:]}")
        result: Line = line["result"]
        return result

    def stop(self) -> None:
        self._program.kill()


def bot_server(folder: Path, *, database_url: str, origin: str, names: Names, name: str = "atelier") -> Neighbour:
    """A server on activitypub.bot, with one bot, in an empty PostgreSQL database of its own."""
    options = ["--database", database_url.replace("postgresql://postgres@/", "postgres://postgres@localhost/")]
    program = node.HERE / "bot" / "bot.mjs"
    return Neighbour(folder, origin=origin, names=names, name=name, program=program, actors="/user/", options=options)
