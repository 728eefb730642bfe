"""R15, as far as twenty minutes show it: memory, descriptors, the write-ahead log and the time of a page stay flat.

Mixed pages, activities in, offers out to neighbours of whom a fifth answer with errors, and one restart. What counts
begins when the second run has warmed up. The short form can only find what leaks at each request.
"""

import os
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from tests.figures import Figure
from tests.servers import Server
from tests.torture import WHOLE
from tests.torture.household import Change, changed_copy
from tests.torture.neighbours import Door, Neighbours
from tests.torture.test_several import form_of, published
from tests.visitor import Visitor

pytestmark = [pytest.mark.real, pytest.mark.timeout(2_400)]
SECONDS = float(os.environ.get("FEDISHARE_SOAK_SECONDS") or (1_200 if WHOLE else 24))
RESTART_AT, WARM_AT = 0.25, 0.5
INBOUND, PAGES, BAD = 10.0, 10.0, 0.2
NEIGHBOURS = 10
EACH_OFFER_S = 2.0
MOST_MB, MOST_SHARE_AN_HOUR, UNCERTAIN_MB = 40.0, 0.05, 4.0
"""What the allocator takes and gives back from one look to the next says nothing about an hour."""
DESCRIPTORS, WAL_MB, SLOWER = 10, 64.0, 1.5


class Look(NamedTuple):
    """One look at the process."""

    at: float
    memory_mb: float
    descriptors: int
    wal_mb: float


class Soaked(NamedTuple):
    """What changed from the beginning of the window that counts to its end."""

    grown_mb: float
    an_hour: float
    descriptors: int
    wal_mb: float
    slower: float

    @property
    def leaks(self) -> list[str]:
        found = []
        if self.grown_mb > MOST_MB or (self.grown_mb > UNCERTAIN_MB and self.an_hour > MOST_SHARE_AN_HOUR):
            found.append(f"memory: {self.grown_mb:.1f} MB more")
        if abs(self.descriptors) > DESCRIPTORS:
            found.append(f"descriptors: {self.descriptors} more")
        if self.wal_mb > WAL_MB:
            found.append(f"write-ahead log: {self.wal_mb:.1f} MB")
        return found


class Visits(threading.Thread):
    """Somebody who goes from page to page."""

    def __init__(self, base: str, pages: Sequence[str]) -> None:
        super().__init__(daemon=True)
        self._base, self._pages = base, pages
        self.over = threading.Event()
        self.took: list[tuple[float, float]] = []
        self.failed = 0

    def run(self) -> None:
        with httpx.Client(trust_env=False, timeout=30, headers={"Accept": "text/html"}) as client:
            number = 0
            while not self.over.wait(1 / PAGES):
                number += 1
                begun = time.monotonic()
                with suppress(httpx.TransportError):  # the restart
                    answer = client.get(self._base + self._pages[number % len(self._pages)])
                    self.failed += answer.status_code >= 500
                    self.took.append((begun, time.monotonic() - begun))


def look(server: Server) -> Look:
    assert server.process is not None
    of = Path(f"/proc/{server.process.process.pid}")
    (line,) = [line for line in (of / "status").read_text().splitlines() if line.startswith("VmRSS")]
    wal = server.data / "fedishare.db-wal"
    return Look(
        at=time.monotonic(),
        memory_mb=int(line.split()[1]) / 1024,
        descriptors=len(list((of / "fd").iterdir())),
        wal_mb=wal.stat().st_size / 1e6 if wal.exists() else 0.0,
    )


