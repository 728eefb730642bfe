"""kill -9 at twenty random moments, while 500 activities come in and 500 go out: nothing lost, nothing twice.

In: the kill loop sends signed activities and remembers which were answered with 2xx; each must have its effect, once.
Out: an offer is a promise once its command says so; each of 25 servers must get its Create, each under one id only
(the same id may come again after a kill: that is how the other side knows it). A second Fedishare listens with them.
"""

import json
import sqlite3
import subprocess
import sys
import threading
from collections import Counter, defaultdict
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.figures import Figure
from tests.processes import ROOT, Program, eventually, free_port
from tests.servers import CommandFailed, Server
from tests.torture.effects import effects

pytestmark = pytest.mark.real
BENCH = ROOT / "tests" / "bench"
KILLS, COMING_IN, LISTENERS, OFFERS = 20, 500, 25, 20
THINGS = 20  # offers that strangers like and answer; each person likes each once


@pytest.mark.timeout(600)
def test_twenty_kills_lose_nothing_and_do_nothing_twice(tmp_path: Path, figure: Figure) -> None:
    town = Server(tmp_path / "town", settings={"FEDISHARE_LIMITS": "off"}).init("La Remise")
    partner = Server(tmp_path / "partner").init("Le Hangar")
    things = things_to_talk_about(town, tmp_path)
    with ExitStack() as ends:
        partner.start()
        ends.callback(partner.kill)
        town.start()
        ends.callback(town.kill)
        partner.cli("follow", "add", f"{town.base_url}/users/association", "--as", "association")
        sink = Sink(tmp_path, town)
        ends.callback(sink.program.kill)
        town.kill()

        publisher = Publisher(town, tmp_path)
        publisher.start()
        verdict = kill_loop(town, things, tmp_path)
        publisher.join(timeout=240)

        town.start()
        eventually(lambda: at_rest(town), seconds=150, what="empty queues after the last start", every=1)
        again = sink.report()["duplicates"]
        arrived = sink.arrived()
        at_partner = Counter(row["id"] for row in partner.rows("proposal", "list", "--origin", "all"))

    assert verdict["good"], json.dumps(verdict)
    assert (verdict["kills"], verdict["promised"]) == (KILLS, COMING_IN)
    figure("activities in, acknowledged", verdict["promised"], "")
    figure("of them lost or applied twice", verdict["figure"], "", at_most=0)
    figure("start, median of the kill loop", verdict["start_median_s"], "s")

    assert len(publisher.promised) == OFFERS
    creates = creates_of(town)
    missing = [
        (inbox, offer)
        for offer in publisher.promised
        for inbox in sink.inboxes
        if not any((inbox, create) in arrived for create in creates[offer])
    ]
    figure("deliveries out, promised", OFFERS * len(sink.inboxes), "")
    figure("of them lost", len(missing), "", at_most=0)
    figure("of them sent again under the same id", again, "")
    figure("of them told under two ids", sum(len(creates[offer]) - 1 for offer in publisher.promised), "", at_most=0)
    assert {offer: at_partner[offer] for offer in publisher.promised} == dict.fromkeys(publisher.promised, 1)


def test_the_question_asked_after_the_kills_can_be_answered_badly(tmp_path: Path) -> None:
    """A post that went missing and an activity that was applied twice are both seen."""
    town = Server(tmp_path / "town", settings={"FEDISHARE_LIMITS": "off"}).init("La Remise")
    things = things_to_talk_about(town, tmp_path)
    with town:
        acked = load(town, things, tmp_path, count=20)
    database = town.data / "fedishare.db"
    before = effects(str(database))
    assert sorted(before) == sorted(acked)

    with closing(sqlite3.connect(database)) as db, db:
        (lost,) = db.execute("select uri from reaction where kind = 'like' limit 1").fetchone()
        db.execute("delete from reaction where uri = ?", (lost,))
        columns = ", ".join(name for _, name, *_ in db.execute("pragma table_info(activity_in)") if name != "id")
        (twice,) = db.execute("select uri from activity_in where state = 'applied' and uri <> ?", (lost,)).fetchone()
        db.execute(
            f"insert into activity_in (id, {columns}) select 1, {columns} from activity_in where uri = ?", (twice,)
        )

    after = Counter(effects(str(database)))
    assert set(acked) - set(after) == {lost}
    assert [uri for uri, times in after.items() if times > 1] == [twice]


class Publisher(threading.Thread):
    """Somebody who publishes by command while the server dies and rises; a command that fails is tried again."""

    def __init__(self, town: Server, folder: Path) -> None:
        super().__init__(daemon=True)
        self.town = town
        self.text = folder / "text.md"
        self.text.write_text("Pendant que tout tombe.")
        self.promised: list[str] = []

    def run(self) -> None:
        for number in range(OFFERS * 3):
            if len(self.promised) == OFFERS:
                break
            try:
                (made,) = self.town.rows(
                    *("proposal", "add", "--as", "association", "--offer", "--action", "use"),
                    *("--title", f"Sous les coups {number}", "--text-file", str(self.text), "--place", "Lille"),
                )
            except CommandFailed:
                continue
            self.promised.append(made["id"])


