"""R1 and R2 of SECURITY 3.4 at once: a server is killed again and again while it hears others and says its own.

In: signed activities, three times each and in disorder, sent again until they are taken; then all must stand as the
model says. Out: offers from a signed-in form, sent again until they are taken; then each follower of each author must
have got each Create, under one id. Knows of the server its forms, its tables and its processes.
"""

import asyncio
import random
import re
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.processes import Program, eventually
from tests.servers import PASSWORD, Server
from tests.torture.asking import ask
from tests.torture.forms import Form
from tests.torture.model import Storm
from tests.torture.peers import Peers
from tests.torture.wire import Sender

SERVERS, PEOPLE = 20, 3
AUTHORS, OTHERS, THINGS = 5, 3, 40
TIMES = 3
HALF_AN_HOUR_S = 1_800
SENDERS, WRITERS = 8, 2
SHORTEST_S, LONGEST_S = 0.1, 0.7
"""Between the first answer of a server and its end; the load often makes it longer."""
SETTLE_S = 240.0


@dataclass(frozen=True, kw_only=True)
class Load:
    kills: int
    coming: int
    going: int
    seed: int = 1
    settle_s: float = SETTLE_S
    start: tuple[str, ...] = ("-m", "fedishare", "serve")
    """What Python is told to run."""


@dataclass
class Verdict:
    acknowledged_in: int = 0
    acknowledged_out: int = 0
    kills: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    refused: Counter[int] = field(default_factory=Counter)
    settled: bool = False
    resent: int = 0
    deliveries: int = 0
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        return self.settled and not (self.lost or self.twice or self.refused)


