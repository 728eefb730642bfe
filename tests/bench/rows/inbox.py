"""The inbox: until an activity is on disk and answered, and until it is applied."""

import csv
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from tests.bench.rows.measuring import Measure, Row
from tests.bench.rows.running import BENCH, Bench, Json, ToolFailed, ask, cpu_of, drained, floor, serving, tool
from tests.processes import free_port
from tests.servers import Server

ACTORS, THINGS = 150, 40
ACCEPTED = 6_000
APPLIED = 3_000
MIX = "reply=30,mention=20,follow=10,like=20,proposal=20"
EFFECTS = (
    "select (select count(*) from post p join actor a on a.id = p.author_id where not a.local) + "
    "(select count(*) from reaction) + (select count(*) from proposal where origin <> 'here') + "
    "(select count(*) from follow f join actor a on a.id = f.follower_id where not a.local)"
)
FOLLOW_THEM = (
    "insert into follow (id, uri, follower_id, followed_id, state, signed_at, created_at) "
    "select a.id + 1, a.uri || '#followed', us.id, a.id, 'accepted', 0, 0 from actor a, actor us "
    "where not a.local and us.name = 'association' and us.local "
    "and not exists (select 1 from follow f where f.follower_id = us.id and f.followed_id = a.id) returning 1"
)


@contextmanager
def accepted(bench: Bench, engine: str) -> Iterator[Sequence[Row]]:
    """Signed POST -> verified, on disk, 202. The worker is held back: what comes is kept, and applied by nobody."""
    town = bench.town("inbox", engine=engine, settings={"FEDISHARE_WORKER": "off"})
    count = bench.count(ACCEPTED)

    def measure() -> float:
        return per_core_second(f"{town.base_url}/inbox", town_pid, count)

    with serving(town) as town_pid, floor_inbox(bench, count, "inbox") as least:
        yield [
            Row(
                job="inbox: verified, on disk, 202",
                engine=engine,
                unit="activities per core-second",
                must=0.45,
                aim=0.60,
                measure=measure,
                floor=least,
            )
        ]


@contextmanager
def applied(bench: Bench, engine: str) -> Iterator[Sequence[Row]]:
    """All the way: what counts is what left a row that people see, not what was taken from a queue."""
    town = bench.town("applied", engine=engine)
    things = things_of(town, bench)
    count = bench.count(APPLIED)

    def measure() -> float:
        effects, cpu = all_the_way(town, things, count, MIX)
        print(
            f"  applied: {effects} of {count} had an effect; {ask(town, 'select count(*) from notification')} notices"
        )
        return effects / cpu

    with serving(town), floor_inbox(bench, count, "applied") as least:
        yield [
            Row(
                job="inbox, all the way",
                engine=engine,
                unit="effects per core-second",
                must=0.25,
                aim=0.35,
                measure=measure,
                floor=least,
            )
        ]


@contextmanager
def floor_inbox(bench: Bench, count: int, name: str) -> Iterator[Measure]:
    """The same activities, to a program that keeps them and does nothing else."""
    folder = bench.folder / f"floor-{name}"
    folder.mkdir(exist_ok=True)
    with floor("floor_inbox.py", folder, "--unique", "--database", str(folder / "inbox.db")) as (base, pid):
        yield lambda: per_core_second(f"{base}/inbox", pid, count)


def per_core_second(inbox: str, pid: int, count: int) -> float:
    """Raises ToolFailed when any was not accepted."""
    said = tool("load_inbox.py", "--inbox", inbox, "--server-pid", str(pid), *_load(count), "--mix", MIX)
    if said["accepted"] != count:
        raise ToolFailed(f"{inbox}: {said['statuses']}")
    return float(said["figure"])


def all_the_way(
    town: Server, things: Sequence[str], count: int, mix: str, *, when_known: Callable[[], None] = lambda: None
) -> tuple[int, float]:
    """How many of `count` activities had an effect, and the seconds of processor that all of them took.

    `when_known` is called when the server has met their actors, and nothing is under way.
    """
    before = ask(town, EFFECTS)
    command = [sys.executable, str(BENCH / "load_inbox.py"), "--inbox", f"{town.base_url}/inbox", *_load(count)]
    command += ["--target-actor", f"{town.base_url}/users/association", "--target-object", *things, "--mix", mix]
    assert town.process is not None
    command += ["--server-pid", str(town.process.process.pid), "--warm-with", "mention", "--wait-for-go"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as load:
        assert load.stdin is not None
        assert load.stdout is not None
        if load.stdout.readline() != "warm\n":
            raise ToolFailed("nobody could be made known")
        drained(town)
        # Proposals of strangers are not kept: we follow who offers something.
        ask(town, FOLLOW_THEM)
        when_known()
        load.stdin.write("go\n")
        load.stdin.flush()
        said: Json = json.loads(load.stdout.readline())
        if said["accepted"] != count:
            raise ToolFailed(f"{said['statuses']}")
        drained(town)
    cpu = said["cpu_s"] + cpu_of(town) - said["server_cpu_end_s"]
    # Who was made known has said one thing, which is not counted.
    return ask(town, EFFECTS) - before - ACTORS, cpu


def _load(count: int) -> list[str]:
    return ["--count", str(count), "--actors", str(ACTORS), "--port", str(free_port()), "--connections", "32"]


def things_of(town: Server, bench: Bench) -> list[str]:
    """Offers of ours, for others to like and to answer."""
    path = bench.folder / "things.csv"
    with path.open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["purpose", "action", "title", "text", "place"])
        lines.writerows(["offer", "use", f"Chose numéro {n}", "Une chose.", "Lille"] for n in range(THINGS))
    town.cli("proposal", "import", str(path), "--as", "association")
    return [row["id"] for row in town.rows("proposal", "list", "--origin", "here")]
