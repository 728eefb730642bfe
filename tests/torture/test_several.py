"""Two servers and three workers on one PostgreSQL, each killed in turn under load: nothing lost, nothing twice.

In: neighbours send answers and likes at both servers until they are taken, some of them again; each must have its
effect, once. Out: what the association offers meanwhile must reach each neighbour, under one id. Leases are made short
in the short form: those of a dead worker run out after a minute, and nobody waits that long with all tests.
"""

import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from tests.figures import Figure
from tests.processes import eventually
from tests.torture import WHOLE
from tests.torture.household import Change, Household
from tests.torture.neighbours import Neighbours
from tests.visitor import Visitor

pytestmark = [pytest.mark.real, pytest.mark.timeout(1_200)]
KILLS = 60 if WHOLE else 5
RATE = 40.0
A_KILL_S = 2.0
THINGS = 8
OFFERS = 3
NEIGHBOURS = 10
SEED = 5
INBOX, OUTBOX = "fedishare/federation/inbox/loop.py", "fedishare/federation/outbox/loop.py"
SHORT_LEASES: tuple[Change, ...] = (
    (INBOX, "\nLEASE = 60 * SECOND", "\nLEASE = 6 * SECOND"),
    (INBOX, "\nLEAST_LEFT = 20 * SECOND", "\nLEAST_LEFT = 2 * SECOND"),
    (OUTBOX, "\nLEASE = 60 * SECOND", "\nLEASE = 6 * SECOND"),
    (OUTBOX, "\nLEAST_LEFT = 15 * SECOND", "\nLEAST_LEFT = 2 * SECOND"),
)
REST_S = 180.0 if WHOLE else 45.0
EFFECTS = """
select replace(post.uri, '/statuses/', '/activities/') as uri from post
  join actor on actor.id = post.author_id where not actor.local
union all select uri from reaction where kind = 'like'
union all select uri from (
  select uri, row_number() over (partition by uri) as nth from activity_in where state = 'applied'
) as told where nth > 1
"""


class Broken(NamedTuple):
    """Promises that were not kept."""

    lost: list[str]
    twice: list[str]
    unsent: list[tuple[str, str]]
    under_two_ids: list[str]

    @property
    def count(self) -> int:
        return sum(map(len, self))


def promises(house: Household, neighbours: Neighbours, offers: Sequence[str]) -> Broken:
    """Which of all that was promised is not so. Both sides at rest."""
    effects = Counter(row["uri"] for row in house.ask(EFFECTS))
    acked = set(neighbours.seen.acked)
    told = defaultdict(set)
    for name, uri in neighbours.seen.arrived:
        made = neighbours.seen.delivered[uri]
        if made["type"] == "Create":
            told[name, made["object"]["id"].rpartition("/")[2]].add(uri)
    good = [f"{address}:{neighbours.port}" for address in neighbours.addresses if address not in neighbours.bad]
    return Broken(
        lost=sorted(acked - set(effects)),
        twice=sorted(uri for uri, times in effects.items() if times > 1),
        unsent=[(name, offer) for name in good for offer in offers if not told[name, offer]],
        under_two_ids=[offer for (_, offer), uris in told.items() if len(uris) > 1],
    )


def under_blows(
    house: Household,
    neighbours: Neighbours,
    folder: Path,
    *,
    blows: int,
    each_s: float,
    strike: Callable[[int], None],
) -> list[str]:
    """Load from both sides while `strike` is called again and again. The numbers of the offers that were promised."""
    things = house.things(folder, THINGS)
    neighbours.follow(house.doors[0], house.nadia)
    house.rest(seconds=30)
    member = house.member()
    sending = neighbours.send(int(blows * each_s * RATE), doors=house.doors, things=things, rate=RATE)
    offers: list[str] = []
    for blow in range(blows):
        begun = time.monotonic()
        strike(blow)
        offers += [published(member, f"Sous les coups {blow}-{number}") for number in range(OFFERS)]
        time.sleep(max(0.0, each_s - (time.monotonic() - begun)))
    sending.result(600)
    return offers