class Sink:
    """25 servers with one follower each, which check every signature and remember the first time they saw an id."""

    def __init__(self, folder: Path, town: Server) -> None:
        self.dump, targets, self.control = folder / "arrived", folder / "targets", free_port()
        self.program = Program(
            [
                *(sys.executable, str(BENCH / "sink.py"), "--hosts", str(LISTENERS), "--inboxes", str(LISTENERS)),
                *("--shared-inbox", "--verify", "--port", str(free_port()), "--control-port", str(self.control)),
                *("--follow", f"{town.base_url}/users/association", f"{town.base_url}/inbox"),
                *("--targets", str(targets), "--dump", str(self.dump), "--seconds", "900"),
                # Slow enough that a kill meets deliveries under way.
                *("--latency-ms", "150", "--latency-spread", "0.5"),
            ],
            log=folder / "sink.log",
        )
        self.program.until(lambda: '"follows"' in self.program.text(), seconds=60, what="followers")
        self.inboxes = [inbox.removeprefix("http://") for inbox in targets.read_text().split()]
        eventually(
            lambda: self.report()["types"].get("Accept", 0) >= LISTENERS, seconds=60, what="25 Accepts", every=0.3
        )

    def report(self) -> dict[str, Any]:
        got: dict[str, Any] = httpx.get(f"http://127.0.0.1:{self.control}/report", trust_env=False).json()
        return got

    def arrived(self) -> set[tuple[str, str]]:
        """(inbox, activity id); ends the sink."""
        refused = [answer for answer in self.report()["answers"] if answer.startswith("401")]
        assert not refused, refused
        self.program.stop()
        return {(line["inbox"], line["id"]) for line in map(json.loads, self.dump.read_text().splitlines())}


def things_to_talk_about(town: Server, folder: Path) -> list[str]:
    path = folder / "things.csv"
    lines = [f"offer,use,Chose numéro {number},Une chose.,Lille" for number in range(THINGS)]
    path.write_text("\n".join(["purpose,action,title,text,place", *lines]) + "\n")
    town.cli("proposal", "import", str(path), "--as", "association")
    return [row["id"] for row in town.rows("proposal", "list", "--origin", "here")]


def load_arguments(town: Server, things: list[str]) -> list[str]:
    drained = f"{sys.executable} {ROOT}/tests/torture/effects.py {town.data}/fedishare.db --count"
    return [
        *(
            "--target-actor",
            f"{town.base_url}/users/association",
            "--target-object",
            *things,
            "--port",
            str(free_port()),
        ),
        *("--mix", "reply=30,mention=20,answer=20,like=30", "--drain-command", drained, "--drain-seconds", "120"),
    ]


def kill_loop(town: Server, things: list[str], folder: Path) -> dict[str, Any]:
    done = subprocess.run(
        [
            *(sys.executable, str(BENCH / "kill_loop.py"), "--server", " ".join(town.command("serve"))),
            *("--ready", f"{town.base_url}/health/ready", "--inbox", f"{town.base_url}/inbox"),
            *("--check", f"{sys.executable} {ROOT}/tests/torture/effects.py {town.data}/fedishare.db"),
            *("--kills", str(KILLS), "--count", str(COMING_IN), "--rate", "60", "--settle", "60"),
            *("--shortest", "0", "--longest", "0.15", "--", *load_arguments(town, things)),
        ],
        capture_output=True, text=True, timeout=500, env=town.env, cwd=ROOT,
    )  # fmt: skip
    assert done.stdout, done.stderr
    verdict: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return verdict


def load(town: Server, things: list[str], folder: Path, *, count: int) -> list[str]:
    """Send so many, all acknowledged and applied. Returns their ids."""
    acked = folder / "acked"
    subprocess.run(
        [
            *(sys.executable, str(BENCH / "load_inbox.py"), "--inbox", f"{town.base_url}/inbox", "--retry"),
            *("--warm-up", "0", "--count", str(count), "--acked", str(acked), *load_arguments(town, things)),
        ],
        capture_output=True, check=True, timeout=100,
    )  # fmt: skip
    return acked.read_text().split()


def at_rest(town: Server) -> bool:
    (stats,) = town.rows("queue", "stats")
    assert stats["dead"] == 0, stats
    waiting: int = stats["inbox_waiting"] + stats["deliveries_waiting"]
    return waiting == 0


def creates_of(town: Server) -> dict[str, list[str]]:
    """The ids of the Creates that tell of each object."""
    creates = defaultdict(list)
    with closing(sqlite3.connect(town.data / "fedishare.db")) as db:
        for uri, offer in db.execute("select uri, object_uri from activity_out where type = 'Create'"):
            creates[offer].append(uri)
    return creates
