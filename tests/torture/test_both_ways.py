"""kill -9 both ways at once, against a model: nothing acknowledged is lost, nothing has its effect twice (R1, R2).

The long form (`make torture`): 200 kills, 5,000 activities in, three times each and in disorder, and 5,000 offers out,
on each engine. The short form: a few of each, on SQLite. A server without one of its safeguards fails.
"""

import json
from pathlib import Path

import pytest

from tests.engines import on_each_engine
from tests.figures import Figure
from tests.servers import Server
from tests.torture import WHOLE
from tests.torture.both_ways import PEOPLE, SERVERS, BothWays, Load, Verdict
from tests.torture.peers import Peers

pytestmark = [pytest.mark.real, pytest.mark.timeout(3_600)]
LOAD = Load(kills=200, coming=5_000, going=5_000) if WHOLE else Load(kills=6, coming=250, going=60)
FEW = Load(kills=8, coming=300, going=40, settle_s=20)
"""Enough that a careless server is found out."""
engines = on_each_engine if WHOLE else pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
"""On PostgreSQL the leases of the dead run for a minute each: not in a form of seconds."""


def put_to_it(folder: Path, load: Load, *, database_url: str | None = None) -> Verdict:
    settings = {"FEDISHARE_LIMITS": "off", "FEDISHARE_LOG_LEVEL": "warning"}
    town = Server(folder / "town", settings=settings, database_url=database_url).init("La Remise")
    with Peers(folder, servers=SERVERS, people=PEOPLE) as peers:
        return BothWays(town, peers, folder, load).run()


@engines
def test_kills_lose_nothing_and_do_nothing_twice(empty_url: str, engine: str, tmp_path: Path, figure: Figure) -> None:
    verdict = put_to_it(tmp_path, LOAD, database_url=empty_url if engine == "postgres" else None)

    figure(f"kills ({engine})", verdict.kills, "")
    figure("activities in, each sent three times", LOAD.coming, "")
    figure("sendings acknowledged", verdict.acknowledged_in, "")
    figure("offers out, acknowledged", verdict.acknowledged_out, "")
    figure("deliveries owed", verdict.deliveries, "")
    figure("of them sent again under the same id", verdict.resent, "")
    assert verdict.settled, "both queues are empty: else what is under way would count as lost"
    figure("lost", len(verdict.lost), "", at_most=0)
    figure("twice, or there and should not", len(verdict.twice), "", at_most=0)
    figure("seconds", verdict.seconds, "s")
    assert verdict.good, told(verdict)
    assert (verdict.kills, verdict.acknowledged_out) == (LOAD.kills, LOAD.going)


@pytest.mark.parametrize("without", ["answers-early", "forgets-what-came", "keeps-leases"])
def test_a_server_without_a_safeguard_is_found_out(tmp_path: Path, without: str, figure: Figure) -> None:
    load = Load(
        kills=FEW.kills,
        coming=FEW.coming,
        going=FEW.going,
        settle_s=FEW.settle_s,
        start=("-m", "tests.torture.weakened", without, "serve"),
    )
    verdict = put_to_it(tmp_path, load)

    figure(f"{without}: lost", len(verdict.lost), "")
    figure(f"{without}: twice, or there and should not", len(verdict.twice), "")
    assert verdict.kills == FEW.kills
    assert not verdict.good
    match without:
        case "answers-early":
            assert verdict.lost, told(verdict)
        case "forgets-what-came":
            assert verdict.twice, told(verdict)
        case "keeps-leases":
            assert not verdict.settled, told(verdict)


def told(verdict: Verdict) -> str:
    few = {"lost": verdict.lost[:10], "twice": verdict.twice[:10], "refused": verdict.refused}
    return json.dumps({**few, "settled": verdict.settled}, indent=1)