def published(member: Visitor, title: str) -> str:
    """She sends the same form until she sees what she offers. Its number."""

    blank = eventually(lambda: form_of(member), seconds=60, what="she has a form", every=0.3)

    def seen() -> str:
        member.page = blank
        with suppress(httpx.TransportError, AssertionError):
            member.send(to="/new", values={"title": title, "text": "Pendant que tout tombe.", "place": "Lille"})
            return str(member.page.url).rpartition("/")[2]
        return ""

    return eventually(seen, seconds=60, what=f"she has published {title}", every=0.3)


def form_of(member: Visitor) -> httpx.Response | None:
    with suppress(httpx.TransportError, AssertionError):
        return member.go("/new")
    return None


def struck_in_turn(
    folder: Path, url: str, *, changes: Sequence[Change], kills: int, rest_s: float
) -> tuple[Broken, Neighbours]:
    rng = random.Random(SEED)
    with ExitStack() as ends:
        neighbours = ends.enter_context(Neighbours(NEIGHBOURS, network="127.0.51", seed=SEED))
        house = ends.enter_context(Household(folder, url, changes=changes))

        def strike(blow: int) -> None:
            name = house.names[blow % len(house.names)]
            time.sleep(rng.uniform(0.0, 0.5))
            house.kill(name)
            time.sleep(rng.uniform(0.0, 0.3))
            house.start(name)

        offers = under_blows(house, neighbours, folder, blows=kills, each_s=A_KILL_S, strike=strike)
        assert house.running() == house.names
        house.rest(seconds=rest_s)
        return promises(house, neighbours, offers), neighbours


def test_five_processes_killed_in_turn_lose_nothing_and_do_nothing_twice(
    tmp_path: Path, cluster, figure: Figure
) -> None:
    changes = () if WHOLE else SHORT_LEASES
    broken, neighbours = struck_in_turn(tmp_path, cluster.create(), changes=changes, kills=KILLS, rest_s=REST_S)

    seen = neighbours.seen
    figure("processes killed", KILLS, "")
    figure("activities in, acknowledged", len(set(seen.acked)), "")
    figure("of them lost", len(broken.lost), "", at_most=0)
    figure("of them applied twice", len(broken.twice), "", at_most=0)
    figure("deliveries that arrived", len(seen.arrived), "")
    figure("deliveries lost", len(broken.unsent), "", at_most=0)
    figure("offers told under two ids", len(broken.under_two_ids), "", at_most=0)
    figure("deliveries sent again under the same id", sum(seen.arrived.values()) - len(seen.arrived), "")
    assert seen.given_up == []
    assert len(set(seen.acked)) >= KILLS * A_KILL_S * RATE


def test_leases_that_never_run_out_are_found_to_lose(tmp_path: Path, cluster) -> None:
    taken = "await self._db.work(store.lease_fresh, now=now, until=until, size=BATCH)\n"
    never = (
        # Held for a second, so that it is certain that some of the five die with leases in their hands.
        (INBOX, taken, f"{taken}        await asyncio.sleep(1)\n"),
        (INBOX, "\nLEASE = 60 * SECOND", "\nLEASE = 900 * DAY"),
        (OUTBOX, "\nLEASE = 60 * SECOND", "\nLEASE = 900 * DAY"),
    )
    with pytest.raises(AssertionError, match="nothing waits"):
        struck_in_turn(tmp_path, cluster.create(), changes=never, kills=5, rest_s=15)


def test_a_house_without_the_dedup_row_is_found_to_double(tmp_path: Path, cluster) -> None:
    forgetful = (
        "fedishare/federation/inbox/store.py",
        "",
        "\n\nasync def count_once(*_: object, **__: object) -> bool:\n    return True\n",
    )
    broken, _ = struck_in_turn(tmp_path, cluster.create(), changes=(*SHORT_LEASES, forgetful), kills=1, rest_s=45)

    assert broken.twice