class BothWays:
    """One run against one server. `town` has been made and does not run."""

    def __init__(self, town: Server, peers: Peers, folder: Path, load: Load) -> None:
        self.town, self.peers, self.load = town, peers, load
        self.verdict = Verdict()
        self._names = [f"m{number}" for number in range(AUTHORS + OTHERS)]
        self._followers = {
            name: [person for place, person in enumerate(peers.people[:SERVERS]) if place % AUTHORS == number]
            for number, name in enumerate(self._names[:AUTHORS])
        }
        self._folder = folder
        self._made: dict[str, str] = {}

    def run(self) -> Verdict:
        begin = time.monotonic()
        self._furnish()
        self._start()
        try:
            self._await_ready()
            asyncio.run(self._storm())
            self.verdict.settled = self._settles()
        finally:
            self.town.kill()
        self._judge_coming()
        self._judge_going()
        self.verdict.seconds = time.monotonic() - begin
        return self.verdict

    def _furnish(self) -> None:
        for name in self._names:
            given = ("--email", f"{name}@example.org", "--password-stdin")
            self.town.cli("user", "create", name, *given, typed=PASSWORD + "\n")
        table = self._folder / "things.csv"
        lines = [f"offer,use,Chose numéro {number},Une chose.,Lille" for number in range(THINGS)]
        table.write_text("\n".join(["purpose,action,title,text,place", *lines]) + "\n")
        self.town.cli("proposal", "import", str(table), "--as", "association")
        things = [row["id"] for row in self.town.rows("proposal", "list", "--origin", "here")]
        # Not the association: it passes each offer on to all who follow it, which would be 300,000 deliveries.
        whom = [self._uri(name) for name in self._names[AUTHORS:]]
        self._storm_of = Storm(self.peers.people, things, whom, count=self.load.coming, seed=self.load.seed)

    def _uri(self, name: str) -> str:
        return f"{self.town.base_url}/users/{name}"

    def _start(self) -> None:
        town = self.town
        command = [town.command()[0], *self.load.start]
        town.process = Program(command, log=town.folder / "server.log", env=town.env)

    def _await_ready(self) -> None:
        assert self.town.process is not None
        self.town.process.until(self.town.is_ready, seconds=60, what="ready", every=0.02)

    async def _storm(self) -> None:
        await self._let_them_follow()
        forms = [Form(self.town, name) for name in self._names[:AUTHORS]]
        self._left_in = iter(self._storm_of.in_disorder(TIMES))
        self._left_out = iter(range(self.load.going))
        requests = self._signed()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(SENDERS):
                tasks.create_task(self._send(requests))
            for _ in range(WRITERS):
                tasks.create_task(self._publish(forms))
            tasks.create_task(self._kill())

    async def _let_them_follow(self) -> None:
        sender = Sender(self.town.listen)
        now = time.time()
        for name, followers in self._followers.items():
            for person in followers:
                follow = {"id": f"{person.uri}/first", "type": "Follow", "object": self._uri(name)}
                answer = await sender.until_taken(person.signed(f"{self.town.base_url}/inbox", follow, at=now))
                assert answer.status == 202, answer
        sender.close()
        await asyncio.to_thread(eventually, self._all_follow, seconds=90, what="followers of the authors", every=0.3)

    def _all_follow(self) -> bool:
        return ask(self.town, "select count(*) from follow where state = 'accepted'") == [(SERVERS,)]

    def _signed(self) -> list[bytes]:
        """A second for each, in order and past: what is late is told by that."""
        first = int(time.time()) - len(self._storm_of.said) - HALF_AN_HOUR_S
        inbox = f"{self.town.base_url}/inbox"
        return [
            said.by.signed(inbox, said.activity, at=first + number) for number, said in enumerate(self._storm_of.said)
        ]

    async def _send(self, requests: list[bytes]) -> None:
        sender, all_of_them = Sender(self.town.listen), len(requests) * TIMES
        for number in self._left_in:
            await self._turn(self.verdict.acknowledged_in, all_of_them)
            answer = await sender.until_taken(requests[number])
            self.verdict.acknowledged_in += 1
            if answer.status != 202:
                self.verdict.refused[answer.status] += 1
        sender.close()

    async def _publish(self, forms: list[Form]) -> None:
        sender = Sender(self.town.listen)
        for number in self._left_out:
            await self._turn(self.verdict.acknowledged_out, self.load.going)
            form = forms[number % len(forms)]
            answer = await sender.until_taken(form.filled(f"Sous les coups {number}"))
            self.verdict.acknowledged_out += 1
            if answer.status == 303:
                # Sent once more, as by a second tap: the same offer, not another.
                again = answer
                if number % 10 == 0:
                    again = await sender.until_taken(form.filled(f"Sous les coups {number}"))
                made = {reply.headers["location"].partition("?")[0].rpartition("/")[2] for reply in (answer, again)}
                assert len(made) == 1, made
                self._made[made.pop()] = form.name
            else:
                self.verdict.refused[answer.status] += 1
        sender.close()

    async def _turn(self, done: int, of: int) -> None:
        """The load lasts as long as the killing does."""
        while done > of * (self.verdict.kills + 1) / (self.load.kills + 1):  # noqa: ASYNC110 - counts, not events
            await asyncio.sleep(0.005)

    async def _kill(self) -> None:
        chance = random.Random(self.load.seed)
        for number in range(self.load.kills):
            await asyncio.sleep(chance.uniform(SHORTEST_S, LONGEST_S))
            while self._share() < number / (self.load.kills + 1):  # noqa: ASYNC110 - counts, not events
                await asyncio.sleep(0.01)
            self.town.kill()
            assert self.town.process is not None
            assert self.town.process.process.returncode == -signal.SIGKILL, self.town.process.text()[-3000:]
            self.verdict.kills += 1
            # Started by this thread: the system ends a child with the thread that has it (prctl(2)).
            self._start()
            await asyncio.to_thread(self._await_ready)

    def _share(self) -> float:
        ins, outs = self.verdict.acknowledged_in, self.verdict.acknowledged_out
        return min(ins / (self.load.coming * TIMES or 1), outs / (self.load.going or 1))

    def _settles(self) -> bool:
        try:
            eventually(self._at_rest, seconds=self.load.settle_s, what="empty queues", every=1)
        except AssertionError:
            return False
        return True

    def _at_rest(self) -> bool:
        assert self.town.process is not None
        assert self.town.process.running, self.town.process.text()[-3000:]
        (stats,) = self.town.rows("queue", "stats")
        self.verdict.lost += ["given up"] * stats["dead"]
        return stats["dead"] > 0 or stats["inbox_waiting"] + stats["deliveries_waiting"] == 0

    def _judge_coming(self) -> None:
        model = self._storm_of.model
        posts = {
            uri: _words(content)
            for uri, content in ask(
                self.town,
                "select post.uri, post.content from post join actor on actor.id = post.author_id "
                "where not actor.local and post.deleted_at is null",
            )
        }
        self._compare("post", {uri: _words(content) for uri, content in model.posts.items()}.items(), posts.items())
        reactions = ask(
            self.town,
            "select reaction.kind, actor.uri, object_uri from reaction join actor on actor.id = actor_id "
            "where not actor.local",
        )
        self._compare("reaction", model.reactions, reactions)
        follows = ask(
            self.town,
            "select a.uri, b.uri from follow f join actor a on a.id = f.follower_id "
            "join actor b on b.id = f.followed_id where f.state = 'accepted' and not a.local",
        )
        first = {(person.uri, self._uri(name)) for name, group in self._followers.items() for person in group}
        self._compare("follow", model.follows | first, follows)
        again = ask(self.town, "select uri from activity_in where state = 'applied' group by uri having count(*) > 1")
        self.verdict.twice += [f"applied again: {uri}" for (uri,) in again]
        self._judge_notices()

    def _judge_notices(self) -> None:
        """One for each that stands; for what was taken back one at most, since it may never have been seen."""
        model = self._storm_of.model
        told = Counter(
            ask(
                self.town,
                "select n.kind, a.uri, coalesce(o.uri, p.name) from notification n "
                "join actor a on a.id = n.actor_id join person q on q.id = n.person_id "
                "join actor p on p.id = q.actor_id left join object o on o.id = n.object_id",
            )
        )
        self.verdict.twice += [f"notice {row}" for row, times in told.items() if times > 1]
        self.verdict.lost += [f"notice {row}" for row in model.reactions if row not in told]
        replies = {uri for kind, _, uri in told if kind == "reply"}
        self.verdict.lost += [f"notice of {uri}" for uri in model.posts if uri not in replies]
        for follower, followed in model.follows:
            name = followed.rpartition("/")[2]
            if ("follow", follower, name) not in told:
                self.verdict.lost.append(f"notice of {follower} for {name}")

    def _compare(self, what: str, meant: Any, found: Any) -> None:
        counted = Counter(found)
        self.verdict.lost += [f"{what} {row}" for row in meant if row not in counted]
        self.verdict.twice += [f"{what} {row}" for row, times in counted.items() if row not in meant or times > 1]

    def _judge_going(self) -> None:
        arrived = self.peers.arrived()
        creates = ask(
            self.town,
            "select said.uri, said.object_uri from activity_out said join actor on actor.id = said.actor_id "
            "where said.type = 'Create' and actor.name <> 'association'",
        )
        told = Counter(about.rpartition("/")[2] for _, about in creates)
        by_number = {about.rpartition("/")[2]: uri for uri, about in creates}
        for number, name in self._made.items():
            self.verdict.deliveries += len(self._followers[name])
            create = by_number.get(number, "")
            self.verdict.lost += [
                f"{number} to {person.uri}"
                for person in self._followers[name]
                if (f"{person.uri}/inbox", create, "Create") not in arrived
            ]
        self.verdict.twice += [f"{number} told under {times} ids" for number, times in told.items() if times > 1]
        if len(told) != len(self._made):
            self.verdict.twice.append(f"{len(told)} offers where {len(self._made)} were sent")
        accepted = {inbox for inbox, _, kind in arrived if kind == "Accept"}
        standing = {follower for follower, _ in self._storm_of.model.follows}
        self.verdict.lost += [f"Accept for {uri}" for uri in standing if f"{uri}/inbox" not in accepted]
        self.verdict.resent = sum(arrived.values()) - len(arrived)


def _words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())
