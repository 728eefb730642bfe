"""R20: one neighbour floods with 200 valid activities a second; quiet ones, one a second, must not notice."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.figures import Figure
from tests.servers import Server
from tests.torture import WHOLE
from tests.torture.neighbours import Door, Neighbours

pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]
SECONDS = 240 if WHOLE else 8
A_SECOND = 200
QUIET_P95_S = 5.0
NEWCOMERS_BURST, NEWCOMERS_A_SECOND = 300, 5
"""What a server first heard of within the hour may send (SECURITY 6.8)."""


def flooded(folder: Path, *, limits: str, database_url: str | None) -> tuple[Neighbours, Neighbours]:
    """The noisy one, and the quiet ones, after a flood of so many seconds."""
    town = Server(folder / "town", database_url=database_url, settings={"FEDISHARE_LIMITS": limits}).init("La Remise")
    given = ("--as", "association", "--offer", "--action", "use", "--title", "Échelle", "--place", "Lille")
    thing = str(town.rows("proposal", "add", *given)[0]["id"])
    with ExitStack() as ends:
        noisy = ends.enter_context(Neighbours(1, network="127.0.56"))
        quiet = ends.enter_context(Neighbours(SECONDS, network="127.0.57"))
        ends.enter_context(town)
        door = Door(port=int(town.listen.rpartition(":")[2]), host=town.listen)
        flood = noisy.flood(SECONDS * A_SECOND, door=door, thing=thing, rate=A_SECOND)
        quiet.ask(SECONDS, door=door, actor=f"{town.base_url}/users/nadia", rate=1.0).result(SECONDS + 120)
        flood.result(SECONDS + 120)
    return noisy, quiet


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_quiet_neighbours_are_answered_beside_a_flood(
    engine: str, tmp_path: Path, request: pytest.FixtureRequest, figure: Figure
) -> None:
    url = request.getfixturevalue("cluster").create() if engine == "postgres" else None
    noisy, quiet = flooded(tmp_path, limits="on", database_url=url)

    waits = sorted(quiet.seen.answered_s)
    figure("flooded with", SECONDS * A_SECOND, "")
    figure("taken of it", noisy.seen.statuses[202], "", at_most=NEWCOMERS_BURST + NEWCOMERS_A_SECOND * (SECONDS + 20))
    figure("answered with 429", noisy.seen.statuses[429], "")
    figure(
        "Follow to Accept beside it, p95", waits[int(len(waits) * 0.95)], "s", at_most=QUIET_P95_S if WHOLE else None
    )
    assert noisy.seen.statuses[429] > SECONDS * A_SECOND / 2
    assert noisy.seen.unexplained == 0, "429 says when to come back"
    assert set(quiet.seen.statuses) == {202}, "nobody quiet is refused"
    assert len(waits) == SECONDS


def test_without_limits_the_flood_is_let_in(tmp_path: Path) -> None:
    noisy, _ = flooded(tmp_path, limits="off", database_url=None)

    assert noisy.seen.statuses[429] == 0
    assert noisy.seen.statuses[202] > NEWCOMERS_BURST + NEWCOMERS_A_SECOND * (SECONDS + 20)
