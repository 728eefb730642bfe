"""R18: a PostgreSQL that cuts connections, dies, has no time or no room, under load; and one that passes on no hints.

The same promises as when processes are killed (`test_several`). In between, whoever asks gets an answer or is told to
come back; no process ends of it, and nobody has to start anything again.
"""

import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.engines import Cluster
from tests.figures import Figure
from tests.processes import eventually
from tests.torture.household import Household
from tests.torture.neighbours import Neighbours
from tests.torture.test_several import NEIGHBOURS, OUTBOX, SHORT_LEASES, WHOLE, promises, published, under_blows

pytestmark = [pytest.mark.real, pytest.mark.timeout(1_800)]
BLOWS = 80 if WHOLE else 8
EACH_S = 2.0
REST_S = 150.0
USER = "remise"
WAKES = "fedishare/foundation/db/postgres_wakes.py"
ALL_CUT = f"select pg_terminate_backend(pid) from pg_stat_activity where usename = '{USER}'"


@pytest.fixture
def postgres() -> Iterator[Cluster]:
    """One of our own, which may be hurt."""
    with tempfile.TemporaryDirectory(prefix="fedishare-pg-") as folder:
        started = Cluster(Path(folder))
        try:
            started.start()
            yield started
        finally:
            started.stop()


def of_its_own(postgres: Cluster) -> str:
    """A database whose owner is nobody special: limits hold for them."""
    url = postgres.create()
    name = url.partition("?")[0].rpartition("/")[2]
    postgres.ask(f"create role {USER} login")
    postgres.ask(f"alter database {name} owner to {USER}")
    return url.replace("postgres@", f"{USER}@")


class Blows:
    """What can happen to a database server, in turn."""

    def __init__(self, postgres: Cluster) -> None:
        self._postgres = postgres
        self._kinds = (self.cut, self.cut, self.dies, self.hurries, self.is_full)

    def strike(self, blow: int) -> None:
        self._kinds[blow % len(self._kinds)]()

    def cut(self) -> None:
        self._postgres.ask(ALL_CUT)

    def dies(self) -> None:
        """As by SIGKILL: it recovers from its log (`pg_ctl stop -m immediate`)."""
        self._postgres.stop()
        self._postgres.launch()

    def hurries(self) -> None:
        self._postgres.ask(f"alter role {USER} set statement_timeout = '1ms'")
        self.cut()
        time.sleep(1)
        self._postgres.ask(f"alter role {USER} reset statement_timeout")
        self.cut()

    def is_full(self) -> None:
        """Three connections for five processes that would take sixty."""
        self._postgres.ask(f"alter role {USER} connection limit 3")
        self.cut()
        time.sleep(1)
        self._postgres.ask(f"alter role {USER} connection limit -1")


class Reader(threading.Thread):
    """Somebody who looks at the first page again and again."""

    def __init__(self, house: Household) -> None:
        super().__init__(daemon=True)
        self._house = house
        self.statuses: Counter[int | str] = Counter()
        self.unexplained = 0
        self.over = threading.Event()

    def run(self) -> None:
        with httpx.Client(trust_env=False, timeout=30) as client:
            number = 0
            while not self.over.wait(0.1):
                number += 1
                near = self._house.servers[number % len(self._house.servers)].near_url
                headers = {"Host": self._house.doors[0].host, "Accept": "text/html"}
                try:
                    answer = client.get(f"{near}/search?q={number}", headers=headers)
                except httpx.TransportError as trouble:
                    self.statuses[type(trouble).__name__] += 1
                    continue
                self.statuses[answer.status_code] += 1
                self.unexplained += answer.status_code == 503 and "retry-after" not in answer.headers


