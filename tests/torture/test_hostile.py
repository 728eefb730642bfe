"""An hour with a hostile server, in a minute: good traffic must not notice.

The short form runs with all tests, beside other work: its times say nothing and are only printed. The whole minute runs
alone, with `make torture` (FEDISHARE_TORTURE=on), and is held to all of it.
"""

import sys
from pathlib import Path

import pytest

from tests.figures import Figure
from tests.processes import Program, eventually, free_port
from tests.servers import Server
from tests.torture import WHOLE, calm

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]
TURNS = 5 if WHOLE else 1
SECONDS = 12.0 if WHOLE else 8.0
TIMES_SLOWER = 1.3
RATE = 60.0  # requests a second: one a second for an hour
MOST_MB = 160.0
FAULTS = 24 if WHOLE else 12


def test_good_traffic_does_not_notice_a_hostile_server(tmp_path: Path, figure: Figure) -> None:
    town = Server(tmp_path / "town").init("La Remise")
    offers = [offer(town, f"Échelle {number}") for number in range(5)]
    with town:
        assert town.process is not None
        pages = ["/", "/search", *(f"/@association/{offer.rpartition('/')[2]}" for offer in offers)]
        held = calm.Server(base=town.base_url, pid=town.process.process.pid, pages=pages, objects=offers)
        verdict = calm.held_to(held, turns=TURNS, seconds=SECONDS, rate=RATE)

    assert_attacked(verdict, faults=FAULTS)
    assert calm.refused(verdict.beside) == {}, "nobody who means well was turned away"
    figure("activities of others, p95 alone", calm.p95_ms(verdict.calm, "posts"), "ms")
    figure("pages, p95 alone", calm.p95_ms(verdict.calm, "visits"), "ms")
    figure("hostile requests", verdict.statuses.total(), "")
    figure("memory at most", verdict.most_mb, "MB", at_most=MOST_MB)
    figure("files left open", verdict.files_after - verdict.files_before, "", at_most=calm.LEEWAY)
    figure("pages, p95 beside it", verdict.slower("visits"), "times", at_most=TIMES_SLOWER if WHOLE else None)
    figure(
        "activities of others, p95 beside it", verdict.slower("posts"), "times", at_most=TIMES_SLOWER if WHOLE else None
    )


def test_a_careless_server_is_found_slow_fat_and_leaking(tmp_path: Path) -> None:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    program = Program(
        [sys.executable, str(calm.BENCH / "careless.py"), "--port", str(port)], log=tmp_path / "careless.log"
    )
    try:
        eventually(lambda: calm.answers(base), seconds=10, what=base)
        objects = [f"{base}/proposals/1"]
        careless = calm.Server(base=base, pid=program.process.pid, pages=["/"], objects=objects)
        verdict = calm.held_to(careless, turns=1, seconds=5, rate=10)
    finally:
        program.kill()

    assert_attacked(verdict, faults=3)
    assert calm.refused(verdict.calm) == {}, "alone it does well"
    assert calm.refused(verdict.beside) or verdict.slower("posts") > TIMES_SLOWER
    assert verdict.most_mb > MOST_MB
    assert verdict.files_after - verdict.files_before > calm.LEEWAY


def offer(town: Server, title: str) -> str:
    """The association offers something. Its id."""
    given = ("--as", "association", "--offer", "--action", "use", "--title", title, "--place", "Lille")
    return str(town.rows("proposal", "add", *given)[0]["id"])


def assert_attacked(verdict: calm.Verdict, *, faults: int) -> None:
    """The hostile server was let in far enough to do what it can."""
    met = set(verdict.drawn) - {"honest"}
    assert len(met) >= faults, f"only these were met: {sorted(met)}"