def judged(looks: Sequence[Look], took: Sequence[tuple[float, float]]) -> Soaked:
    """The first third of the looks against the last."""
    third = max(1, len(looks) // 3)
    first, last = looks[:third], looks[-third:]
    between = statistics.fmean(one.at for one in last) - statistics.fmean(one.at for one in first)
    before = statistics.median(one.memory_mb for one in first)
    grown = statistics.median(one.memory_mb for one in last) - before
    return Soaked(
        grown_mb=grown,
        an_hour=grown / before * 3600 / max(between, 1.0),
        descriptors=round(
            statistics.median(one.descriptors for one in last) - statistics.median(one.descriptors for one in first)
        ),
        wal_mb=max(one.wal_mb for one in looks),
        slower=_p95(took, since=last[0].at, until=last[-1].at) / _p95(took, since=first[0].at, until=first[-1].at),
    )


def _p95(took: Sequence[tuple[float, float]], *, since: float, until: float) -> float:
    chosen = sorted(s for at, s in took if since <= at <= until) or [1.0]
    return chosen[int(len(chosen) * 0.95) if len(chosen) > 1 else 0]


def soak(town: Server, folder: Path, *, seconds: float) -> Iterator[str | Soaked]:
    """Load for so long; says what it is at, and in the end what was found."""
    table = folder / "things.csv"
    lines = [f"offer,use,Chose {number},Une chose.,Lille" for number in range(20)]
    table.write_text("\n".join(["purpose,action,title,text,place", *lines]) + "\n")
    town.cli("proposal", "import", str(table), "--as", "association")
    things = [row["id"] for row in town.rows("proposal", "list", "--origin", "here")]
    pages = ["/", "/search", "/about", *(f"/@association/{thing.rpartition('/')[2]}" for thing in things)]
    with ExitStack() as ends:
        neighbours = ends.enter_context(Neighbours(NEIGHBOURS, network="127.0.55", bad=BAD))
        town.start()
        ends.callback(town.kill)
        door = Door(port=int(town.listen.rpartition(":")[2]), host=town.listen)
        neighbours.follow(door, f"{town.base_url}/users/nadia")
        visits = Visits(town.base_url, pages)
        ends.callback(visits.over.set)
        visits.start()
        sending = neighbours.send(int(seconds * INBOUND), doors=[door], things=things, rate=INBOUND)
        member = Visitor(town.base_url).sign_in()
        begun, restarted, looks = time.monotonic(), False, list[Look]()
        while (spent := time.monotonic() - begun) < seconds:
            published(member, f"Une offre {spent:.0f}")
            if not restarted and spent > seconds * RESTART_AT:
                assert town.stop() == 0
                town.start()
                restarted = form_of(member) is not None
                yield "started again"
            if spent > seconds * WARM_AT:
                looks.append(look(town))
            time.sleep(EACH_OFFER_S)
        sending.result(120)
        visits.over.set()
        visits.join(35)
        assert (visits.failed, neighbours.seen.given_up) == (0, [])
        yield judged(looks, visits.took)


def soaked(folder: Path, *, seconds: float, database_url: str | None = None, changes: Sequence[Change] = ()) -> Soaked:
    settings = {"FEDISHARE_LIMITS": "off"} | changed_copy(folder / "copy", changes)
    town = Server(folder / "town", database_url=database_url, settings=settings).init("La Remise")
    (found,) = [one for one in soak(town, folder, seconds=seconds) if isinstance(one, Soaked)]
    return found


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_nothing_grows_that_should_not(
    engine: str, tmp_path: Path, request: pytest.FixtureRequest, figure: Figure
) -> None:
    url = request.getfixturevalue("cluster").create() if engine == "postgres" else None
    found = soaked(tmp_path, seconds=SECONDS, database_url=url)

    figure("soaked for", SECONDS, "s")
    figure("memory more, second half", found.grown_mb, "MB", at_most=MOST_MB)
    figure("descriptors more", found.descriptors, "", at_most=DESCRIPTORS if WHOLE else None)
    figure("write-ahead log at most", found.wal_mb, "MB", at_most=WAL_MB)
    figure("pages, p95 at the end", found.slower, "times", at_most=SLOWER if WHOLE else None)
    assert not WHOLE or found.leaks == []


LEAK = """

_forgotten: list[object] = []
_carefully = keep_all


async def keep_all(tx: Tx, arrived: Sequence[Arrived]) -> None:
    _forgotten.extend((bytearray(600_000), open("/dev/null")) for _ in arrived)
    await _carefully(tx, arrived)
"""


def test_a_server_that_leaks_at_each_activity_is_found_out(tmp_path: Path) -> None:
    found = soaked(tmp_path, seconds=24, changes=[("fedishare/federation/inbox/store.py", "", LEAK)])

    assert [leak.partition(":")[0] for leak in found.leaks] == ["memory", "descriptors"]
