"""What one step costs while the rest grows: processor time of ours and of the database, medians, drawn as SVG.

    python -m tests.bench.size.curves --largest 100000

Fails when a step grows faster than its work: nothing depends on how much is stored or waits, and what is said to all
followers on how many servers they are of. Each step is undone, so that the size stays what it was.
"""

import argparse
import asyncio
import json
import math
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from fedishare.features.proposals import operations
from fedishare.federation.inbox import store as inbox
from fedishare.federation.inbox.store import Arrived
from fedishare.federation.outbox import turns
from fedishare.federation.outbox.send import send
from fedishare.foundation.db.access import Tx
from fedishare.foundation.db.migrations import migrate
from fedishare.foundation.db.queries import Query
from fedishare.foundation.values.clock import MINUTE, later
from tests.bench.measured import process_tree
from tests.bench.size import world
from tests.bench.size.drawing import Curve, svg
from tests.engines import Cluster
from tests.features.town import Town, town
from tests.processes import ROOT

TIMES = 15
FROM = 1_000
"""The slope is taken from here on: below, all of it is in memory and the fixed cost is the whole."""
STEEP = 0.25
"""Of a cost that must not depend on the size; that of telling followers may grow by 1 and this."""
_CIRCLE = "select id from circle where kind = 'followers' and owner_id = :owner"
CIRCLE = Query("circle_of_followers", {"sqlite": _CIRCLE, "postgres": _CIRCLE}, [], {})
Step = Callable[[Town], Awaitable[object]]


class Undone(Exception):
    """The step was taken; nothing of it is kept."""


async def _undone(at: Town, operation: Callable[..., Awaitable[Any]], *given: Any, **named: Any) -> None:
    async def then_undo(tx: Tx) -> None:
        await operation(tx, *given, **named)
        raise Undone

    with suppress(Undone):
        await at.db.work(then_undo)


async def tell_all(at: Town) -> None:
    note = {"type": "Note", "id": f"{at.here.base_url}/n/1", "content": "Bonjour"}
    said = {"type": "Create", "actor": at.remise.uri, "object": note, "to": [f"{at.remise.uri}/followers"]}
    await _undone(at, send, said, by=at.remise, here=at.here, now=at.now)


async def list_page(at: Town) -> None:
    assert (await at.asks("/search", accept="text/html")).status_code == 200


async def publish(at: Town) -> None:
    draft, owner = at.draft(), at.nadia
    await _undone(at, operations.publish, draft, owner=owner, author_id=owner.id, here=at.here, now=at.now)


async def lease_inbox(at: Town) -> None:
    await _undone(at, inbox.lease_fresh, now=at.now, until=later(at.now, MINUTE), size=20)


async def keep_arrived(at: Town) -> None:
    one = Arrived(
        id=at.here.ids.new(at.now),
        uri="https://elsewhere.example/a/1",
        type="Like",
        actor_uri="https://elsewhere.example/users/u",
        signer_uri="https://elsewhere.example/users/u",
        origin="https://elsewhere.example",
        body=b"{}",
        digest="sha-256=1",
        signed_at=at.now,
        received_at=at.now,
    )
    await _undone(at, inbox.keep_all, [one])


async def lease_deliveries(at: Town) -> None:
    await _undone(at, turns.lease, now=at.now, until=later(at.now, MINUTE), hosts=8, doubtful=8)


STEPS: Mapping[str, Mapping[str, tuple[Step, float]]] = {
    "followers": {"tell all of them": (tell_all, 1.0), "publish": (publish, 1.0)},
    "proposals": {"a page of the list": (list_page, 0.0), "publish": (publish, 0.0)},
    "inbox": {"lease": (lease_inbox, 0.0), "keep one more": (keep_arrived, 0.0)},
    "deliveries": {"lease": (lease_deliveries, 0.0)},
}
"""Of each kind that grows: what is done beside it, and the slope that its work explains."""
MOST = {"followers": 100_000}


def slope(curve: Curve) -> float:
    """How steep it is from a thousand on, both sides logarithmic: 1 is as fast as the size."""
    points = [(math.log(size), math.log(cost)) for size, cost in curve if size >= FROM]
    return statistics.linear_regression(*zip(*points, strict=True)).slope if len(points) > 1 else 0.0


async def curves_of(
    url: str, kind: str, largest: int, processor: Callable[[], float]
) -> dict[str, list[tuple[int, float]]]:
    await migrate(url, say=lambda text, values: None)
    found: dict[str, list[tuple[int, float]]] = {name: [] for name in STEPS[kind]}
    async with town(url) as at:
        followers = await at.db.read(_circle_of, at.remise.id)
        former = 0
        for size in [0, *(10**power for power in range(1, 7) if 10**power <= min(largest, MOST.get(kind, largest)))]:
            await world.grow(url, kind, former, size, remise=at.remise.id, followers=followers)
            former = size
            for name, (step, _) in STEPS[kind].items():
                found[name].append((size, await _cost(at, step, processor)))
    return found


async def _circle_of(read: Any, owner: int) -> int:
    return int(await read.value(CIRCLE, owner=owner) or 4)


async def _cost(at: Town, step: Step, processor: Callable[[], float]) -> float:
    """Milliseconds, the median of several; fewer where one takes long."""
    await step(at)
    costs: list[float] = []
    begun = time.monotonic()
    while len(costs) < 3 or (len(costs) < TIMES and time.monotonic() - begun < 3):
        before = processor()
        await step(at)
        costs.append((processor() - before) * 1000)
    return statistics.median(costs)


def with_postgres(cluster: Cluster) -> Callable[[], float]:
    """Seconds of this process and of the database server's."""
    postmaster = int((cluster.data / "postmaster.pid").read_text().split()[0])

    def processor() -> float:
        theirs = 0
        for pid in process_tree(postmaster):
            with suppress(OSError):
                theirs += int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])
        return time.process_time() + theirs / 1e9

    return processor


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--largest", type=int, default=1_000_000, help="as many at most (1,000,000; followers 100,000)")
    parser.add_argument("--only", default=",".join(STEPS), help="some of the kinds, with commas")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "figures", help="where the pictures are written")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    steep = 0
    with tempfile.TemporaryDirectory(prefix="fedishare-size-") as folder:
        (Path(folder) / "postgres").mkdir()
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder) / "postgres")
        try:
            cluster.start()
            for kind in options.only.split(","):
                drawn: dict[str, Curve] = {}
                for engine in ("sqlite", "postgres"):
                    url = f"sqlite://{folder}/{kind}.db" if engine == "sqlite" else cluster.create()
                    processor = time.process_time if engine == "sqlite" else with_postgres(cluster)
                    for name, curve in asyncio.run(curves_of(url, kind, options.largest, processor)).items():
                        drawn[f"{name}, {engine}"] = curve
                        over = slope(curve) > STEPS[kind][name][1] + STEEP
                        steep += over
                        costs = " ".join(f"{cost:.2f}" for _, cost in curve)
                        print(
                            f"{kind}: {name}, {engine}: {slope(curve):+.2f}{' STEEP' if over else ''}: {costs}",
                            flush=True,
                        )
                (options.out / f"{kind}.svg").write_text(svg(kind, drawn))
                (options.out / f"{kind}.json").write_text(json.dumps(drawn, indent=1) + "\n")
        finally:
            cluster.stop()
    return 1 if steep else 0


if __name__ == "__main__":
    sys.exit(main())