def test_a_postgresql_that_is_hurt_again_and_again_costs_nothing_but_time(
    tmp_path: Path, postgres: Cluster, figure: Figure
) -> None:
    changes = () if WHOLE else SHORT_LEASES
    with ExitStack() as ends:
        neighbours = ends.enter_context(Neighbours(NEIGHBOURS, network="127.0.52"))
        house = ends.enter_context(Household(tmp_path, of_its_own(postgres), changes=changes))
        reader = Reader(house)
        ends.callback(reader.over.set)
        reader.start()

        blows = Blows(postgres)
        offers = under_blows(house, neighbours, tmp_path, blows=BLOWS, each_s=EACH_S, strike=blows.strike)
        begun = time.monotonic()
        eventually(lambda: all(server.is_ready() for server in house.servers), seconds=20, what="both are ready again")
        healed_s = time.monotonic() - begun
        house.rest(seconds=REST_S)
        broken = promises(house, neighbours, offers)
        assert house.running() == house.names, "none of them ended"
        traces = sum("Traceback" in path.read_text() for path in tmp_path.rglob("*.log"))

    seen = neighbours.seen
    figure("times that the database was hurt", BLOWS, "")
    figure("activities in, acknowledged", len(set(seen.acked)), "")
    figure("of them lost", len(broken.lost), "", at_most=0)
    figure("of them applied twice", len(broken.twice), "", at_most=0)
    figure("deliveries lost", len(broken.unsent), "", at_most=0)
    figure("offers told under two ids", len(broken.under_two_ids), "", at_most=0)
    figure("readers told to come back", reader.statuses[503], "")
    figure("ready again after the last blow", healed_s, "s", at_most=20)
    assert set(reader.statuses) <= {200, 503}, reader.statuses
    assert set(seen.statuses) <= {202, 503}, seen.statuses
    assert (reader.unexplained, seen.unexplained) == (0, 0), "503 says when to come back"
    assert not traces, "trouble of the database is a line in the log, never a traceback"


DEAF = """
create schema silence; grant usage on schema silence to public;
create function silence.pg_notify(text, text) returns void language sql as 'select';
"""


def test_hints_that_never_arrive_cost_a_second_and_no_work(tmp_path: Path, cluster, figure: Figure) -> None:
    with ExitStack() as ends:
        neighbours = ends.enter_context(Neighbours(3, network="127.0.53"))
        house = ends.enter_context(Household(tmp_path, without_hints(cluster), servers=1, workers=1))
        offer_s = told_after(house, neighbours, tmp_path)

    figure("offer to the last of three neighbours, without a hint", offer_s, "s", at_most=10)


def test_a_worker_that_waits_for_hints_is_found_out(tmp_path: Path, cluster) -> None:
    # Everybody is also woken now and then in any case, which would help it out now and then.
    waits = ((OUTBOX, "\nIDLE_S = 1.0", "\nIDLE_S = 600.0"), (WAKES, "\nLOOK_S = 15.0", "\nLOOK_S = 600.0"))
    with ExitStack() as ends:
        neighbours = ends.enter_context(Neighbours(3, network="127.0.54"))
        house = ends.enter_context(Household(tmp_path, without_hints(cluster), servers=1, workers=1, changes=waits))
        with pytest.raises(AssertionError, match=r"nothing waits|neighbour"):
            told_after(house, neighbours, tmp_path)


def without_hints(cluster: Cluster) -> str:
    """A database in which `pg_notify` is another function, which does nothing."""
    url = cluster.create()
    name = url.partition("?")[0].rpartition("/")[2]
    cluster.ask(f"alter database {name} set search_path = public, silence, pg_catalog")
    for statement in DEAF.strip().split(";")[:-1]:
        cluster.ask_in(url, statement)
    return url


def told_after(house: Household, neighbours: Neighbours, folder: Path) -> float:
    """Seconds until each neighbour has an offer."""
    neighbours.follow(house.doors[0], house.nadia)
    house.rest(seconds=12)
    member = house.member()
    published(member, "Sans un mot")
    begun = time.monotonic()

    def told() -> bool:
        kinds = [neighbours.seen.delivered[uri]["type"] for _, uri in neighbours.seen.arrived]
        return kinds.count("Create") == len(neighbours.addresses)

    eventually(told, seconds=12, what="each neighbour has it")
    return time.monotonic() - begun
